/** `norbridge verify FILE`: does the chip hold what the file says. By digests; nothing but them travels. */
import { formatRange, formatSize } from "../../bytes.ts";
import { checkFits } from "../../files/check-fits.ts";
import { imageSha256 } from "../../files/image-hash.ts";
import { verifyImage } from "../../jobs/verify-image.ts";
import type { Outcome } from "../outcome.ts";
import { withDevice } from "../connect.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import type { ImageRequest } from "../image-request.ts";
import { openImageRequest } from "../open-image-request.ts";
import { formatSeconds } from "../output/quantities.ts";
import type { Session } from "../session.ts";

export interface VerifyRequest {
  readonly connection: ConnectionRequest;
  readonly image: ImageRequest;
}

/** So many ranges are named in a message; the rest is counted. `--json` has all. */
const SHOWN_RANGES = 8;

export async function verify(request: VerifyRequest, session: Session): Promise<Outcome> {
  const image = await openImageRequest(request.image, session);
  const { offset } = request.image;
  try {
    return await withDevice(
      session,
      request.connection,
      { willChange: false, mayReconnect: true },
      async ({ device, clock }) => {
        checkFits(image, offset, device.geometry.capacityBytes);
        const beganUs = clock.nowUs();
        const onEvent = session.report.watch(device.geometry, clock);
        const report = await verifyImage(device, image, { offset }, { clock, signal: session.signal, onEvent });
        const durationUs = clock.nowUs() - beganUs;
        const sha256 = await imageSha256(image);
        const fields = { comparedBytes: report.comparedBytes, durationUs, sha256 };
        if (report.equal) {
          const summary = `equal: ${formatSize(report.comparedBytes)} in ${formatSeconds(durationUs)}, sha256 ${sha256}`;
          return { kind: "done", summary, fields };
        }
        const differing = report.differing.map(({ address, lengthBytes }) => ({ address, lengthBytes }));
        return {
          kind: "no",
          message: `the chip differs from the file in ${rangesText(report.differing)}`,
          hint: "`norbridge diff` shows the bytes; `norbridge write` puts them right.",
          fields: { ...fields, differing },
        };
      },
    );
  } finally {
    await image.close();
  }
}

/** A list of ranges for people, cut where it gets long. */
export function rangesText(ranges: readonly { readonly address: number; readonly lengthBytes: number }[]): string {
  const shown = ranges.slice(0, SHOWN_RANGES).map(formatRange).join(", ");
  return ranges.length > SHOWN_RANGES ? `${shown} and ${ranges.length - SHOWN_RANGES} more ranges` : shown;
}
