/**
 * What every family says with steps alike: transfers, polls, 24-bit addresses, and how a row of results becomes an
 * outcome. Nothing here knows an opcode.
 */
import type { DigestStep, PollStep, SpiStep, StepResult, TransferStep } from "../firmware-protocol/step.ts";
import type { BridgeLimits, ChipAnswer, ChipOutcome, StepProgram } from "./chip-driver.ts";
import type { ByteRange } from "./geometry.ts";

/** One window that sends only. */
export function sending(...bytes: readonly number[]): TransferStep {
  return { kind: "transfer", send: Uint8Array.from(bytes), receiveBytes: 0 };
}

/** One window that sends, then receives. */
export function asking(receiveBytes: number, ...bytes: readonly number[]): TransferStep {
  return { kind: "transfer", send: Uint8Array.from(bytes), receiveBytes };
}

/** An opcode and a 24-bit address, most significant byte first, then `tail`. */
export function addressed(opcode: number, address: number, ...tail: readonly number[]): Uint8Array {
  return Uint8Array.of(opcode, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff, ...tail);
}

/** An opcode and an address of 3 or 4 bytes, most significant byte first, then `tail`. */
export function withAddress(
  opcode: number,
  addressBytes: 3 | 4,
  address: number,
  ...tail: readonly number[]
): Uint8Array {
  if (addressBytes === 3) return addressed(opcode, address, ...tail);
  return Uint8Array.of(
    opcode,
    address >>> 24,
    (address >>> 16) & 0xff,
    (address >>> 8) & 0xff,
    address & 0xff,
    ...tail,
  );
}

/** An opcode, an address of 3 or 4 bytes and data, in one window. */
export function sendingAt(opcode: number, addressBytes: 3 | 4, address: number, data: Uint8Array): TransferStep {
  const head = withAddress(opcode, addressBytes, address);
  const send = new Uint8Array(head.length + data.length);
  send.set(head);
  send.set(data, head.length);
  return { kind: "transfer", send, receiveBytes: 0 };
}

/** An opcode, a 24-bit address and data, in one window. */
export function sendingData(opcode: number, address: number, data: Uint8Array): TransferStep {
  return sendingAt(opcode, 3, address, data);
}

/** No bridge waits longer in one poll (PROTOCOL.md). */
const MAX_POLL_MS = 3_600_000;

/** Time limit of a poll: the longest time of a sound chip and half of it again, whole milliseconds, an hour at most. */
export function pollTimeoutMs(maximumUs: number): number {
  return Math.min(MAX_POLL_MS, Math.max(1, Math.ceil((maximumUs * 3) / 2000)));
}

/** What to poll for and how long; see `PollStep`. */
export interface ReadyPoll {
  readonly opcode: number;
  readonly mask: number;
  readonly value: number;
}

/** Waits until the chip is ready, at most half as long again as a sound chip takes; usually `typicalUs`. */
export function waiting(ready: ReadyPoll, maximumUs: number, intervalUs: number, typicalUs?: number): PollStep {
  return {
    kind: "poll",
    send: Uint8Array.of(ready.opcode),
    mask: ready.mask,
    value: ready.value,
    intervalUs,
    timeoutMs: pollTimeoutMs(maximumUs),
    typicalUs: typicalUs === undefined ? undefined : Math.min(typicalUs, MAX_POLL_MS * 1000),
  };
}

/** Why a row of results did not run through: the first failed or skipped one; undefined if all ran. */
export function failureOf(results: readonly StepResult[]): Exclude<ChipOutcome, "done"> | undefined {
  for (const result of results) {
    if (result.kind === "skipped") return "skipped";
    if (result.kind !== "failed") continue;
    if (result.reason === "lost") return "lost";
    // A bridge that lacks a kind of step cannot be asked again: nothing of it ran, like an abort.
    if (result.reason !== "timeout") return "aborted";
    // No family is busy with all bits of its status alike.
    return result.status === 0xff || result.status === 0x00 ? "no-answer" : "timeout";
  }
  return undefined;
}

/** The outcome of steps whose results say nothing but that they ran. */
export function outcomeOf(results: readonly StepResult[]): ChipOutcome {
  return failureOf(results) ?? "done";
}

/** Answers with what `value` reads from the results once all of them ran. */
export function answerOf<T>(results: readonly StepResult[], value: () => T): ChipAnswer<T> {
  const failure = failureOf(results);
  return failure === undefined ? { outcome: "done", value: value() } : { outcome: failure };
}

/** Bytes that the transfer at `index` received. Throws TypeError if the bridge answered another kind of result. */
export function receivedAt(results: readonly StepResult[], index: number): Uint8Array {
  const result = results[index];
  if (result?.kind !== "transfer") throw new TypeError(`step ${index} was a transfer, its result is not`);
  return result.received;
}

/** Byte `offset` of the transfer at `index`. */
export function receivedByte(results: readonly StepResult[], index: number, offset = 0): number {
  const byte = receivedAt(results, index)[offset];
  if (byte === undefined) throw new TypeError(`the result of step ${index} has no byte ${offset}`);
  return byte;
}

/** Reads a range with a command that `head` gives for an address, cut to the bridge's limits; `ifBusy` as in step.ts. */
export function readProgram(
  range: ByteRange,
  limits: BridgeLimits,
  head: (address: number) => Uint8Array,
  ifBusy?: "ignored",
): StepProgram<ChipAnswer<Uint8Array>> {
  const steps: SpiStep[] = [];
  for (let offset = 0; offset < range.lengthBytes; offset += limits.maxReceiveBytes) {
    const receiveBytes = Math.min(limits.maxReceiveBytes, range.lengthBytes - offset);
    const send = head(range.address + offset);
    steps.push({ kind: "transfer", send, receiveBytes, ifBusy });
  }
  return {
    steps,
    decode: (results) => answerOf(results, () => joined(results, range.lengthBytes)),
  };
}

/** Block check of a range as one window reads it. A range of no bytes needs no step: its check is 0. */
export function digestProgram(range: ByteRange, send: Uint8Array): StepProgram<ChipAnswer<number>> {
  if (range.lengthBytes === 0) return { steps: [], decode: () => ({ outcome: "done", value: 0 }) };
  const step: DigestStep = { kind: "digest", send, lengthBytes: range.lengthBytes };
  return {
    steps: [step],
    decode: (results) =>
      answerOf(results, () => {
        const result = results[0];
        if (result?.kind !== "digest") throw new TypeError("step 0 was a digest, its result is not");
        return result.check;
      }),
  };
}

function joined(results: readonly StepResult[], lengthBytes: number): Uint8Array {
  const data = new Uint8Array(lengthBytes);
  let offset = 0;
  results.forEach((_, index) => {
    const piece = receivedAt(results, index);
    data.set(piece, offset);
    offset += piece.length;
  });
  if (offset !== lengthBytes) throw new TypeError(`requested ${lengthBytes} bytes, the bridge returned ${offset}`);
  return data;
}
