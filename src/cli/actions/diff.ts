/** `norbridge diff FILE`: the bytes that differ, both sides. Only sectors with another checksum are read. */
import { formatRange, formatSize, toHex } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { checkFits, checkPageSize } from "../../files/check-fits.ts";
import { diffImage } from "../../jobs/diff-image.ts";
import type { Outcome } from "../program/outcome.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { ImageRequest } from "../options/image-request.ts";
import { openImageRequest } from "../host-files/open-image-request.ts";
import { resolveRegions } from "./region-image.ts";
import { hexRow } from "../output/hex-dump.ts";
import { count } from "../../runner/quantities.ts";
import type { Session } from "../program/session.ts";

export interface DiffRequest {
  readonly connection: ConnectionRequest;
  readonly image: ImageRequest;
}

const ROW_BYTES = 16;

export async function diff(request: DiffRequest, session: Session): Promise<Outcome> {
  session.endWithStdout();
  const resolved = await resolveRegions(request.image, request.connection, session, "diff");
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
        const onEvent = session.report.watch(device.geometry, clock);
        let ranges = 0;
        let differingBytes = 0;
        const context = { clock, signal: session.signal, onEvent };
        try {
          for await (const difference of diffImage(device, image, { offset }, context)) {
            ranges++;
            differingBytes += difference.lengthBytes;
            session.report.text(differenceText(difference));
            session.report.record("difference", {
              address: difference.address,
              lengthBytes: difference.lengthBytes,
              chip: toHex(difference.chip),
              file: toHex(difference.file),
            });
            // Reads of an image file never wait; Ctrl-C and a closed reader must be noticed in between.
            await clock.wait(0);
          }
        } catch (error) {
          // `| head` closed the output after it has shown a difference.
          const isAnswered = session.endedWithStdout && ranges > 0;
          if (!isAnswered || !(error instanceof NorbridgeError) || error.code !== "ECANCELED") throw error;
        }
        const fields = {
          address: offset,
          lengthBytes: image.totalBytes,
          comparedBytes: image.totalBytes,
          differingBytes,
          ranges,
          files,
        };
        if (ranges === 0) return { kind: "done", summary: `equal: ${formatSize(image.totalBytes)}`, fields };
        const message = `${count(differingBytes, "byte")} in ${count(ranges, "range")} differ`;
        return { kind: "no", message, hint: "`norbridge write` makes the chip equal to the file.", fields };
      },
    );
  } finally {
    await image.close();
  }
}

interface Difference {
  readonly address: number;
  readonly lengthBytes: number;
  readonly chip: Uint8Array;
  readonly file: Uint8Array;
}

/** A head line, then a row of the chip above the same row of the file. */
export function differenceText({ address, lengthBytes, chip, file }: Difference): string {
  let text = `${formatRange({ address, lengthBytes })}\n`;
  for (let at = 0; at < chip.length; at += ROW_BYTES) {
    text += `  chip ${hexRow(address + at, chip.subarray(at, at + ROW_BYTES))}\n`;
    text += `  file ${hexRow(address + at, file.subarray(at, at + ROW_BYTES))}\n`;
  }
  return text;
}
