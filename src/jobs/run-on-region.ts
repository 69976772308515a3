/**
 * One frame for all work that storage does on a region of the chip: cancelling, chips that went away, and what a failure
 * means once something was changed. A chip without supply reads FF, which looks like an empty log: whatever was read, or
 * found to be missing, is only true if the chip still returns its ID.
 */
import { type ByteRange, rangeIntersection } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import { formatRange } from "../bytes.ts";
import { isOf } from "../error-groups.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import type { FlashRegion, RegionOp, RegionResult } from "../flash/flash-region.ts";
import { regionView, type RegionView } from "../flash/open-region.ts";
import { ABORTED, orAborted, type Stream, settlesSoon, untilAborted } from "../stream.ts";
import { checkRegionJob } from "./check-request.ts";
import { orDisturbedLine } from "./disturbed-line.ts";
import type { JobSafe } from "./job-safe.ts";
import { withoutDenial } from "./run-job.ts";
import { aroundAnyErase } from "./write/around-erase.ts";

/** What work on a region is called, and how it ends. */
export interface RegionJob {
  /** For error messages: "log append". */
  readonly operation: string;
  /** Aborting ends the job: ECANCELED before a change, INTERRUPTED after one. */
  readonly signal?: AbortSignal | undefined;
  /** How far the job is, as the end of a sentence: "3 of 7 records are stored"; asked when it fails after a change. */
  readonly howFar?: (() => string) | undefined;
  /** What to do when it was interrupted after a change; the table's hint if left out. */
  readonly resumeHint?: string | undefined;
  /** Keeps what an erase could destroy around its block while its size is not proved; memory only if it is left out. */
  readonly safe?: JobSafe | undefined;
  /**
   * The body watches the signal itself and ends well when it aborts. Else an abort ends the job also while the body waits for
   * something of its own.
   */
  readonly endsByItself?: boolean | undefined;
}

/**
 * Runs `body` on the regions `ranges` of the device. Throws what `regionOf` and `body` throw; INTERRUPTED instead of an
 * error that says that nothing was changed (of the link, of a file, of an argument) once something was programmed or erased;
 * ECANCELED if it was cancelled before.
 */
export async function runOnRegions<T>(
  device: FlashDevice,
  ranges: readonly ByteRange[],
  job: RegionJob,
  body: (regions: readonly FlashRegion[]) => Promise<T>,
): Promise<T> {
  checkRegionJob(device, ranges, job, body);
  const guard = new ChangeGuard(device, ranges, job.operation);
  const watch: Watch = { signal: job.signal, operation: job.operation, hasChanged: false, busy: new Busy(), guard };
  const around = job.safe === undefined ? undefined : aroundAnyErase(job.safe, device.geometry);
  const regions = ranges.map((range) => regionView(device, range, { around, through: watchedBy(watch) }));
  try {
    const result = await orLeft(body(regions), job, watch);
    await device.checkIdentity();
    return result;
  } catch (error) {
    throw await explain(device, ranges, job, watch, error);
  }
}

/** `runOnRegions` for one. */
export function runOnRegion<T>(
  device: FlashDevice,
  range: ByteRange,
  job: RegionJob,
  body: (region: FlashRegion) => Promise<T>,
): Promise<T> {
  return runOnRegions(device, [range], job, async ([region]) => {
    if (region === undefined) throw new NorbridgeError("BUG", "no region", { operation: job.operation });
    return body(region);
  });
}

interface Watch {
  readonly signal: AbortSignal | undefined;
  readonly operation: string;
  /** Whether anything was handed to the chip that programs or erases. */
  hasChanged: boolean;
  readonly busy: Busy;
  readonly guard: ChangeGuard;
}

/**
 * Asks once, before the first change, whether anything that the job may touch is protected: a chip ignores such changes in
 * silence.
 */
class ChangeGuard {
  readonly #device: FlashDevice;
  readonly #ranges: readonly ByteRange[];
  readonly #operation: string;
  #passed: Promise<void> | undefined;

  constructor(device: FlashDevice, ranges: readonly ByteRange[], operation: string) {
    this.#device = device;
    this.#ranges = ranges;
    this.#operation = operation;
  }

  /** Throws EROFS; CHIP_MISSING or CHIP_CHANGED if the chip is gone. */
  pass(): Promise<void> {
    this.#passed ??= this.#look();
    return this.#passed;
  }

