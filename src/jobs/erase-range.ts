/**
 * Erases a range: afterwards every byte in it reads as erased, every byte outside reads as before. The same machinery as
 * a write, with a target that is blank: what is blank already is skipped, and block sizes are chosen by typical time.
 */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { checkEraseRequest } from "./check-request.ts";
import type { JobContext } from "./job-event.ts";
import { type JobTools, withTools } from "./job-tools.ts";
import type { JobSafe } from "./job-safe.ts";
import type { JobPast, UnrestoredHandler } from "./run-job.ts";
import { blankTarget, checkInChip } from "./target.ts";
import { putContent } from "./write/put-content.ts";

/** How to erase a range. All of it may be left out. */
export interface EraseRequest {
  /** Bytes of partly covered blocks are read before and restored after. There is no other way to ask. */
  readonly keepOutside?: true | undefined;
  /** Receives bytes that the job erased and could not restore. */
  readonly onUnrestored?: UnrestoredHandler | undefined;
  /** Keeps bytes of an erase block while it is erased, so that a later run can restore them. */
  readonly safe?: JobSafe | undefined;
  /** What earlier parts of the same work have changed: decides what an error means. */
  readonly past?: JobPast | undefined;
  /** Places where an erase may have been cut: erased again whatever they read. */
  readonly distrusted?: readonly ByteRange[] | undefined;
}

/** What an erase did, in bytes of the chip. */
export interface EraseReport {
  /** Bytes of the range that were blank before. */
  readonly blankBytes: number;
  /** Erase commands. */
  readonly erasedUnits: number;
  /** Bytes that erase commands covered, also outside of the range. */
  readonly erasedBytes: number;
  /** Bytes outside of the range that were erased and restored. */
  readonly restoredBytes: number;
  /** Bytes that were compared after the erase. */
  readonly verifiedBytes: number;
  /** Smallest erase blocks that were erased again because they did not read as they should. */
  readonly retriedUnits: number;
  /** Time from the start of the job to its end, microseconds. */
  readonly durationUs: number;
}

/**
 * Erases a range: afterwards every byte in it reads as erased, every byte outside reads as before. What is blank
 * already is skipped. Block sizes are chosen by their typical time. The range may start and end anywhere: bytes of
 * partly covered blocks are read before and restored after.
 *
 * @throws NorbridgeError ERANGE, EROFS, EIO, EBUSY; ECANCELED and link errors before any change; INTERRUPTED after it;
 * INTERRUPTED_FINAL if bytes outside of the range were erased and not restored.
 */
export async function eraseRange(
  device: FlashDevice,
  range: ByteRange,
  request: EraseRequest = {},
  context: JobContext = {},
): Promise<EraseReport> {
  return withTools(device, context, "erase", (tools) => {
    checkEraseRequest(request, "erase");
    checkInChip(range, device.geometry, "erase");
    return erase(device, range, request, tools);
  });
}

async function erase(
  device: FlashDevice,
  range: ByteRange,
  request: EraseRequest,
  context: JobTools,
): Promise<EraseReport> {
  const target = blankTarget(range, device.geometry);
  const { onUnrestored, safe, distrusted, past } = request;
  const put = { operation: "erase", onUnrestored, safe, distrusted, past };
  const report = await putContent({ device, target, request: put, context });
  const { erasedUnits, erasedBytes, restoredBytes, verifiedBytes, retriedUnits, durationUs } = report;
  const blankBytes = range.lengthBytes - report.rewrittenBytes;
  return { blankBytes, erasedUnits, erasedBytes, restoredBytes, verifiedBytes, retriedUnits, durationUs };
}
