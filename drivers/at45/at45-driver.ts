/**
 * AT45 DataFlash: no write enable, every program goes through an SRAM buffer, D7h tells when the chip is ready.
 *
 * While one buffer programs its page the other is loaded: a page program is [84h/87h load][poll ready][88h/89h] and
 * ends with the chip at work; `settle` waits for the last. While the chip is busy nothing but status, ID and the buffer
 * not in use may be touched: the driver remembers which buffer it named last, and nothing else. 88h/89h program a whole page
 * without erasing it, so the caller erases before.
 */
import type { SpiStep, StepResult, TransferStep } from "../../firmware-protocol/step.ts";
import type { At45Descriptor } from "../chip-descriptor.ts";
import type { BridgeLimits, ChipDriver, ChipOutcome, StepProgram } from "../chip-driver.ts";
import { CHIP_ERASE_UNIT_NAME } from "../erase-units.ts";
import { type ByteRange, type EraseUnit, eraseBlockAt, type FlashGeometry } from "../geometry.ts";
import {
  addressed,
  answerOf,
  asking,
  digestProgram,
  failureOf,
  outcomeOf,
  readProgram,
  receivedAt,
  receivedByte,
  sending,
  sendingData,
  waiting,
} from "../step-answers.ts";
import { wakeSteps } from "../wake.ts";
import { chipAddress, chipPageAddress } from "./at45-address.ts";
import { at45OneTime, at45PageSize, at45UniqueId } from "./one-time.ts";
import { at45ProtectionControl, protectionFromRegisters, sectorRegisterBytes } from "./protection.ts";
import { READ_STATUS, READY, STATUS_2_ERROR } from "./status.ts";

/** Commands that exist once a buffer. */
interface BufferCommands {
  readonly load: number;
  readonly program: number;
  readonly fetchPage: number;
}

const BUFFER_1: BufferCommands = { load: 0x84, program: 0x88, fetchPage: 0x53 };
const BUFFER_2: BufferCommands = { load: 0x87, program: 0x89, fetchPage: 0x55 };

/** Runs on from page to page. One dummy byte. */
const CONTINUOUS_READ = 0x0b;
const DUMMY = 0x00;
const READ_PROTECTION = 0x32;
const READ_LOCKDOWN = 0x35;
const CHIP_ERASE = [0xc7, 0x94, 0x80, 0x9a] as const;
const ERASE_OPCODES: ReadonlyMap<string, number> = new Map([
  ["page", 0x81],
  ["8-page block", 0x50],
  ["sector", 0x7c],
]);

const LOAD_HEAD_BYTES = 4;
const PROGRAM_POLL_INTERVAL_US = 0;
const ERASE_POLL_INTERVAL_US = 500;
/** Page to buffer takes 200 us, 400 at worst on a D part; 5 ms is the host's limit. */
const FETCH_MAXIMUM_US = 5_000;

/**
 * Creates the driver of one AT45 at the page size of its descriptor. `programPage` programs without an erase, so erase
 * the page before.
 *
 * Throws RangeError if the bridge cannot send a command with one data byte. `protection()` of the driver throws
 * RangeError if the bridge cannot receive the whole protection register.
 */
