/** Does the chip hold the image? By digests: nothing but them travels. */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { ImageSource } from "../files/image-source.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { appendRange } from "../../drivers/byte-ranges.ts";
import { checkImage, checkOffset } from "./check-request.ts";
import { compareDigests } from "./compare-digests.ts";
import type { JobContext } from "./job-event.ts";
import { type JobTools, withTools } from "./job-tools.ts";
import { PhaseCount } from "./phase-count.ts";
import { runJob } from "./run-job.ts";
import { placedImage, type PlaceRequest, type Target } from "./target.ts";

/** Result of a comparison of chip and image. */
export interface VerifyReport {
  /** Whether the chip holds every byte of the image. */
  readonly equal: boolean;
  /** Bytes compared: the length of the image without its holes. */
  readonly comparedBytes: number;
  /** Stretches with at least one differing byte, as fine as the smallest erase blocks; joined where they touch. */
  readonly differing: readonly ByteRange[];
}

/**
 * Checks whether the chip holds the image. It compares checksums, so few bytes travel. Changes nothing; bytes outside
 * of the image are not read. A difference is not an error: see `equal` in the result.
 *
 * @throws NorbridgeError FILE_INVALID if the image does not fit, EBUSY, ECANCELED, link errors.
 */
export async function verifyImage(
  device: FlashDevice,
  image: ImageSource,
  request: PlaceRequest = {},
  context: JobContext = {},
): Promise<VerifyReport> {
  return withTools(device, context, "verify", (tools) => {
    checkImage(image, "verify");
    checkOffset(request, "verify");
    return verify(device, placedImage(image, request.offset ?? 0, device.geometry), tools);
  });
}

function verify(device: FlashDevice, target: Target, context: JobTools): Promise<VerifyReport> {
  const count = new PhaseCount(context, "verify", target.totalBytes);
  return runJob(device, context, { operation: "verify" }, async (pipe) => {
    const differing: ByteRange[] = [];
    for await (const { range, isEqual } of compareDigests(
      pipe,
      target,
      device.geometry,
      count,
      device.link?.isUnchecked ?? false,
    )) {
      if (!isEqual) appendRange(differing, range);
      context.onEvent?.({ kind: "sector", range, state: isEqual ? "verified" : "differs" });
    }
    return { equal: differing.length === 0, comparedBytes: count.doneBytes, differing };
  });
}
