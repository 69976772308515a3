/**
 * AT25 and all parts that speak its commands: linear 24-bit addresses, 06h before every change, busy in 05h bit 0.
 *
 * A page program is exactly three steps: [06h] [02h address data] [poll 05h]. The first and the last are the same
 * objects for every page, so that a bridge link sends them as a few bytes.
 */
import type { PollStep, StepResult, TransferStep } from "../../firmware-protocol/step.ts";
import type { At25Descriptor, FourByteMode } from "../chip-descriptor.ts";
import type {
  AddressModeControl,
  BackgroundErase,
  BridgeLimits,
  ChipDriver,
  ChipOutcome,
  StepProgram,
  SuspendControl,
} from "../chip-driver.ts";
import { type EraseUnit, eraseBlockAt, type FlashGeometry } from "../geometry.ts";
import {
  answerOf,
  asking,
  digestProgram,
  failureOf,
  outcomeOf,
  readProgram,
  receivedByte,
  sending,
  sendingAt,
  waiting,
  withAddress,
} from "../step-answers.ts";
import { wakeSteps } from "../wake.ts";
import { at25OneTime, at25UniqueId } from "./one-time.ts";
import { at25Protection } from "./protection/at25-protection.ts";
import { READ_STATUS_1, READY, STATUS_1_ERROR, STATUS_1_WRITE_ENABLED } from "./status.ts";

const WRITE_ENABLE = 0x06;
const PAGE_PROGRAM = 0x02;
/** One dummy byte; every part has it, and it is the fastest read with one data line. */
const FAST_READ = 0x0b;
/** The same with four address bytes, whatever mode the chip is in (parts above 16 MiB). */
const PAGE_PROGRAM_4 = 0x12;
const FAST_READ_4 = 0x0c;
const DUMMY = 0x00;

/** A page program is shorter than a question over most links: ask at once and without pause. */
const PROGRAM_POLL_INTERVAL_US = 0;
/** Tens of microseconds on datasheets; the host's limit. */
const SUSPEND_MAXIMUM_US = 5_000;
/** Who wakes a chip waits longer if it says so: a chip erase of a large part may last most of an hour. */
const WAKE_US = 2_000_000;
/** Some hundred questions in the shortest erase; the bridge asks them, the link does not see it. */
const ERASE_POLL_INTERVAL_US = 500;

/**
 * Creates the driver of one AT25-like part. If a page does not fit into one transfer of the bridge, `pageBytes` of its
 * geometry is halved until it does. Throws RangeError if the bridge cannot send even one data byte.
 */
export function createAt25Driver(descriptor: At25Descriptor, limits: BridgeLimits): ChipDriver {
  const { addressBytes, fourByteMode } = descriptor;
  const geometry = pagesThatFit(descriptor.geometry, addressBytes, limits);
  const { capacityBytes } = geometry;
  const isDedicated = addressBytes === 4 && fourByteMode === undefined;
  const [readOpcode, programOpcode] = isDedicated ? [FAST_READ_4, PAGE_PROGRAM_4] : [FAST_READ, PAGE_PROGRAM];
  const readHead = (address: number): Uint8Array => withAddress(readOpcode, addressBytes, address, DUMMY);
  const scheme = at25Protection(descriptor, capacityBytes);
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

  function eraseCommand(address: number, unit: EraseUnit): TransferStep {
    const command = descriptor.eraseCommands.find((candidate) => candidate.unitName === unit.name);
    if (command === undefined) throw new RangeError(`${descriptor.name} has no erase "${unit.name}"`);
    if (command.addressBytes === 0) return sending(command.opcode);
    return { kind: "transfer", send: withAddress(command.opcode, command.addressBytes, address), receiveBytes: 0 };
  }

  const background: BackgroundErase = {
    start: (address, unit) => ({
      steps: [sending(WRITE_ENABLE), eraseCommand(address, unit)],
      decode: outcomeOf,
    }),
    progress: () => ({
      steps: [asking(1, READ_STATUS_1)],
      decode: (results) => answerOf(results, () => progressOf(receivedByte(results, 0), descriptor.reportsErrors)),
    }),
    suspension: descriptor.suspend === undefined ? undefined : suspensionOf(descriptor.suspend),
  };

  return {
    geometry,

    wake: () => ({
      steps: [...wakeSteps(), waiting(READY, Math.min(longestEraseUs(geometry), WAKE_US), ERASE_POLL_INTERVAL_US)],
      decode: (results) => answerOf(results, () => undefined),
    }),

    read: (range) => readProgram(range, limits, readHead, "ignored"),

    programPage: (address, data) => ({
      steps: [writeEnable, { ...sendingAt(programOpcode, addressBytes, address, data), ifBusy: "ignored" }, programEnd],
      decode: programSettled,
    }),

    erase: (address, unit) => ({
      steps: [writeEnable, eraseCommand(address, unit), eraseEnd(address, unit)],
      decode: eraseSettled,
    }),

    writeLatch: () => ({
      steps: [asking(1, READ_STATUS_1)],
      decode: (results) => answerOf(results, () => (receivedByte(results, 0) & STATUS_1_WRITE_ENABLED) !== 0),
    }),

    digest: (range) => digestProgram(range, readHead(range.address)),

    protection: () => scheme.read,
    protectionDetail: scheme.detail,
    protectionControl: scheme.control,
    protectionHazard: scheme.hazard,
    uniqueId: descriptor.uniqueId === undefined ? undefined : at25UniqueId(descriptor.uniqueId),
    oneTime: descriptor.oneTime === undefined ? undefined : at25OneTime(descriptor.oneTime, geometry, limits),
    background,
    addressMode: fourByteMode === undefined ? undefined : addressModeOf(fourByteMode),
  };
}

function addressModeOf({ enter, leave }: FourByteMode): AddressModeControl {
  const program = (transfers: FourByteMode["enter"]): StepProgram<ChipOutcome> => ({
    steps: transfers.map((bytes) => sending(...bytes)),
    decode: outcomeOf,
  });
  const [entering, leaving] = [program(enter), program(leave)];
  return { enter: () => entering, leave: () => leaving };
}

function suspensionOf({ suspendOpcode, resumeOpcode }: NonNullable<At25Descriptor["suspend"]>): SuspendControl {
  return {
    suspend: () => ({
      steps: [sending(suspendOpcode), waiting(READY, SUSPEND_MAXIMUM_US, PROGRAM_POLL_INTERVAL_US)],
      decode: outcomeOf,
    }),
    resume: () => ({ steps: [sending(resumeOpcode)], decode: outcomeOf }),
  };
}

function progressOf(status1: number, reportsErrors: boolean): "busy" | "ready" | "failed" {
  if ((status1 & READY.mask) !== READY.value) return "busy";
  return reportsErrors && (status1 & STATUS_1_ERROR) !== 0 ? "failed" : "ready";
}

/** Halves the page until a program of it fits into one transfer of the bridge. */
function pagesThatFit(geometry: FlashGeometry, addressBytes: number, limits: BridgeLimits): FlashGeometry {
  let { pageBytes } = geometry;
  while (1 + addressBytes + pageBytes > limits.maxSendBytes) pageBytes /= 2;
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

/** Longest time the chip may still be at work for an earlier program. */
function longestEraseUs(geometry: FlashGeometry): number {
  const times = geometry.eraseUnits.flatMap((unit) => unit.regions.map((region) => region.maximumUs));
  return Math.max(geometry.programMaximumUs, ...times);
}
