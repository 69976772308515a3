/**
 * All that a bridge can be asked to do with the chip, and all it can answer: four kinds of steps.
 *
 * A chip driver compiles every operation to these; a bridge runs them in order and stops at the first that fails.
 * What follows a failed step in the same run is answered `skipped`. The firmware's twin is `firmware/core/step.h`.
 */

/** One step of a program for the bridge. All byte arrays are only read, never kept changed. */
export type SpiStep = TransferStep | PollStep | DigestStep | DelayStep;

/** One chip-select window: shifts `send` out, then shifts `receiveBytes` in. */
export interface TransferStep {
  readonly kind: "transfer";
  /** What goes out after chip select fell; 0 to `BridgeInfo.maxSendBytes` bytes. */
  readonly send: Uint8Array;
  /** How many bytes are shifted in after that; 0 to `BridgeInfo.maxReceiveBytes`. */
  readonly receiveBytes: number;
  /**
   * A word for bridges that cannot poll on the spot: a busy chip takes no notice of this window, and run once more it
   * does nothing new. Such a bridge may send it before it knows that the poll before it has ended, and sends it again if
   * that was too early. Left out: it waits for the poll.
   */
  readonly ifBusy?: "ignored";
}

/** Repeats a window of `send` and one byte in, until `(byte & mask) === value`. */
export interface PollStep {
  readonly kind: "poll";
  /** The command that asks for the status byte, 1 to 8 bytes. */
  readonly send: Uint8Array;
  readonly mask: number;
  readonly value: number;
  /** Pause between two windows, 0 to 1 000 000 microseconds; the first window is not delayed. */
  readonly intervalUs: number;
  /** When the step fails with `timeout`, counted from its first window, 1 to 3 600 000 milliseconds. */
  readonly timeoutMs: number;
  /** How long the chip usually takes until the poll ends, microseconds; a word for bridges that cannot poll on the spot. */
  readonly typicalUs?: number;
}

/** One window: shifts `send` out, reads `lengthBytes` and answers only their CRC-32 (IEEE 802.3, as zlib). */
export interface DigestStep {
  readonly kind: "digest";
  /** The read command with its address and dummy bytes, 1 to 16 bytes. */
  readonly send: Uint8Array;
  /** 1 to 2^32 - 1. */
  readonly lengthBytes: number;
}

/** Waits with chip select high, 0 to 60 000 000 microseconds. */
export interface DelayStep {
  readonly kind: "delay";
  readonly durationUs: number;
}

/** What a step ended with, in the order of the steps. */
export type StepResult =
  | { readonly kind: "transfer"; readonly received: Uint8Array }
  /** `status` is the byte that ended the poll. */
  | { readonly kind: "poll"; readonly status: number }
  /** CRC-32 as an unsigned number. */
  | { readonly kind: "digest"; readonly crc32: number }
  | { readonly kind: "delay" }
  /** The step that failed. `status` is the last byte a poll has seen. */
  | { readonly kind: "failed"; readonly reason: StepFailure; readonly status?: number }
  /** Not run, since an earlier step of the run failed. */
  | { readonly kind: "skipped" };

/** `lost`: the link slipped while the step was under way, and nobody knows whether it was done. */
export type StepFailure = "timeout" | "aborted" | "not-supported" | "lost";
