/**
 * One frame for every job: opens the pipe, lets it drain on every way out, and says what a failure means for the user.
 * The code of an error depends on what had happened to the chip by then, and only here is that known:
 * nothing changed (the error as it is, or ECANCELED), changed (INTERRUPTED), bytes of the user only in memory
 * (INTERRUPTED_FINAL).
 */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { Advice } from "../advice.ts";
import { formatAddress, formatRange, printable } from "../bytes.ts";
import { isOf } from "../error-groups.ts";
import { NorbridgeError, type NorbridgeErrorOptions } from "../errors.ts";
import { IGNORED_ADVICE, linkSlipped, UNSTEADY, wrongPage, wrongSize } from "../flash/chip-failure.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { mergeRanges } from "../../drivers/byte-ranges.ts";
import { orDisturbedLine } from "./disturbed-line.ts";
import type { JobTools } from "./job-tools.ts";
import { SourceFailure } from "./job-source.ts";
import { OpPipe, type OpPipeOptions, type PipeFailure } from "./op-pipe.ts";

/** Bytes that were read from the chip before an erase. */
export interface KeptPiece {
  /** Where the bytes belong on the chip. */
  readonly address: number;
  /** The bytes, as they were before the erase. */
  readonly data: Uint8Array;
}

/**
 * Takes bytes that a failed job could not restore; returns a sentence for the user that says where they are now, which
 * becomes the hint of the error.
 */
export type UnrestoredHandler = (pieces: readonly KeptPiece[]) => string | undefined;

/**
 * What earlier parts of the same work have done to the chip: a part that fails before its own first change is not to say that
 * nothing was.
 */
export interface JobPast {
  /** Whether an earlier part has programmed or erased anything. */
  changed: boolean;
}

export interface JobFrame extends Pick<OpPipeOptions, "mainPerAside"> {
  /** For error messages: "write", "erase". */
  readonly operation: string;
  readonly past?: JobPast | undefined;
  /** How far the job is, as the middle of a sentence: "37 of 128 sectors"; asked when it fails after a change. */
  readonly howFar?: (() => string) | undefined;
  /** Kept bytes that are on the chip no longer, or not for sure, if the job fails. `torn`: where changes may be partly done. */
  readonly unrestored?: ((torn: readonly ByteRange[]) => readonly KeptPiece[]) | undefined;
  readonly onUnrestored?: UnrestoredHandler | undefined;
  /** What became of the bytes around a program that wrapped, as a clause. */
  readonly afterWrap?: (() => string | undefined) | undefined;
}

/** Runs `body` on a pipe of its own; resolves when every answer is in. */
export async function runJob<T>(
  device: FlashDevice,
  context: JobTools,
  frame: JobFrame,
  body: (pipe: OpPipe) => Promise<T>,
): Promise<T> {
  if (context.signal?.aborted === true) throw outsideOfPipe(frame, canceled(frame.operation));
  const { mainPerAside, past } = frame;
  const pipe = new OpPipe(device, {
    signal: context.signal,
    mainPerAside,
  });
  try {
    const result = await body(pipe);
    await pipe.end();
    await checkStillThere(device, pipe, frame);
    return result;
  } catch (error) {
    await pipe.stop();
    const reason = failureOf(pipe, frame, error);
    throw reason instanceof NorbridgeError ? await orDisturbedLine(device, reason) : reason;
  } finally {
    if (past !== undefined) past.changed ||= pipe.changed;
  }
}

/**
 * A chip that lost its supply in the middle reads FF from there on, which looks like blank cells: what was read is only
 * true if the chip still responds by its name.
 */
export async function checkStillThere(device: FlashDevice, pipe: OpPipe, frame: JobFrame): Promise<void> {
  try {
    await device.checkIdentity();
  } catch (error) {
    if (!hasChanged(pipe, frame) || !(error instanceof NorbridgeError)) throw error;
    throw interrupted(pipe, frame, error.message, error);
  }
}

function hasChanged(pipe: OpPipe, { past }: JobFrame): boolean {
  return pipe.changed || past?.changed === true;
}

/** The error of a job that was cancelled while the chip still held what it held before. */
export function canceled(operation: string): NorbridgeError {
  return new NorbridgeError("ECANCELED", `${operation}: cancelled before anything was changed`, { operation });
}

