/** `norbridge stream FILE`: Zephyr's Stream Flash, with progress that a device can read. */
import { resolve } from "node:path";
import { type ByteRange, type FlashGeometry, wholeChip } from "../../../drivers/geometry.ts";
import { formatAddress, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { imageSha256 } from "../../files/image-hash.ts";
import type { ImageFormat } from "../../files/image-source.ts";
import { openImage } from "../../files/open-image.ts";
import { checkFitsRange, type StreamReport, type StreamSource } from "../../jobs/stream-image.ts";
import { changeChip } from "../../runner/change-chip.ts";
import type { Watch } from "../../runner/change-jobs.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { newJournal } from "../../runner/job-journal.ts";
import type { JournalRequest } from "../../runner/journal-request.ts";
import type { Outcome } from "../program/outcome.ts";
import { formatSeconds } from "../../runner/quantities.ts";
import { checkWhole, runStream, streamSource, type StreamSettings } from "../../runner/stream-job.ts";
import { openProgressFile } from "../host-files/progress-file.ts";
import type { Session } from "../program/session.ts";

export interface StreamFileRequest {
  readonly connection: ConnectionRequest;
  readonly file: string;
  readonly format: ImageFormat | undefined;
  readonly range: ByteRange | undefined;
  readonly bufferBytes: number;
  readonly writeBlockBytes: number;
  readonly erasePage: number | undefined;
  readonly settings: StreamSettings | undefined;
  readonly progressFile: string | undefined;
  readonly isRestart: boolean;
  /** Ranges of the chip that may be erased, whatever they hold. */
  readonly overwrite: readonly ByteRange[];
  readonly journal: JournalRequest;
}

export async function stream(request: StreamFileRequest, session: Session): Promise<Outcome> {
  const image = await openImage(request.file, { format: request.format, signal: session.signal });
  try {
    const { connection, bufferBytes, writeBlockBytes, erasePage, overwrite } = request;
    checkWhole(image);
    const rangeOn = (geometry: FlashGeometry): ByteRange => request.range ?? wholeChip(geometry);
    let sha256 = "";
    const journal = newJournal(connection, request.journal, session, async (geometry, clock) => {
      const range = rangeOn(geometry);
      checkFitsRange(image.totalBytes, range.lengthBytes);
      // Only a file that fits is read completely.
      sha256 = await imageSha256(image, { clock, signal: session.signal, newHash: session.newHash });
      const named = request.format === undefined ? {} : { format: request.format };
      const record = { file: resolve(session.io.cwd, request.file), ...named, base: 0, sha256 };
      const { address, lengthBytes } = range;
      const optional = {
        erasePage,
        overwrite: overwrite.length === 0 ? undefined : overwrite,
      };
      const setup = { bufferBytes, writeBlockBytes, ...optional };
      return { subject: { command: "stream", image: record, stream: setup, address, lengthBytes }, touched: [range] };
    });
    const { progressFile } = request;
    const progress = progressFile === undefined ? undefined : await openProgressFile(progressFile, session.signal);
    const { signal } = session;
    const watch: Watch = (geometry, clock) => session.report.watch(geometry, clock);
    const before = { isBegun: false };
    return await changeChip(session, connection, journal, async (connected, tools) => {
      const range = rangeOn(connected.device.geometry);
      checkApart(range, request.settings?.range);
      const source = streamSource(image, sha256);
      const job = { ...request, progress, range, isBegun: before.isBegun };
      before.isBegun = true;
      const report = await runStream(connected, job, source, tools, { signal, watch });
      return streamOutcome(request.file, range, source, report);
    });
  } finally {
    await image.close();
  }
}

/** The result of a stream, on standard output and as fields. `file`: the name of its image. */
export function streamOutcome(file: string, range: ByteRange, source: StreamSource, report: StreamReport): Outcome {
  const crc32 = report.crc32.toString(16).padStart(8, "0");
  const place = `${formatSize(source.lengthBytes)} at ${formatAddress(range.address)}`;
  const resumed = report.resumedAt === 0 ? "" : `, ${formatSize(report.resumedAt)} of it already written`;
  return {
    kind: "done",
    summary: `streamed ${place}${resumed}, crc32 ${crc32}, ${formatSeconds(report.durationUs)}`,
    fields: {
      file,
      address: range.address,
      lengthBytes: source.lengthBytes,
      resumedAt: report.resumedAt,
      writtenBytes: report.writtenBytes,
      lastErasedPage: report.lastErasedPage ?? null,
      crc32,
      sha256: source.identity.sha256,
      durationUs: report.durationUs,
    },
  };
}

/** The stream must not overwrite its own progress. */
function checkApart(range: ByteRange, settings: ByteRange | undefined): void {
  if (settings === undefined) return;
  const isApart =
    settings.address + settings.lengthBytes <= range.address || range.address + range.lengthBytes <= settings.address;
  if (isApart) return;
  throw new NorbridgeError("EINVAL", "--range and --settings-range overlap", {
    operation: "stream",
    range: settings,
    hint: "Choose a --range for the stream that excludes the settings.",
  });
}
