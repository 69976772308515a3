/**
 * All that a bridge can be asked to do with the chip, and all it can answer: four kinds of steps.
 *
 * A chip driver compiles every operation to these; a bridge runs them in order and stops at the first that fails.
 * What follows a failed step in the same run is answered `skipped`. The firmware's twin is `firmware/core/step.h`.
 */

/** One step of a program for the bridge. Byte arrays of a step are only read. */
export type SpiStep = TransferStep | PollStep | DigestStep | DelayStep;

/** One chip-select window: sends the bytes of `send`, then receives `receiveBytes` bytes. */
export interface TransferStep {
  /** Identifies a transfer. */
  readonly kind: "transfer";
  /** Bytes sent after chip select fell; 0 to `BridgeInfo.maxSendBytes` of them. */
  readonly send: Uint8Array;
  /** Number of bytes received after that; 0 to `BridgeInfo.maxReceiveBytes`. FFh is sent meanwhile. */
  readonly receiveBytes: number;
  /**
   * A hint for bridges that cannot poll by themselves. It states that a busy chip ignores this window, and that a
   * second run has no further effect. Such a bridge may send the window before the result of the previous poll is
   * known, and sends it again if that was too early. Without it, the window waits for the poll.
   */
  readonly ifBusy?: "ignored" | undefined;
}

/** Repeats a window of `send` and one received byte, until `(byte & mask) === value`. */
export interface PollStep {
  /** Identifies a poll. */
  readonly kind: "poll";
  /** The command that requests the status byte, 1 to 8 bytes. */
  readonly send: Uint8Array;
  /** The bits of the status byte that are compared, 0 to 255. */
  readonly mask: number;
  /** The value that the masked status byte must have, 0 to 255. */
  readonly value: number;
  /** Pause between two windows, 0 to 1,000,000 microseconds. The first window is not delayed. */
  readonly intervalUs: number;
  /** Time limit from the first window, 1 to 3,600,000 milliseconds. After it the step fails with `timeout`. */
  readonly timeoutMs: number;
  /** Typical time until the poll ends, microseconds; a hint for bridges that cannot poll by themselves. */
  readonly typicalUs?: number | undefined;
}

/** One window: sends `send`, reads `lengthBytes` bytes and returns only their block check (block-check.ts). */
export interface DigestStep {
  /** Identifies a digest. */
  readonly kind: "digest";
  /** The read command with its address and dummy bytes, 1 to 16 bytes. */
  readonly send: Uint8Array;
  /** Number of bytes to read, 1 to 2^32 - 1. */
  readonly lengthBytes: number;
}

/** Waits with chip select high. */
export interface DelayStep {
  /** Identifies a delay. */
  readonly kind: "delay";
  /** Duration, 0 to 60,000,000 microseconds. */
  readonly durationUs: number;
}

/** The result of one step. Results are in the order of the steps. */
export type StepResult =
  | {
      /** A transfer has run. */
      readonly kind: "transfer";
      /** The received bytes, `receiveBytes` of them. */
      readonly received: Uint8Array;
    }
  | {
      /** A poll has matched. */
      readonly kind: "poll";
      /** The status byte that matched, 0 to 255. */
      readonly status: number;
    }
  | {
      /** A digest has run. */
      readonly kind: "digest";
      /** Block check of the bytes read, unsigned. */
      readonly check: number;
    }
  | {
      /** A delay has elapsed. */
      readonly kind: "delay";
    }
  | {
      /** The step failed. No later step of the run was run. */
      readonly kind: "failed";
      /** Why it failed. */
      readonly reason: StepFailure;
      /** The last status byte that a poll has read. */
      readonly status?: number | undefined;
    }
  | {
      /** The step was not run, because an earlier step of the run failed. */
      readonly kind: "skipped";
    };

/**
 * Why a step failed.
 *
 * - `timeout`: a poll did not match within its time limit.
 * - `aborted`: the run was cancelled.
 * - `not-supported`: the bridge lacks this kind of step.
 * - `lost`: the link failed while the step was in progress. It is unknown whether it has run.
 */
export type StepFailure = "timeout" | "aborted" | "not-supported" | "lost";