  async #look(): Promise<void> {
    const held = await heldRange(this.#device, this.#ranges);
    if (held === undefined) return;
    // A chip that is gone reads FF, which looks like every protection bit set.
    await this.#device.checkIdentity();
    throw isProtected(this.#operation, held, "Nothing was changed. ");
  }
}

interface HeldRange {
  readonly range: ByteRange;
  readonly heldBy: string;
}

/** The first protected range that shares bytes with these. */
async function heldRange(device: FlashDevice, ranges: readonly ByteRange[]): Promise<HeldRange | undefined> {
  const { ranges: held, heldBy } = await device.protectedRanges();
  const range = held.find((one) => ranges.some((place) => rangeIntersection(one, place) !== undefined));
  return range === undefined ? undefined : { range, heldBy };
}

function isProtected(operation: string, { range, heldBy }: HeldRange, state: string, cause?: Error): NorbridgeError {
  return new NorbridgeError("EROFS", `${operation}: ${formatRange(range)} is protected by ${heldBy}`, {
    operation,
    range,
    cause,
    hint: advice(`${state}Lift the protection, or choose another range.`, "allow-lifting-protection"),
  });
}

/** How many runs the chip is busy with. */
class Busy {
  #count = 0;
  #waiting: (() => void)[] = [];

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (this.#count === 0) for (const wake of this.#waiting.splice(0)) wake();
  }

  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Turns that a body has to end by itself when the chip has nothing more to do. */
const TURNS_TO_END = 100;

/** What the body returns; after an abort only as long as the chip is busy for it, or it ends by itself. */
async function orLeft<T>(body: Promise<T>, { signal, operation, endsByItself }: RegionJob, watch: Watch): Promise<T> {
  if (endsByItself === true) return body;
  const first = await orAborted(body, signal);
  if (first !== ABORTED) return first;
  await watch.busy.idle();
  // What was in progress may still report that all of it was stored, or how far it came.
  if (await settlesSoon(body, TURNS_TO_END)) return body;
  throw new NorbridgeError("ECANCELED", `${operation}: cancelled`, { operation });
}

async function explain(
  device: FlashDevice,
  ranges: readonly ByteRange[],
  job: RegionJob,
  watch: Watch,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof NorbridgeError)) return error;
  const cause = isOf(error, "wayToChip") ? error : await whatTheChipSays(device, ranges, error);
  if (!watch.hasChanged) return cause;
  if (isOf(cause, "trueAfterChange")) return withoutDenial(cause);
  const far = job.howFar === undefined ? "" : `; ${job.howFar()}`;
  const why = cause.message.startsWith(`${job.operation}: `) ? cause.message : `${job.operation}: ${cause.message}`;
  return new NorbridgeError("INTERRUPTED", `${why}${far}`, {
    operation: job.operation,
    cause,
    range: cause.range,
    hint: job.resumeHint,
  });
}

/**
 * An error that blames the content stands only if the chip is still there; and a chip that is protected ignores programs
 * and erases without a word, which looks like cells that fail.
 */
async function whatTheChipSays(
  device: FlashDevice,
  ranges: readonly ByteRange[],
  error: NorbridgeError,
): Promise<NorbridgeError> {
  try {
    await device.checkIdentity();
    if (error.code !== "EIO") return await orDisturbedLine(device, error);
    const held = await heldRange(device, ranges);
    return held === undefined ? error : isProtected(error.operation, held, "", error);
  } catch (other) {
    return other instanceof NorbridgeError ? other : error;
  }
}

/** Passes everything on; stops between operations when the job is cancelled. */
function watchedBy(watch: Watch): NonNullable<RegionView["through"]> {
  return async function* run(ops, carryOut): AsyncGenerator<RegionResult> {
    stopIfAborted(watch);
    const group = { isChanging: false };
    const { busy } = watch;
    const results = carryOut(noted(ops, group, watch))[Symbol.asyncIterator]();
    busy.begin();
    let isBusy = true;
    try {
      for (let next = await results.next(); next.done !== true; next = await results.next()) {
        // A group of changes is carried out to its end: it is small, and what it leaves is whole.
        isBusy = group.isChanging;
        if (!isBusy) busy.end();
        yield next.value;
        if (!isBusy) busy.begin();
        isBusy = true;
        if (!group.isChanging) stopIfAborted(watch);
      }
      // Operations that were waited for do not come any more.
      if (Symbol.asyncIterator in ops) stopIfAborted(watch);
    } finally {
      if (isBusy) busy.end();
      await results.return?.();
    }
  };
}

/** The same operations; before the first that changes the chip it is known that nothing is protected. */
async function* noted(ops: Stream<RegionOp>, group: { isChanging: boolean }, watch: Watch): AsyncGenerator<RegionOp> {
  for await (const op of untilAborted(ops, watch.signal)) {
    if (op.kind === "program" || op.kind === "erase") {
      if (!watch.hasChanged) await watch.guard.pass();
      watch.hasChanged = true;
      group.isChanging = true;
    }
    yield op;
  }
}

function stopIfAborted({ signal, operation }: Watch): void {
  if (signal?.aborted !== true) return;
  throw new NorbridgeError("ECANCELED", `${operation}: cancelled`, { operation });
}