/** The error the caller of the job gets. `error` is what unwound the job; the pipe knows better if it has failed. */
export function failureOf(pipe: OpPipe, frame: JobFrame, error: unknown): unknown {
  const reason = pipe.failure === undefined ? afterChange(pipe, frame, error) : reasonOf(pipe, frame, pipe.failure);
  const pieces = frame.unrestored?.(pipe.torn) ?? [];
  if (pieces.length === 0) return reason;
  const hint = frame.onUnrestored?.(pieces);
  const places = pieces.map(({ address, data }) => formatRange({ address, lengthBytes: data.length }));
  const why = reason instanceof Error ? reason.message : String(reason);
  return new NorbridgeError(
    "INTERRUPTED_FINAL",
    `${why}; bytes outside the target range were erased and not restored: ${places.join(", ")}`,
    { ...placeOf(frame, reason), cause: reason, hint },
  );
}

/** What unwound the job, as it is to be understood now. What a listener or a sink of the caller threw stays his own. */
function afterChange(pipe: OpPipe, frame: JobFrame, error: unknown): unknown {
  if (error instanceof SourceFailure) return sourceFailed(pipe, frame, error.thrown);
  if (!(error instanceof NorbridgeError)) return error;
  if (!hasChanged(pipe, frame)) return error;
  if (isOf(error, "trueAfterChange")) return withoutDenial(error);
  return interrupted(pipe, frame, error.message, error);
}

const SOURCE_HINT =
  "Part of the image is on the chip; bytes around it are preserved. Restore the file as it was at the start, then repeat the " +
  "command: data that already matches is skipped.";

/** The image could not be read, whatever it says: after a change the chip is partly new. */
function sourceFailed(pipe: OpPipe, frame: JobFrame, thrown: unknown): unknown {
  if (!hasChanged(pipe, frame)) return thrown;
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return interrupted(pipe, frame, printable(why), thrown, SOURCE_HINT);
}

const DENIAL = /[;,.]? ?nothing was (?:changed|written)\b\.?/i;

/** The same error, without a hint that says of the whole job what is true of its last part: that nothing was changed. */
export function withoutDenial(error: NorbridgeError): NorbridgeError {
  if (!DENIAL.test(error.hint)) return error;
  const { code, message, operation, range } = error;
  const hint = { text: error.hint.replace(DENIAL, "").trim(), remedies: error.remedies };
  const details = { operation, hint, cause: error, range };
  return new NorbridgeError(code, message, details);
}

/** What came of asking the chip outside of a pipe, where earlier parts of the work may have changed it. */
export function outsideOfPipe(frame: JobFrame, error: unknown): unknown {
  if (!(error instanceof NorbridgeError) || frame.past?.changed !== true) return error;
  if (isOf(error, "trueAfterChange")) return withoutDenial(error);
  const why = error.code === "ECANCELED" ? `${frame.operation}: cancelled` : error.message;
  return new NorbridgeError("INTERRUPTED", why, { ...placeOf(frame, error), cause: error });
}

function placeOf(frame: JobFrame, reason: unknown): NorbridgeErrorOptions {
  const range = reason instanceof NorbridgeError ? reason.range : undefined;
  return { operation: frame.operation, range };
}

function reasonOf(pipe: OpPipe, frame: JobFrame, failure: PipeFailure): unknown {
  const { operation } = frame;
  switch (failure.kind) {
    case "aborted":
      return hasChanged(pipe, frame) ? interrupted(pipe, frame, "cancelled") : canceled(operation);
    case "thrown":
      if (!hasChanged(pipe, frame) || !(failure.error instanceof NorbridgeError)) return failure.error;
      return interrupted(pipe, frame, failure.error.message, failure.error, hintAfterChange(failure.error));
    case "chip":
      if (failure.outcome === "lost") return slipped(pipe, frame, failure);
      return failure.outcome === "no-answer" ? chipGone(pipe, frame) : chipError(pipe, frame, failure);
  }
}

/** Another part than it was taken for: the same command would end in the same way, so its own advice counts. */
function hintAfterChange(error: NorbridgeError): Advice | undefined {
  if (error.code !== "CHIP_AMBIGUOUS") return undefined;
  const { hint, remedies } = DENIAL.test(error.hint) ? withoutDenial(error) : error;
  return { text: hint, remedies };
}

