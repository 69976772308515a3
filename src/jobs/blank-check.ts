/** Is a range erased? By digests: nothing but them travels. */
import { type ByteRange, wholeChip } from "../../drivers/geometry.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { appendRange } from "../../drivers/byte-ranges.ts";
import { compareDigests } from "./compare-digests.ts";
import type { JobContext } from "./job-event.ts";
import { type JobTools, withTools } from "./job-tools.ts";
import { PhaseCount } from "./phase-count.ts";
import { runJob } from "./run-job.ts";
import { blankTarget, checkInChip } from "./target.ts";

/** Result of a blank check. */
export interface BlankReport {
  /** Whether every byte of the range reads as erased. */
  readonly blank: boolean;
  /** Stretches with at least one programmed byte, as fine as the smallest erase blocks; joined where they touch. */
  readonly notBlank: readonly ByteRange[];
}

/**
 * Checks whether every byte of `range` reads as erased; the whole chip if `range` is left out. Changes nothing.
 *
 * @throws NorbridgeError ERANGE, EBUSY, ECANCELED, link errors.
 */
export async function blankCheck(
  device: FlashDevice,
  range?: ByteRange,
  context: JobContext = {},
): Promise<BlankReport> {
  return withTools(device, context, "blank check", (tools) => {
    const whole = range ?? wholeChip(device.geometry);
    checkInChip(whole, device.geometry, "blank check");
    return check(device, whole, tools);
  });
}

function check(device: FlashDevice, range: ByteRange, context: JobTools): Promise<BlankReport> {
  const target = blankTarget(range, device.geometry);
  const count = new PhaseCount(context, "blank-check", range.lengthBytes);
  return runJob(device, context, { operation: "blank check" }, async (pipe) => {
    const notBlank: ByteRange[] = [];
    for await (const piece of compareDigests(pipe, target, device.geometry, count, device.link?.isUnchecked ?? false)) {
      if (!piece.isEqual) appendRange(notBlank, piece.range);
      context.onEvent?.({ kind: "sector", range: piece.range, state: piece.isEqual ? "blank" : "differs" });
    }
    return { blank: notBlank.length === 0, notBlank };
  });
}
