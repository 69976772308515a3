/**
 * The result stream (bridge to host): one result a record that asks for one, in order, cut into DATA frames wherever it
 * suits. What follows 00 depends on the record it answers, which the host knows.
 *
 *   00 ...             done. TRANSFER: the bytes received in run-length code, nothing if none were asked for
 *                            POLL: the status byte that ended it      DIGEST: block check, 4 bytes
 *                            SPI CLOCK: the clock set in Hz, 4 bytes  DELAY, PINS, CHIP SELECT: nothing
 *   01 reason status   failed: reason 1 timeout, 2 aborted, 3 not-supported; status: the last byte a poll saw, else 0
 *   02                 skipped, since an earlier one of the run failed
 *
 * Vector: a poll that ended with 02 = 00 02; three bytes 1F 84 01 received = 00 1F 84 01.
 */
import { readU32 } from "./frame.ts";
import { encodeRuns, RunDecoder } from "./run-length.ts";
import type { StepFailure, StepResult } from "./step.ts";

const CODE = { done: 0, failed: 1, skipped: 2 } as const;
const REASONS: readonly StepFailure[] = ["timeout", "aborted", "not-supported"];

/**
 * Which record the next result belongs to. The result stream does not contain it, and the length of a result depends on it
 * (PROTOCOL.md section 6).
 */
export type Expected =
  | {
      /** A transfer: its result has as many bytes as it requested. */
      readonly kind: "transfer";
      /** The `receiveBytes` of the transfer: length of the result after decoding. */
      readonly receiveBytes: number;
    }
  | {
      /** Any other record. `"setting"` stands for PINS and CHIP SELECT; BEGIN has no result. */
      readonly kind: "poll" | "digest" | "delay" | "spi-clock" | "setting";
    };

/** One result of the result stream. Besides steps, settings have results too. */
export type WireResult =
  | StepResult
  | {
      /** SPI CLOCK has run. */
      readonly kind: "spi-clock";
      /** The clock that was set, Hz. */
      readonly clockHz: number;
    }
  | {
      /** PINS or CHIP SELECT has run. */
      readonly kind: "setting";
    };

/** Encodes one result for the result stream. */
export function encodeResult(result: WireResult): Uint8Array {
  switch (result.kind) {
    case "transfer": {
      const coded = encodeRuns(result.received);
      const bytes = new Uint8Array(1 + coded.length);
      bytes.set(coded, 1);
      return bytes;
    }
    case "poll":
      return Uint8Array.of(CODE.done, result.status);
    case "digest":
      return withU32(result.check);
    case "spi-clock":
      return withU32(result.clockHz);
    case "delay":
    case "setting":
      return Uint8Array.of(CODE.done);
    case "failed":
      return Uint8Array.of(CODE.failed, 1 + REASONS.indexOf(result.reason), result.status ?? 0);
    case "skipped":
      return Uint8Array.of(CODE.skipped);
  }
}

function withU32(value: number): Uint8Array {
  return Uint8Array.of(CODE.done, ...[0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff));
}

/**
 * Decodes the result stream, which arrives in pieces (PROTOCOL.md section 6).
 *
 * Any bytes give a result, `"incomplete"` or `"invalid"`; it never throws. After `"invalid"` do not use the reader any
 * more.
 */
export class ResultReader {
  #pending = new Uint8Array(0);
  #receiving: RunDecoder | undefined;

  /** Takes the next piece of the stream, of any length. */
  push(bytes: Uint8Array): void {
    if (this.#pending.length === 0) {
      this.#pending = bytes.slice();
      return;
    }
    const joined = new Uint8Array(this.#pending.length + bytes.length);
    joined.set(this.#pending);
    joined.set(bytes, this.#pending.length);
    this.#pending = joined;
  }

  /** Whether bytes were received that belong to no result yet. */
  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Returns the next result if all of it has arrived. `expected` is the same for every call until then. */
  next(expected: Expected): WireResult | "incomplete" | "invalid" {
    if (this.#receiving !== undefined) return this.#continueReceiving(this.#receiving);
    const bytes = this.#pending;
    switch (bytes[0]) {
      case undefined:
        return "incomplete";
      case CODE.done:
        return this.#done(bytes, expected);
      case CODE.failed:
        return this.#failed(bytes);
      case CODE.skipped:
        return this.#take(1, { kind: "skipped" });
      default:
        return "invalid";
    }
  }

  #done(bytes: Uint8Array, expected: Expected): WireResult | "incomplete" | "invalid" {
    switch (expected.kind) {
      case "transfer":
        this.#pending = bytes.slice(1);
        this.#receiving = new RunDecoder(expected.receiveBytes);
        return this.#continueReceiving(this.#receiving);
      case "poll":
        return bytes.length < 2 ? "incomplete" : this.#take(2, { kind: "poll", status: bytes[1] ?? 0 });
      case "digest":
        return bytes.length < 5 ? "incomplete" : this.#take(5, { kind: "digest", check: readU32(bytes, 1) });
      case "spi-clock":
        return bytes.length < 5 ? "incomplete" : this.#take(5, { kind: "spi-clock", clockHz: readU32(bytes, 1) });
      case "delay":
      case "setting":
        return this.#take(1, { kind: expected.kind });
    }
  }

  #continueReceiving(decoder: RunDecoder): WireResult | "incomplete" | "invalid" {
    const end = decoder.take(this.#pending, 0);
    if (end === "invalid") return "invalid";
    this.#pending = this.#pending.slice(end);
    if (!decoder.done) return "incomplete";
    this.#receiving = undefined;
    return { kind: "transfer", received: decoder.bytes };
  }

  #failed(bytes: Uint8Array): WireResult | "incomplete" | "invalid" {
    if (bytes.length < 3) return "incomplete";
    const reason = REASONS[(bytes[1] ?? 0) - 1];
    if (reason === undefined) return "invalid";
    return this.#take(3, { kind: "failed", reason, status: bytes[2] ?? 0 });
  }

  #take(count: number, result: WireResult): WireResult {
    this.#pending = this.#pending.slice(count);
    return result;
  }
}
