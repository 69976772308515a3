/** `norbridge stream FILE`: Zephyr's Stream Flash, with progress that a device can read. */
import { resolve } from "node:path";
import type { ByteRange, FlashGeometry } from "../../../drivers/geometry.ts";
import { formatAddress, formatSize, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { imageSha256 } from "../../files/image-hash.ts";
import type { ImageSource } from "../../files/image-source.ts";
import { openImage } from "../../files/open-image.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { runOnRegions } from "../../jobs/run-on-region.ts";
import { checkFitsRange, streamImage, type StreamSource } from "../../jobs/stream-image.ts";
import type { Journal } from "../../journal/journal.ts";
import { SettingsStore } from "../../storage/settings/settings-store.ts";
import type { ImageIdentity, ProgressStore } from "../../storage/stream-flash/progress-store.ts";
import { settingsProgressStore } from "../../storage/stream-flash/settings-progress-store.ts";
import { type ChangeTools, changeChip } from "../../runner/change-chip.ts";
import { wholeChip } from "../chip-range.ts";
import type { Connected } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { newJournal } from "../../runner/job-journal.ts";
import type { JournalRequest } from "../../runner/journal-request.ts";
import type { Outcome } from "../outcome.ts";
import { formatSeconds } from "../../runner/quantities.ts";
import { openProgressFile } from "../progress-file.ts";
import type { Session } from "../session.ts";

export interface StreamFileRequest {
  readonly connection: ConnectionRequest;
  readonly file: string;
  readonly range: ByteRange | undefined;
  readonly bufferBytes: number;
  readonly writeBlockBytes: number;
  readonly settings: { readonly key: string; readonly range: ByteRange; readonly sizeTBytes: 4 | 8 } | undefined;
  readonly progressFile: string | undefined;
  readonly isRestart: boolean;
  readonly journal: JournalRequest;
}

export async function stream(request: StreamFileRequest, session: Session): Promise<Outcome> {
  const image = await openImage(request.file, { signal: session.signal });
  try {
    const { connection, bufferBytes, writeBlockBytes } = request;
    checkWhole(image);
    const rangeOn = (geometry: FlashGeometry): ByteRange => request.range ?? wholeChip(geometry);
    let sha256 = "";
    const journal = newJournal(connection, request.journal, session, async (geometry, clock) => {
      const range = rangeOn(geometry);
      checkFitsRange(image.totalBytes, range.lengthBytes);
      // Only what fits is read whole.
      sha256 = await imageSha256(image, { clock, signal: session.signal });
      const record = { file: resolve(session.io.cwd, request.file), base: 0, sha256 };
      const { address, lengthBytes } = range;
      const setup = { bufferBytes, writeBlockBytes };
      return { subject: { command: "stream", image: record, stream: setup, address, lengthBytes }, touched: [range] };
    });
    const { progressFile } = request;
    const progress = progressFile === undefined ? undefined : await openProgressFile(progressFile, session.signal);
    return await changeChip(session, connection, journal, (connected, tools) => {
      const range = rangeOn(connected.device.geometry);
      return streamInto(connected, { ...request, progress, range }, streamSource(image, sha256), tools, session);
    });
  } finally {
    await image.close();
  }
}

/** Throws FILE_INVALID for an image with holes. */
function checkWhole(image: ImageSource): void {
  if (image.segments.length === 1) return;
  throw new NorbridgeError("FILE_INVALID", `${printable(image.name)} has holes, and a stream has none`, {
    operation: "stream",
    hint: "Convert it to a raw file first, or use `norbridge write`.",
  });
}

/** An image as a stream; `sha256` is its own. Throws FILE_INVALID for one with holes. */
export function streamSource(image: ImageSource, sha256: string): StreamSource {
  checkWhole(image);
  const [{ address, lengthBytes } = { address: 0, lengthBytes: 0 }] = image.segments;
  return {
    lengthBytes,
    identity: { lengthBytes, sha256 },
    read: (offset, length) => image.read({ address: address + offset, lengthBytes: length }),
  };
}

export interface StreamJob {
  readonly file: string;
  readonly range: ByteRange;
  readonly bufferBytes: number;
  readonly writeBlockBytes: number;
  readonly settings: StreamFileRequest["settings"];
  /** A file that keeps the progress. */
  readonly progress: ProgressStore | undefined;
  readonly isRestart: boolean;
}

/** Streams on this connection, and goes on where the settings, the file or the journal say that it stopped. */
export function streamInto(
  { device, clock }: Connected,
  job: StreamJob,
  source: StreamSource,
  { journal, isKept }: Pick<ChangeTools, "journal" | "isKept">,
  session: Session,
): Promise<Outcome> {
  let keptBytes = 0;
  const { range } = job;
  const isGoingOn = isKept || job.settings !== undefined || job.progress !== undefined;
  const frame = {
    operation: "stream",
    signal: session.signal,
    howFar: () =>
      `${keptBytes} of ${source.lengthBytes} bytes are written${isGoingOn ? " and their progress is kept" : ""}`,
    resumeHint: isGoingOn
      ? "Run the same command again: it goes on from there."
      : "Run the same command again: it begins anew.",
  };
  checkApart(range, job.settings?.range);
  const ranges = [range, ...(job.settings === undefined ? [] : [job.settings.range])];
  return runOnRegions(device, ranges, frame, async ([region, settingsRegion]) => {
    if (region === undefined) throw new NorbridgeError("BUG", "no region", { operation: "stream" });
    const { bufferBytes, writeBlockBytes } = job;
    const progress = await progressOf(job, settingsRegion, journal, source.identity);
    const isOwnProgress = job.progress === undefined && job.settings === undefined;
    const onEvent = session.report.watch(device.geometry, clock);
    const report = await streamImage(
      region,
      source,
      // Over a second connection of this command it goes on, whatever was to be forgotten at its start.
      { bufferBytes, writeBlockBytes, progress, isRestart: job.isRestart && journal.bytesWritten === 0, isOwnProgress },
      { clock, signal: session.signal, onEvent },
      (bytesWritten) => {
        noteProgress(journal, bytesWritten);
        keptBytes = bytesWritten;
      },
    );
    const crc32 = report.crc32.toString(16).padStart(8, "0");
    const place = `${formatSize(source.lengthBytes)} at ${formatAddress(range.address)}`;
    const resumed = report.resumedAt === 0 ? "" : `, ${formatSize(report.resumedAt)} of it were there`;
    return {
      kind: "done",
      summary: `streamed ${place}${resumed}, crc32 ${crc32}, ${formatSeconds(report.durationUs)}`,
      fields: {
        file: job.file,
        address: range.address,
        lengthBytes: source.lengthBytes,
        resumedAt: report.resumedAt,
        writtenBytes: report.writtenBytes,
        crc32,
        sha256: source.identity.sha256,
        durationUs: report.durationUs,
      },
    };
  });
}

/** Where the journal takes nothing more, what is on the chip by now is whole, and the stream stops before the next sector. */
function noteProgress(journal: Journal, bytesWritten: number): void {
  try {
    journal.progress(bytesWritten);
  } catch (error) {
    if (!(error instanceof NorbridgeError) || bytesWritten === 0) throw error;
    const message = `stream: ${error.message}; the chip holds the first ${formatSize(bytesWritten)}`;
    throw new NorbridgeError("INTERRUPTED", message, {
      operation: "stream",
      hint: "Make room on the disk of the journal, then run the same command again: it goes on from there.",
      cause: error,
    });
  }
}

async function progressOf(
  job: StreamJob,
  settingsRegion: FlashRegion | undefined,
  journal: Journal,
  image: ImageIdentity,
): Promise<ProgressStore> {
  if (job.progress !== undefined) return job.progress;
  if (job.settings === undefined || settingsRegion === undefined) return journalProgress(journal, image);
  const settings = await SettingsStore.mount(settingsRegion, { alignBytes: job.writeBlockBytes });
  return settingsProgressStore(settings, job.settings.key, job.settings.sizeTBytes);
}

/** What `streamImage` reports is written down by whoever called it; here it is only read. */
function journalProgress(journal: Journal, image: ImageIdentity): ProgressStore {
  return {
    load: () => {
      const { bytesWritten } = journal;
      return Promise.resolve(bytesWritten === 0 ? undefined : { bytesWritten, image });
    },
    save: () => Promise.resolve(),
    clear: () => Promise.resolve(),
  };
}

/** The stream must not run over its own progress. */
function checkApart(range: ByteRange, settings: ByteRange | undefined): void {
  if (settings === undefined) return;
  const isApart =
    settings.address + settings.lengthBytes <= range.address || range.address + range.lengthBytes <= settings.address;
  if (isApart) return;
  throw new NorbridgeError("EINVAL", "--range and --settings-range overlap", {
    operation: "stream",
    range: settings,
    hint: "Give the stream a --range that leaves the settings out.",
  });
}