function interrupted(
  pipe: OpPipe,
  frame: JobFrame,
  why: string,
  cause?: unknown,
  hint?: string | Advice,
): NorbridgeError {
  const range = mergeRanges(pipe.torn)[0];
  // What was wrapped may name the operation already.
  const text = why.startsWith(`${frame.operation}: `) ? why : `${frame.operation}: ${why}`;
  return new NorbridgeError("INTERRUPTED", `${text}${progressText(pipe, frame)}`, {
    operation: frame.operation,
    hint,
    range,
    cause,
  });
}

/** Power or a contact was lost; what was under way is partially written. */
function chipGone(pipe: OpPipe, frame: JobFrame): NorbridgeError {
  const why = "the chip no longer responds: it lost its supply or a contact";
  if (hasChanged(pipe, frame)) return interrupted(pipe, frame, why);
  return new NorbridgeError("ENODEV", `${frame.operation}: ${why}`, { operation: frame.operation });
}

/** The line lost or doubled bytes while something was changed. */
function slipped(pipe: OpPipe, frame: JobFrame, { op, range }: PipeFailure & { kind: "chip" }): NorbridgeError {
  const { operation } = frame;
  const cause = linkSlipped(`${operation}: ${op} of ${formatRange(range)}`, operation, range);
  return hasChanged(pipe, frame) ? interrupted(pipe, frame, cause.message, cause) : cause;
}

/** A watched program is cut so that it wraps inside of its own range. */
const REACHED = "no other bytes were changed";

function chipError(pipe: OpPipe, frame: JobFrame, failure: PipeFailure & { kind: "chip" }): NorbridgeError {
  const { outcome, op, range, finding, page } = failure;
  const { operation } = frame;
  if (outcome === "ignored") return commandIgnored(pipe, frame, failure);
  if (outcome === "wrong-size" && finding !== undefined) return wrongSize(operation, finding);
  if (outcome === "wrong-page" && page !== undefined) return wrongPage(operation, page, frame.afterWrap?.() ?? REACHED);
  const what =
    outcome === "timeout"
      ? `the chip was still busy after the maximum time to ${op} ${formatRange(range)}`
      : outcome === "unsteady"
        ? `${UNSTEADY} (${formatRange(range)})`
        : `the chip reports ${outcome.replace("-", " ")} (${op} of ${formatRange(range)})`;
  const progress = pipe.changed ? progressText(pipe, frame) : "";
  return new NorbridgeError(outcome === "timeout" ? "EBUSY" : "EIO", `${frame.operation}: ${what}${progress}`, {
    operation: frame.operation,
    range,
  });
}

/** The chip holds what it held; only earlier parts of the job can have changed it. */
function commandIgnored(
  pipe: OpPipe,
  frame: JobFrame,
  { op, range, finding }: PipeFailure & { kind: "chip" },
): NorbridgeError {
  const { operation } = frame;
  const command = finding === undefined ? `${op} command` : `${op} command ${finding.command}`;
  const far = hasChanged(pipe, frame) ? progressText(pipe, frame) : "";
  const text = `the chip ignored the ${command} at ${formatRange(range)}: the cells are as they were before`;
  const start = hasChanged(pipe, frame) ? "" : "Nothing was changed. ";
  return new NorbridgeError("EROFS", `${operation}: ${text}${far}`, {
    operation,
    range,
    hint: { text: `${start}${IGNORED_ADVICE.text}`, remedies: IGNORED_ADVICE.remedies },
  });
}

function progressText(pipe: OpPipe, frame: JobFrame): string {
  const far = frame.howFar === undefined ? "" : `; stopped after ${frame.howFar()}`;
  const torn = mergeRanges(pipe.torn);
  const [first] = torn;
  if (first === undefined) return far;
  const more = torn.length > 1 ? ` and ${torn.length - 1} more places` : "";
  const inside = `${formatRange(first)}${more}`;
  return `${far}; may be partially written: ${inside}${torn.length > 1 ? `, up to ${formatAddress(endOf(torn))}` : ""}`;
}

function endOf(ranges: readonly { readonly address: number; readonly lengthBytes: number }[]): number {
  const last = ranges.at(-1);
  return last === undefined ? 0 : last.address + last.lengthBytes - 1;
}
