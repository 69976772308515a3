/** Write and erase as command line and library run them: with a journal, over as many connections as it takes. */
import type { ByteRange, FlashGeometry } from "../../drivers/geometry.ts";
import type { Clock } from "../clock.ts";
import { checkFits, checkPageSize } from "../files/check-fits.ts";
import { imageSha256 } from "../files/image-hash.ts";
import type { ImageSource } from "../files/image-source.ts";
import { movedSegments } from "../files/segment.ts";
import { carryOnErase, carryOnWrite } from "../jobs/carry-on.ts";
import type { EraseReport } from "../jobs/erase-range.ts";
import type { JobEvent } from "../jobs/job-event.ts";
import type { WriteReport, WriteRequest } from "../jobs/write/write-image.ts";
import type { JobRecord } from "../journal/journal-line.ts";
import { type ChipAccess, changeOn } from "./change-chip.ts";
import { newJournal } from "./job-journal.ts";
import type { JournalRequest } from "./journal-request.ts";
import type { RunHost } from "./run-host.ts";

/** Shows a job while it runs: returns the listener of its events. Called once for each connection. */
export type Watch = (geometry: FlashGeometry, clock: Clock) => (event: JobEvent) => void;

/** How a journal names an image, so that a resume finds it again. */
export type NamedImage = Omit<NonNullable<JobRecord["image"]>, "sha256">;

export interface WriteJob {
  readonly image: ImageSource;
  readonly named: NamedImage;
  /** The user specified which bytes go where: an image for another page size is written end to end. */
  readonly isPlaced?: boolean | undefined;
  readonly request: Pick<WriteRequest, "offset" | "verify" | "assumeBlank" | "retries" | "checkUntouched">;
  readonly journal: JournalRequest;
}

/**
 * Writes an image. Throws what `writeImage` throws; FILE_INVALID before anything is changed if the image does not fit,
 * FILE_EXISTS if the journal cannot be kept.
 */
export async function runWrite(
  chip: ChipAccess,
  { image, named, isPlaced = false, request, journal }: WriteJob,
  host: RunHost,
  watch: Watch,
): Promise<WriteReport & { readonly sha256: string }> {
  const { offset = 0 } = request;
  let sha256 = "";
  const touched = movedSegments(image.segments, offset);
  const source = newJournal(chip.connection, journal, host, async (geometry, clock) => {
    checkFits(image, offset, geometry.capacityBytes);
    if (!isPlaced) checkPageSize(image, offset, geometry);
    // Only what fits is read whole.
    sha256 = await imageSha256(image, { clock, signal: host.signal, newHash: host.newHash });
    const place = { address: offset, lengthBytes: image.totalBytes };
    return { subject: { command: "write", image: { ...named, sha256 }, ...place }, touched };
  });
  const report = await changeOn(chip, host, source, ({ device, clock }, tools) =>
    carryOnWrite(
      device,
      image,
      tools.journal.held,
      { ...request, safe: tools.journal, onUnrestored: tools.onUnrestored },
      { clock, signal: host.signal, onEvent: watch(device.geometry, clock) },
    ),
  );
  // Over a second connection sectors in progress were restored whole: that is more than the image.
  return { ...report, imageBytes: image.totalBytes, sha256 };
}

/** Erases a range, which `rangeOn` names once the chip is known. Throws what `eraseRange` throws. */
export async function runErase(
  chip: ChipAccess,
  rangeOn: (geometry: FlashGeometry) => ByteRange,
  journal: JournalRequest,
  host: RunHost,
  watch: Watch,
): Promise<EraseReport & { readonly range: ByteRange }> {
  const source = newJournal(chip.connection, journal, host, (geometry) => {
    const range = rangeOn(geometry);
    return { subject: { command: "erase", ...range }, touched: [range] };
  });
  return changeOn(chip, host, source, async ({ device, clock }, tools) => {
    const range = rangeOn(device.geometry);
    const report = await carryOnErase(
      device,
      range,
      tools.journal.held,
      { safe: tools.journal, onUnrestored: tools.onUnrestored },
      { clock, signal: host.signal, onEvent: watch(device.geometry, clock) },
    );
    return { ...report, range };
  });
}
