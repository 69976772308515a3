/** `norbridge verify FILE`: compares the chip with the file by checksums; only these are transferred. */
import { formatRange, formatSize } from "../../bytes.ts";
import type { ByteRange } from "../../../drivers/geometry.ts";
import { checkFits, checkPageSize } from "../../files/check-fits.ts";
import { imageSha256 } from "../../files/image-hash.ts";
import type { ImageSource } from "../../files/image-source.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { lookAtMismatch } from "../../jobs/look-at-mismatch.ts";
import type { Mismatch } from "../../jobs/mismatch.ts";
import { piecesIn, placedImage } from "../../jobs/target.ts";
import { verifyImage } from "../../jobs/verify-image.ts";
import type { Outcome } from "../program/outcome.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { ImageRequest } from "../options/image-request.ts";
import { openImageRequest } from "../host-files/open-image-request.ts";
import { resolveRegions } from "./region-image.ts";
import { formatSeconds } from "../../runner/quantities.ts";
import { hintText } from "../output/remedy-text.ts";
import type { Session } from "../program/session.ts";

export interface VerifyRequest {
  readonly connection: ConnectionRequest;
  readonly image: ImageRequest;
}

/** At most this many ranges are named in a message; the others are counted. `--json` has all. */
const SHOWN_RANGES = 8;

export async function verify(request: VerifyRequest, session: Session): Promise<Outcome> {
  const resolved = await resolveRegions(request.image, request.connection, session, "verify");
  const { image, files, isPlaced } = await openImageRequest(resolved, session);
  const { offset } = request.image;
  try {
    return await withDevice(
      session,
      request.connection,
      { willChange: false, mayReconnect: true },
      async ({ device, clock }) => {
        checkFits(image, offset, device.geometry.capacityBytes);
        if (!isPlaced) checkPageSize(image, offset, device.geometry);
        const beganUs = clock.nowUs();
        const onEvent = session.report.watch(device.geometry, clock);
        const report = await verifyImage(device, image, { offset }, { clock, signal: session.signal, onEvent });
        const durationUs = clock.nowUs() - beganUs;
        const sha256 = await imageSha256(image, session);
        const fields = {
          address: offset,
          lengthBytes: image.totalBytes,
          comparedBytes: report.comparedBytes,
          durationUs,
          sha256,
          files,
        };
        if (report.equal) {
          const summary = `equal: ${formatSize(report.comparedBytes)} in ${formatSeconds(durationUs)}, sha256 ${sha256}`;
          return { kind: "done", summary, fields };
        }
        const differing = report.differing.map(({ address, lengthBytes }) => ({ address, lengthBytes }));
        const look = await firstMismatch(device, image, offset, report.differing);
        return {
          kind: "no",
          message: `the chip differs from the file in ${rangesText(report.differing)}: ${look.text}`,
          hint: hintText(look.next),
          fields: { ...fields, differing, mismatch: look.kind },
        };
      },
    );
  } finally {
    await image.close();
  }
}

/** Describes the first difference; a reported range may include a gap of the image. */
function firstMismatch(
  device: FlashDevice,
  image: ImageSource,
  offset: number,
  differing: readonly ByteRange[],
): Promise<Mismatch> {
  const target = placedImage(image, offset, device.geometry);
  const range = differing[0] ?? { address: 0, lengthBytes: 0 };
  return lookAtMismatch(device, target, piecesIn(target, range)[0] ?? range);
}

/** A list of ranges for people, shortened if it is long. */
export function rangesText(ranges: readonly { readonly address: number; readonly lengthBytes: number }[]): string {
  const shown = ranges.slice(0, SHOWN_RANGES).map(formatRange).join(", ");
  return ranges.length > SHOWN_RANGES ? `${shown} and ${ranges.length - SHOWN_RANGES} more ranges` : shown;
}
