/**
 * One frame for every job: opens the pipe, lets it drain on every way out, and says what a failure means for the user.
 * The code of an error depends on what had happened to the chip by then, and only here is that known:
 * nothing changed (the error as it is, or ECANCELED), changed (INTERRUPTED), bytes of the user only in memory
 * (INTERRUPTED_FINAL).
 */
import { formatAddress, formatRange } from "../bytes.ts";
import { NorbridgeError, type NorbridgeErrorOptions } from "../errors.ts";
import { SLIPPED, UNSTEADY } from "../flash/chip-failure.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { mergeRanges } from "./byte-ranges.ts";
import type { JobContext } from "./job-event.ts";
import { OpPipe, type OpPipeOptions, type PipeFailure } from "./op-pipe.ts";

/** Bytes that were read from the chip before an erase. */
export interface KeptPiece {
  readonly address: number;
  readonly data: Uint8Array;
}

/**
 * Takes bytes that a failed job could not put back; answers a sentence for the user that says where they are now, which
 * becomes the hint of the error.
 */
export type UnrestoredHandler = (pieces: readonly KeptPiece[]) => string | undefined;

export interface JobFrame extends Pick<OpPipeOptions, "mainPerAside"> {
  /** For error messages: "write", "erase". */
  readonly operation: string;
  /** How far the job is, as the middle of a sentence: "37 of 128 sectors"; asked when it fails after a change. */
  readonly howFar?: () => string;
  /** Kept bytes that are on the chip no longer, or not for sure; asked when the job fails. */
  readonly unrestored?: () => readonly KeptPiece[];
  readonly onUnrestored?: UnrestoredHandler | undefined;
}

/** Runs `body` on a pipe of its own; resolves when every answer is in. */
export async function runJob<T>(
  device: FlashDevice,
  context: JobContext,
  frame: JobFrame,
  body: (pipe: OpPipe) => Promise<T>,
): Promise<T> {
  if (context.signal?.aborted === true) throw canceled(frame.operation);
  const { mainPerAside } = frame;
  const pipe = new OpPipe(device, {
    ...(context.signal === undefined ? {} : { signal: context.signal }),
    ...(mainPerAside === undefined ? {} : { mainPerAside }),
  });
  try {
    const result = await body(pipe);
    await pipe.end();
    await checkStillThere(device, pipe, frame);
    return result;
  } catch (error) {
    await pipe.stop();
    throw failureOf(pipe, frame, error);
  }
}

/**
 * A chip that lost its supply in the middle reads FF from there on, which looks like blank cells: what was read is only
 * true if the chip still answers by its name.
 */
export async function checkStillThere(device: FlashDevice, pipe: OpPipe, frame: JobFrame): Promise<void> {
  try {
    await device.checkIdentity();
  } catch (error) {
    if (!pipe.changed || !(error instanceof NorbridgeError)) throw error;
    throw interrupted(pipe, frame, error.message, error);
  }
}

/** The error of a job that was cancelled while the chip still held what it held before. */
export function canceled(operation: string): NorbridgeError {
  return new NorbridgeError("ECANCELED", `${operation}: cancelled before anything was changed`, { operation });
}

/** The error the caller of the job gets. `error` is what unwound the job; the pipe knows better if it has failed. */
export function failureOf(pipe: OpPipe, frame: JobFrame, error: unknown): unknown {
  const reason = pipe.failure === undefined ? error : reasonOf(pipe, frame, pipe.failure);
  const pieces = frame.unrestored?.() ?? [];
  if (pieces.length === 0) return reason;
  const hint = frame.onUnrestored?.(pieces);
  const places = pieces.map(({ address, data }) => formatRange({ address, lengthBytes: data.length }));
  const why = reason instanceof Error ? reason.message : String(reason);
  return new NorbridgeError(
    "INTERRUPTED_FINAL",
    `${why}; bytes outside of what was to be changed were erased and not put back: ${places.join(", ")}`,
    { ...placeOf(frame, reason), cause: reason, ...(hint === undefined ? {} : { hint }) },
  );
}

