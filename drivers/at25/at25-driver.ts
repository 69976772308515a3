/**
 * AT25 and all parts that speak its commands: linear 24-bit addresses, 06h before every change, busy in 05h bit 0.
 *
 * A page program is exactly three steps: [06h] [02h address data] [poll 05h]. The first and the last are the same
 * objects for every page, so that a bridge link sends them as a few bytes.
 */
import type { PollStep, StepResult } from "../../firmware-protocol/step.ts";
import type { At25Descriptor } from "../chip-descriptor.ts";
import type { BridgeLimits, ChipDriver, ChipOutcome, ProtectionState, StepProgram } from "../chip-driver.ts";
import { type EraseUnit, eraseBlockAt, type FlashGeometry } from "../geometry.ts";
import {
  addressed,
  answerOf,
  asking,
  digestProgram,
  failureOf,
  outcomeOf,
  readProgram,
  receivedByte,
  sending,
  sendingData,
  waiting,
} from "../step-answers.ts";
import { wakeSteps } from "../wake.ts";
import { protectionFromBpBits, protectionFromUnknownBits } from "./protection.ts";
import { READ_STATUS_1, READ_STATUS_2, READY, STATUS_1_ERROR } from "./status.ts";

const WRITE_ENABLE = 0x06;
const PAGE_PROGRAM = 0x02;
/** One dummy byte; every part has it, and it is the fastest read with one data line. */
const FAST_READ = 0x0b;
const DUMMY = 0x00;

/** Opcode and address of a program. */
const PROGRAM_HEAD_BYTES = 4;
/** A page program is shorter than a question over most links: ask at once and without pause. */
const PROGRAM_POLL_INTERVAL_US = 0;
/** Some hundred questions in the shortest erase; the bridge asks them, the link does not see it. */
const ERASE_POLL_INTERVAL_US = 500;

/** Compiles operations for one AT25-like part. Throws RangeError if the bridge cannot send even one data byte. */
export function createAt25Driver(descriptor: At25Descriptor, limits: BridgeLimits): ChipDriver {
  const geometry = pagesThatFit(descriptor.geometry, limits);
  const { capacityBytes } = geometry;
  // A busy AT25 ignores all but questions for its status, and the same page programmed twice is the same page.
  const writeEnable = { ...sending(WRITE_ENABLE), ifBusy: "ignored" } as const;
  const { programTypicalUs, programMaximumUs } = geometry;
  const programEnd = waiting(READY, programMaximumUs, PROGRAM_POLL_INTERVAL_US, programTypicalUs);
  const settled = (failed: ChipOutcome) => (results: readonly StepResult[]) =>
    descriptor.reportsErrors ? outcomeWithErrorBit(results, failed) : outcomeOf(results);
  const programSettled = settled("program-failed");
  const eraseSettled = settled("erase-failed");
  const ends = new Map<string, PollStep>();

  /** One poll object a unit, so that equal steps are the same object. */
  function eraseEnd(address: number, unit: EraseUnit): PollStep {
    const block = eraseBlockAt(unit, address);
    if (block === undefined) throw new RangeError(`${unit.name}: no block at ${address}`);
    const key = `${unit.name} ${block.maximumUs}`;
    const known = ends.get(key) ?? waiting(READY, block.maximumUs, ERASE_POLL_INTERVAL_US, block.typicalUs);
    ends.set(key, known);
    return known;
  }

  return {
    geometry,

    wake: () => ({
      steps: [...wakeSteps(), waiting(READY, longestEraseUs(geometry), ERASE_POLL_INTERVAL_US)],
      decode: (results) => answerOf(results, () => undefined),
    }),

    read: (range) => readProgram(range, limits, (address) => addressed(FAST_READ, address, DUMMY), "ignored"),

    programPage: (address, data) => ({
      steps: [writeEnable, { ...sendingData(PAGE_PROGRAM, address, data), ifBusy: "ignored" }, programEnd],
      decode: programSettled,
    }),

    erase: (address, unit) => {
      const command = descriptor.eraseCommands.find((candidate) => candidate.unitName === unit.name);
      if (command === undefined) throw new RangeError(`${descriptor.name} has no erase "${unit.name}"`);
      const erase =
        command.addressBytes === 0
          ? sending(command.opcode)
          : { kind: "transfer" as const, send: addressed(command.opcode, address), receiveBytes: 0 };
      return { steps: [writeEnable, erase, eraseEnd(address, unit)], decode: eraseSettled };
    },

    digest: (range) => digestProgram(range, addressed(FAST_READ, range.address, DUMMY)),

    protection: () =>
      descriptor.statusLayout === "bp-sec-tb-cmp"
        ? protectionProgram([READ_STATUS_1, READ_STATUS_2], ([status1 = 0, status2 = 0]) =>
            protectionFromBpBits(capacityBytes, status1, status2),
          )
        : protectionProgram([READ_STATUS_1], ([status1 = 0]) => protectionFromUnknownBits(capacityBytes, status1)),
  };
}

/** Halves the page until a program of it fits into one transfer of the bridge. */
function pagesThatFit(geometry: FlashGeometry, limits: BridgeLimits): FlashGeometry {
  let { pageBytes } = geometry;
  while (pageBytes + PROGRAM_HEAD_BYTES > limits.maxSendBytes) pageBytes /= 2;
  if (pageBytes < 1) throw new RangeError(`a bridge that sends ${limits.maxSendBytes} bytes cannot program`);
  return pageBytes === geometry.pageBytes ? geometry : { ...geometry, pageBytes };
}

/** The poll's last byte is the whole status register: its error bit costs no step of its own. */
function outcomeWithErrorBit(results: readonly StepResult[], failed: ChipOutcome): ChipOutcome {
  const failure = failureOf(results);
  if (failure !== undefined) return failure;
  const end = results.at(-1);
  return end?.kind === "poll" && (end.status & STATUS_1_ERROR) !== 0 ? failed : "done";
}

function protectionProgram(
  opcodes: readonly number[],
  decode: (registers: readonly number[]) => ProtectionState,
): ReturnType<ChipDriver["protection"]> {
  return {
    steps: opcodes.map((opcode) => asking(1, opcode)),
    decode: (results) => answerOf(results, () => decode(results.map((_, index) => receivedByte(results, index)))),
  } satisfies StepProgram<unknown>;
}

/** Longest time the chip may still be at work for somebody before us. */
function longestEraseUs(geometry: FlashGeometry): number {
  const times = geometry.eraseUnits.flatMap((unit) => unit.regions.map((region) => region.maximumUs));
  return Math.max(geometry.programMaximumUs, ...times);
}
