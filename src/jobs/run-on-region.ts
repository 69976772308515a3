/**
 * One frame for all work that storage does on a region of the chip: cancelling, chips that went away, and what a failure
 * means once something was changed. A chip without supply reads FF, which looks like an empty log: whatever was read, or
 * found to be missing, is only true if the chip still answers by its name.
 */
import { type ByteRange, rangeIntersection } from "../../drivers/geometry.ts";
import { formatRange } from "../bytes.ts";
import { NorbridgeError, type ErrorCode } from "../errors.ts";
import { type Claims, claimsOf } from "../flash/claims.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import type { FlashRegion, RegionOp, RegionResult } from "../flash/flash-region.ts";
import { regionOf } from "../flash/open-region.ts";
import { RegionOperations } from "../flash/region-operations.ts";
import type { Stream } from "../stream.ts";

export interface RegionJob {
  /** For error messages: "log append". */
  readonly operation: string;
  readonly signal?: AbortSignal;
  /** How far the job is, as the end of a sentence: "3 of 7 records are stored"; asked when it fails after a change. */
  readonly howFar?: () => string;
  /** What to do when it was interrupted after a change; the table's hint if left out. */
  readonly resumeHint?: string;
}

/** Errors of the way to the chip: they say nothing about the data, and the job may go on another time. */
const LINK_ERRORS: readonly ErrorCode[] = [
  "ECANCELED",
  "ENODEV",
  "ESHUTDOWN",
  "CHIP_MISSING",
  "CHIP_CHANGED",
  "BRIDGE_SILENT",
  "BRIDGE_PROTOCOL",
  "BRIDGE_RESET",
  "PORT_NOT_FOUND",
  "PORT_DENIED",
];

/**
 * Runs `body` on the regions `ranges` of the device. Throws what `regionOf` and `body` throw; INTERRUPTED instead of an
 * error of the link once something was programmed or erased; ECANCELED if it was cancelled before.
 */
export async function runOnRegions<T>(
  device: FlashDevice,
  ranges: readonly ByteRange[],
  job: RegionJob,
  body: (regions: readonly FlashRegion[]) => Promise<T>,
): Promise<T> {
  const watch: Watch = { signal: job.signal, operation: job.operation, hasChanged: false };
  const regions = ranges.map((range) => new WatchedRegion(regionOf(device, range), watch));
  try {
    const result = await body(regions);
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
}

async function explain(
  device: FlashDevice,
  ranges: readonly ByteRange[],
  job: RegionJob,
  watch: Watch,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof NorbridgeError)) return error;
  const cause = isLinkError(error) ? error : await whatTheChipSays(device, ranges, error);
  if (!watch.hasChanged || !isLinkError(cause)) return cause;
  const far = job.howFar === undefined ? "" : `; ${job.howFar()}`;
  return new NorbridgeError("INTERRUPTED", `${job.operation}: ${cause.message}${far}`, {
    operation: job.operation,
    cause,
    ...(cause.range === undefined ? {} : { range: cause.range }),
    ...(job.resumeHint === undefined ? {} : { hint: job.resumeHint }),
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
    if (error.code !== "EIO") return error;
    const { ranges: held, heldBy } = await device.protectedRanges();
    const range = held.find((one) => ranges.some((wanted) => rangeIntersection(one, wanted) !== undefined));
    if (range === undefined) return error;
    return new NorbridgeError("EROFS", `${error.operation}: ${formatRange(range)} is protected by ${heldBy}`, {
      operation: error.operation,
      range,
      cause: error,
      hint: "--unprotect lifts it for this command and puts it back.",
    });
  } catch (other) {
    return other instanceof NorbridgeError ? other : error;
  }
}

function isLinkError(error: NorbridgeError): boolean {
  return LINK_ERRORS.includes(error.code);
}

/** Passes everything on; stops between operations when the job is cancelled. */
class WatchedRegion extends RegionOperations implements FlashRegion {
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly claims: Claims;
  readonly #region: FlashRegion;
  readonly #watch: Watch;

  constructor(region: FlashRegion, watch: Watch) {
    super();
    this.#region = region;
    this.#watch = watch;
    this.address = region.address;
    this.lengthBytes = region.lengthBytes;
    this.eraseBytes = region.eraseBytes;
    this.programBytes = region.programBytes;
    this.erasedByte = region.erasedByte;
    this.claims = claimsOf(region);
  }

  async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    this.#stopIfAborted();
    const group = { isChanging: false };
    for await (const result of this.#region.run(this.#watched(ops, group))) {
      yield result;
      // A group of changes is carried out to its end: it is small, and what it leaves is whole.
      if (!group.isChanging) this.#stopIfAborted();
    }
  }

  async *#watched(ops: Stream<RegionOp>, group: { isChanging: boolean }): AsyncGenerator<RegionOp> {
    for await (const op of ops) {
      if (op.kind === "program" || op.kind === "erase") {
        this.#watch.hasChanged = true;
        group.isChanging = true;
      }
      yield op;
    }
  }

  #stopIfAborted(): void {
    const { signal, operation } = this.#watch;
    if (signal?.aborted !== true) return;
    throw new NorbridgeError("ECANCELED", `${operation}: cancelled`, { operation });
  }
}