export function createAt45Driver(descriptor: At45Descriptor, limits: BridgeLimits): ChipDriver {
  const { geometry, pageBytes } = descriptor;
  const loadBytes = limits.maxSendBytes - LOAD_HEAD_BYTES;
  if (loadBytes < 1) throw new RangeError(`a bridge that sends ${limits.maxSendBytes} bytes cannot program`);
  const { programTypicalUs, programMaximumUs } = geometry;
  const programEnd = waiting(READY, programMaximumUs, PROGRAM_POLL_INTERVAL_US, programTypicalUs);
  const fetchEnd = waiting(READY, FETCH_MAXIMUM_US, PROGRAM_POLL_INTERVAL_US);
  /** Byte 2 of the status has the error bit; D parts have no byte 2. */
  const errorQuestion: readonly SpiStep[] = descriptor.reportsErrors ? [asking(2, READ_STATUS)] : [];
  const settle: StepProgram<ChipOutcome> = {
    steps: [programEnd, ...errorQuestion],
    decode: withErrorBit(descriptor, "program-failed"),
  };
  const head = (address: number) => addressed(CONTINUOUS_READ, chipAddress(pageBytes, address), DUMMY);

  /** The buffer that the last compiled program uses, until a `settle`. */
  let inUse: BufferCommands | undefined;

  /** Buffers alternate with the pages; if a caller leaves pages out, the one in use is still left alone. */
  function takeBuffer(address: number): BufferCommands {
    if (descriptor.bufferCount === 1) return BUFFER_1;
    const byParity = Math.floor(address / pageBytes) % 2 === 0 ? BUFFER_1 : BUFFER_2;
    const other = byParity === BUFFER_1 ? BUFFER_2 : BUFFER_1;
    inUse = inUse === byParity ? other : byParity;
    return inUse;
  }

  /** Loads `data` at its place in the buffer, in as many windows as the bridge needs. */
  function loads(buffer: BufferCommands, address: number, data: Uint8Array): TransferStep[] {
    const steps: TransferStep[] = [];
    const offset = address % pageBytes;
    for (let done = 0; done < data.length; done += loadBytes) {
      steps.push(sendingData(buffer.load, offset + done, data.subarray(done, done + loadBytes)));
    }
    return steps;
  }

  function programPage(address: number, data: Uint8Array): StepProgram<ChipOutcome> {
    const buffer = takeBuffer(address);
    const page = chipPageAddress(pageBytes, address);
    const load = loads(buffer, address, data);
    const program = command(buffer.program, page);
    if (data.length === pageBytes && descriptor.bufferCount === 2) {
      // If the chip is still at work with the other buffer it ignores this, and the buffer keeps what was loaded.
      return { steps: [...load, programEnd, { ...program, ifBusy: "ignored" }], decode: outcomeOf };
    }
    if (data.length === pageBytes) return { steps: [programEnd, ...load, program], decode: outcomeOf };
    // The buffer holds what its last user left: the page itself must come first, or stale bytes land in the flash.
    return { steps: [programEnd, command(buffer.fetchPage, page), fetchEnd, ...load, program], decode: outcomeOf };
  }

  function erase(address: number, unit: EraseUnit): StepProgram<ChipOutcome> {
    const block = eraseBlockAt(unit, address);
    if (block === undefined) throw new RangeError(`${unit.name}: no block at ${address}`);
    return {
      steps: [
        eraseCommand(descriptor, address, unit),
        waiting(READY, block.maximumUs, ERASE_POLL_INTERVAL_US, block.typicalUs),
        ...errorQuestion,
      ],
      decode: withErrorBit(descriptor, "erase-failed"),
    };
  }

  return {
    geometry,

    wake: () => ({
      steps: [...wakeSteps(), waiting(READY, longestUs(geometry), ERASE_POLL_INTERVAL_US)],
      decode: (results) => answerOf(results, () => undefined),
    }),

    read: (range) => readProgram(range, limits, head),
    programPage,
    settle: () => {
      inUse = undefined;
      return settle;
    },
    erase,
    digest: (range: ByteRange) => digestProgram(range, head(range.address)),
    protection: () => protectionProgram(descriptor, limits),
    protectionControl: at45ProtectionControl(descriptor.sectors, pageBytes),
    uniqueId: at45UniqueId,
    oneTime: at45OneTime(),
    pageSize: at45PageSize(descriptor),
    background: {
      start: (address, unit) => ({ steps: [eraseCommand(descriptor, address, unit)], decode: outcomeOf }),
      progress: () => ({
        steps: [asking(2, READ_STATUS)],
        decode: (results) =>
          answerOf(results, () => {
            if ((receivedByte(results, 0) & READY.mask) !== READY.value) return "busy";
            const hasFailed = descriptor.reportsErrors && (receivedByte(results, 0, 1) & STATUS_2_ERROR) !== 0;
            return hasFailed ? "failed" : "ready";
          }),
      }),
    },
  };
}

function command(opcode: number, address: number): TransferStep {
  return { kind: "transfer", send: addressed(opcode, address), receiveBytes: 0 };
}

function eraseCommand(descriptor: At45Descriptor, address: number, unit: EraseUnit): TransferStep {
  if (unit.name === CHIP_ERASE_UNIT_NAME) return sending(...CHIP_ERASE);
  const opcode = ERASE_OPCODES.get(unit.name);
  if (opcode === undefined) throw new RangeError(`${descriptor.name} has no erase "${unit.name}"`);
  return command(opcode, chipPageAddress(descriptor.pageBytes, address));
}

/** If the last step asked for both status bytes, its second byte tells whether the chip failed. */
function withErrorBit(descriptor: At45Descriptor, failed: ChipOutcome) {
  return (results: readonly StepResult[]): ChipOutcome => {
    const failure = failureOf(results);
    if (failure !== undefined) return failure;
    if (!descriptor.reportsErrors) return "done";
    const status = receivedAt(results, results.length - 1);
    // All ones would be ready and failed at once: so reads an undriven line.
    if (status.every((byte) => byte === 0xff)) return "no-answer";
    return (receivedByte(results, results.length - 1, 1) & STATUS_2_ERROR) === 0 ? "done" : failed;
  };
}

function protectionProgram(descriptor: At45Descriptor, limits: BridgeLimits): ReturnType<ChipDriver["protection"]> {
  const registerBytes = sectorRegisterBytes(descriptor.sectors);
  if (registerBytes > limits.maxReceiveBytes) {
    throw new RangeError(`a bridge that receives ${limits.maxReceiveBytes} bytes cannot read the protection register`);
  }
  return {
    steps: [
      asking(1, READ_STATUS),
      asking(registerBytes, READ_PROTECTION, DUMMY, DUMMY, DUMMY),
      asking(registerBytes, READ_LOCKDOWN, DUMMY, DUMMY, DUMMY),
    ],
    decode: (results) =>
      answerOf(results, () =>
        protectionFromRegisters(
          descriptor.sectors,
          descriptor.pageBytes,
          receivedByte(results, 0),
          receivedAt(results, 1),
          receivedAt(results, 2),
        ),
      ),
  };
}

function longestUs(geometry: FlashGeometry): number {
  const times = geometry.eraseUnits.flatMap((unit) => unit.regions.map((region) => region.maximumUs));
  return Math.max(geometry.programMaximumUs, ...times);
}
