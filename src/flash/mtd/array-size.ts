/**
 * How large is the array, if it is not specified? Beyond its end a chip's addresses start again at 0: what is read there is
 * what was read before. Only reads, unless consent is given to write where the chip is blank.
 *
 * For chips that speak as AT25 do, with three address bytes: 64 KiB to 16 MiB.
 */
import {
  addressed,
  answerOf,
  asking,
  outcomeOf,
  receivedAt,
  sendingData,
  waiting,
} from "../../../drivers/step-answers.ts";
import { READY } from "../../../drivers/at25/status.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import { formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { doneOr, valueOf } from "../chip-failure.ts";
import type { StepRunner } from "../guarded-bridge.ts";
import { runProgram } from "../run-program.ts";

const KIB = 1024;
const SMALLEST_BYTES = 64 * KIB;
const LARGEST_BYTES = 16 * 1024 * KIB;
const READ = 0x03;
const WRITE_ENABLE = 0x06;
const PAGE_PROGRAM = 0x02;
const SECTOR_ERASE = 0x20;
const SECTOR_BYTES = 4 * KIB;
const SAMPLE_BYTES = 64;
/** Places that are compared. */
const SAMPLES = 32;
/** Anything but FF, 00 or a pattern that content is likely to have. */
const MARK = Uint8Array.of(0xa6, 0x19, 0x5c, 0xe3, 0x37, 0xc8, 0x6d, 0x92);
const PROGRAM_MAXIMUM_US = 10_000;
const ERASE_MAXIMUM_US = 1_000_000;
const POLL_INTERVAL_US = 200;

/** How `probeArraySize` may find the size. */
export interface ArraySizeOptions {
  /**
   * Consent to program eight bytes in a 4 KiB sector that is blank, and to erase that sector again. Without it a blank
   * chip keeps its size to itself.
   */
  readonly mayWriteWhereBlank?: boolean | undefined;
  /** Where the samples are taken; a place with content tells more than a blank one. Default 0. */
  readonly address?: number | undefined;
}

/**
 * Bytes of the array, a power of two. Throws EINVAL if content does not tell and nothing may be written; EROFS if the
 * mark does not take; EIO if the sector does not become blank again.
 */
export async function probeArraySize(bridge: StepRunner, options: ArraySizeOptions = {}): Promise<number> {
  const { address = 0, mayWriteWhereBlank = false } = options;
  const sample = await read(bridge, address, SAMPLE_BYTES);
  if (isTelling(sample)) {
    const size = await sizeByContent(bridge, address, sample);
    if (size !== undefined) return size;
  }
  if (!mayWriteWhereBlank) {
    throw new NorbridgeError("EINVAL", "the contents of the chip do not show where its addresses wrap around", {
      operation: "find the size",
      hint: "Specify the size, or consent to writing eight bytes where the chip is blank.",
    });
  }
  return sizeByMark(bridge);
}

/** Bytes that are all alike would look like an alias everywhere. */
function isTelling(sample: Uint8Array): boolean {
  return new Set(sample).size >= 4;
}

/** The first power of two at which the sample appears again, and what lies after it as well. */
async function sizeByContent(bridge: StepRunner, address: number, sample: Uint8Array): Promise<number | undefined> {
  for (let size = SMALLEST_BYTES; size < LARGEST_BYTES; size *= 2) {
    if (!same(await read(bridge, address + size, SAMPLE_BYTES), sample)) continue;
    // A copy of the content, such as a second boot image, looks like an alias in one place; not in all.
    if ((await addressesBeginAgain(bridge, size)) === "yes") return size;
  }
  return LARGEST_BYTES;
}

/**
 * Whether what is read from `size` on is what is read from 0 on. Reads only; "unknown" where the chip holds nothing that
 * would tell. `size` is a power of two below 16 MiB.
 */
export async function addressesBeginAgain(bridge: StepRunner, size: number): Promise<"yes" | "no" | "unknown"> {
  let hasTold = false;
  for (let at = 0; at < size; at += size / SAMPLES) {
    const [first, second] = [await read(bridge, at, SAMPLE_BYTES), await read(bridge, at + size, SAMPLE_BYTES)];
    if (!same(first, second)) return "no";
    hasTold ||= isTelling(first);
  }
  return hasTold ? "yes" : "unknown";
}

/** Programs a mark in a blank sector, looks where it appears again, and erases it. */
async function sizeByMark(bridge: StepRunner): Promise<number> {
  const operation = "find the size";
  const sector = await blankSector(bridge);
  if (sector === undefined) {
    throw new NorbridgeError(
      "EINVAL",
      `no sector of ${formatSize(SECTOR_BYTES)} below ${formatSize(SMALLEST_BYTES)} is blank`,
      {
        operation,
        hint: "Nothing was written. Specify the size.",
      },
    );
  }
  const mark = sendingData(PAGE_PROGRAM, sector, MARK);
  await change(bridge, [mark, waiting(READY, PROGRAM_MAXIMUM_US, POLL_INTERVAL_US)]);
  if (!same(await read(bridge, sector, MARK.length), MARK)) {
    throw new NorbridgeError("EROFS", "the chip ignores a program command: it may be protected", { operation });
  }
  let size = SMALLEST_BYTES;
  while (size < LARGEST_BYTES && !same(await read(bridge, sector + size, MARK.length), MARK)) size *= 2;
  const erase: SpiStep = { kind: "transfer", send: addressed(SECTOR_ERASE, sector), receiveBytes: 0 };
  await change(bridge, [erase, waiting(READY, ERASE_MAXIMUM_US, POLL_INTERVAL_US)]);
  if (!isBlank(await read(bridge, sector, SECTOR_BYTES))) {
    throw new NorbridgeError("EIO", "the sector with the mark cannot be erased", { operation });
  }
  return size;
}

async function blankSector(bridge: StepRunner): Promise<number | undefined> {
  for (let at = 0; at < SMALLEST_BYTES; at += SECTOR_BYTES) {
    if (isBlank(await read(bridge, at, SECTOR_BYTES))) return at;
  }
  return undefined;
}

async function change(bridge: StepRunner, steps: readonly SpiStep[]): Promise<void> {
  const enable: SpiStep = { kind: "transfer", send: Uint8Array.of(WRITE_ENABLE), receiveBytes: 0 };
  doneOr(await runProgram(bridge, { steps: [enable, ...steps], decode: outcomeOf }), "find the size");
}

async function read(bridge: StepRunner, address: number, lengthBytes: number): Promise<Uint8Array> {
  const step = asking(lengthBytes, ...addressed(READ, address));
  const program = {
    steps: [step],
    decode: (results: Parameters<typeof receivedAt>[0]) => answerOf(results, () => receivedAt(results, 0)),
  };
  return valueOf(await runProgram(bridge, program), "find the size");
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