function placeOf(frame: JobFrame, reason: unknown): NorbridgeErrorOptions {
  const range = reason instanceof NorbridgeError ? reason.range : undefined;
  return { operation: frame.operation, ...(range === undefined ? {} : { range }) };
}

function reasonOf(pipe: OpPipe, frame: JobFrame, failure: PipeFailure): unknown {
  const { operation } = frame;
  switch (failure.kind) {
    case "aborted":
      return pipe.changed ? interrupted(pipe, frame, "cancelled") : canceled(operation);
    case "thrown":
      if (!pipe.changed || !(failure.error instanceof NorbridgeError)) return failure.error;
      return interrupted(pipe, frame, failure.error.message, failure.error);
    case "chip":
      if (failure.outcome === "lost") return slipped(pipe, frame, failure);
      return failure.outcome === "no-answer" ? chipGone(pipe, frame) : chipError(pipe, frame, failure);
  }
}

function interrupted(pipe: OpPipe, frame: JobFrame, why: string, cause?: unknown): NorbridgeError {
  const range = mergeRanges(pipe.torn)[0];
  return new NorbridgeError("INTERRUPTED", `${frame.operation}: ${why}${progressText(pipe, frame)}`, {
    operation: frame.operation,
    ...(range === undefined ? {} : { range }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Power or a contact was lost; what was under way is half done. */
function chipGone(pipe: OpPipe, frame: JobFrame): NorbridgeError {
  const why = "the chip no longer answers: its supply or a contact is lost";
  if (pipe.changed) return interrupted(pipe, frame, why);
  return new NorbridgeError("ENODEV", `${frame.operation}: ${why}`, { operation: frame.operation });
}

/** The line lost or doubled bytes while something was changed. */
function slipped(pipe: OpPipe, frame: JobFrame, { op, range }: PipeFailure & { kind: "chip" }): NorbridgeError {
  const what = `${op} of ${formatRange(range)}: ${SLIPPED}`;
  const cause = new NorbridgeError("LINK_SLIPPED", `${frame.operation}: ${what}`, {
    operation: frame.operation,
    range,
  });
  return pipe.changed ? interrupted(pipe, frame, what, cause) : cause;
}

function chipError(pipe: OpPipe, frame: JobFrame, failure: PipeFailure & { kind: "chip" }): NorbridgeError {
  const { outcome, op, range } = failure;
  const what =
    outcome === "timeout"
      ? `the chip was still busy after the longest time a sound chip takes to ${op} ${formatRange(range)}`
      : outcome === "unsteady"
        ? `${UNSTEADY} (${formatRange(range)})`
        : `the chip reports ${outcome.replace("-", " ")} (${op} of ${formatRange(range)})`;
  const progress = pipe.changed ? progressText(pipe, frame) : "";
  return new NorbridgeError(outcome === "timeout" ? "EBUSY" : "EIO", `${frame.operation}: ${what}${progress}`, {
    operation: frame.operation,
    range,
  });
}

function progressText(pipe: OpPipe, frame: JobFrame): string {
  const far = frame.howFar === undefined ? "" : `; stopped after ${frame.howFar()}`;
  const torn = mergeRanges(pipe.torn);
  const [first] = torn;
  if (first === undefined) return far;
  const more = torn.length > 1 ? ` and ${torn.length - 1} more places` : "";
  const inside = `${formatRange(first)}${more}`;
  return `${far}; half done may be ${inside}${torn.length > 1 ? `, up to ${formatAddress(endOf(torn))}` : ""}`;
}

function endOf(ranges: readonly { readonly address: number; readonly lengthBytes: number }[]): number {
  const last = ranges.at(-1);
  return last === undefined ? 0 : last.address + last.lengthBytes - 1;
}
