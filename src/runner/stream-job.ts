/** An image as a stream, as command line and library run it: where its progress is kept, and where it continues. */
import type { ByteRange } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import { formatRange, formatSize, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ImageSource } from "../files/image-source.ts";
import type { FlashRegion } from "../flash/flash-region.ts";
import { putHeldBack } from "../jobs/carry-on.ts";
import { runOnRegions } from "../jobs/run-on-region.ts";
import { streamImage, type StreamReport, type StreamSource } from "../jobs/stream-image.ts";
import type { Journal } from "../journal/journal.ts";
import type { KeyValueStore } from "../storage/key-value-store.ts";
import {
  checkWholeRegion,
  findKeyValues,
  type KeyValueLayout,
  openKeyValues,
  settingsOn,
} from "../storage/open-key-values.ts";
import { isNamed, placesIn } from "../storage/recognise/places.ts";
import type { NamedSettings } from "../storage/settings/named-settings.ts";
import { openSettings as openFcbSettings, type SettingsHints } from "../storage/settings/open-settings.ts";
import type { ImageIdentity, ProgressStore } from "../storage/stream-flash/progress-store.ts";
import { settingsProgressStore } from "../storage/stream-flash/settings-progress-store.ts";
import type { ChangeTools } from "./change-chip.ts";
import type { Watch } from "./change-jobs.ts";
import type { Connected } from "./with-chip.ts";

/** Throws FILE_INVALID for an image with holes. */
export function checkWhole(image: ImageSource): void {
  if (image.segments.length === 1) return;
  throw new NorbridgeError("FILE_INVALID", `${printable(image.name)} has gaps, which a stream cannot have`, {
    operation: "stream",
    hint: advice("Convert it to a raw file first, or write it as an image.", "write-image"),
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

/** Settings on the chip that keep the progress of a stream. */
export interface StreamSettings {
  readonly key: string;
  readonly range: ByteRange;
  /** Bytes of a `size_t` of the device that reads it. */
  readonly sizeTBytes: 4 | 8;
  /** The form of the settings. */
  readonly backend: "auto" | "fcb" | KeyValueLayout;
  /** Size of their sectors; as recognised if undefined. */
  readonly sectorBytes?: number | undefined;
}

export interface StreamJob {
  readonly range: ByteRange;
  readonly bufferBytes: number;
  readonly writeBlockBytes: number;
  /** Erase the page that contains this place of the range first. */
  readonly erasePage?: number | undefined;
  /** Settings that keep the progress, and under which key. */
  readonly settings: StreamSettings | undefined;
  /** A file that keeps the progress. */
  readonly progress: ProgressStore | undefined;
  readonly isRestart: boolean;
  /** Ranges of the chip that may be erased although they hold data of another. */
  readonly overwrite?: readonly ByteRange[] | undefined;
  /** Whether this very job was begun before, see `StreamRequest`. */
  readonly isBegun?: boolean | undefined;
}

/** What ends a stream early, and who is shown its events. */
export interface StreamTools {
  readonly signal: AbortSignal;
  readonly watch: Watch;
}

/** Streams on this connection, and continues where the settings, the file or the journal say that it stopped. */
export async function runStream(
  { device, clock }: Connected,
  job: StreamJob,
  source: StreamSource,
  { journal, isKept }: Pick<ChangeTools, "journal" | "isKept">,
  { signal, watch }: StreamTools,
): Promise<StreamReport> {
  let keptBytes = 0;
  const { range } = job;
  const isGoingOn = isKept || job.settings !== undefined || job.progress !== undefined;
  const frame = {
    operation: "stream",
    signal,
    safe: journal,
    howFar: () =>
      `${keptBytes} of ${source.lengthBytes} bytes are written${isGoingOn ? " and their progress is saved" : ""}`,
    resumeHint: isGoingOn
      ? "Run the same command again: it continues from there."
      : "Run the same command again: it starts from the beginning.",
  };
  const ranges = [range, ...(job.settings === undefined ? [] : [job.settings.range])];
  const context = { clock, signal, onEvent: watch(device.geometry, clock) };
  // An earlier run may have ended while an erase could reach them.
  await putHeldBack(device, journal.held, { safe: journal }, context);
  return runOnRegions(device, ranges, frame, async ([region, settingsRegion]) => {
    if (region === undefined) throw new NorbridgeError("BUG", "no region", { operation: "stream" });
    const { bufferBytes, writeBlockBytes, erasePage, isBegun } = job;
    const progress = await progressOf(job, settingsRegion, journal, source.identity);
    const isOwnProgress = job.progress === undefined && job.settings === undefined;
    return streamImage(
      region,
      source,
      // Over a second connection of this command it continues, whatever was to be forgotten at its start.
      {
        bufferBytes,
        writeBlockBytes,
        erasePage,
        progress,
        isRestart: job.isRestart && journal.bytesWritten === 0,
        isOwnProgress,
        isBegun,
        overwrite: placesIn(region, job.overwrite ?? []),
      },
      context,
      (bytesWritten) => {
        noteProgress(journal, bytesWritten);
        keptBytes = bytesWritten;
      },
    );
  });
}

/** If the journal takes nothing more, what is on the chip by now is whole, and the stream stops before the next sector. */
function noteProgress(journal: Journal, bytesWritten: number): void {
  try {
    journal.progress(bytesWritten);
  } catch (error) {
    if (!(error instanceof NorbridgeError) || bytesWritten === 0) throw error;
    const message = `stream: ${error.message}; the chip holds the first ${formatSize(bytesWritten)}`;
    throw new NorbridgeError("INTERRUPTED", message, {
      operation: "stream",
      hint: "Free space on the disk of the journal, then run the same command again: it continues from there.",
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
  const settings = await openSettings(settingsRegion, job.settings, job);
  return settingsProgressStore(settings, job.settings.key, job.settings.sizeTBytes);
}

/** Settings in the form that is there, or was specified; an FCB where nothing is. */
async function openSettings(
  region: FlashRegion,
  { backend, sectorBytes }: StreamSettings,
  job: StreamJob,
): Promise<NamedSettings> {
  const alignBytes = job.writeBlockBytes;
  const overwrite = placesIn(region, job.overwrite ?? []);
  const asFcb = async (): Promise<NamedSettings> => {
    const told = toldOf(job, sectorBytes);
    const opened = await openFcbSettings(region, told, { operation: "stream", willChange: true });
    if (opened === undefined) throw new NorbridgeError("BUG", "settings are not open", { operation: "stream" });
    return opened.store;
  };
  if (backend === "fcb") return asFcb();
  const layout = backend === "auto" ? undefined : backend;
  const { stores, all } = await findKeyValues(region, layout);
  const [finding] = stores;
  if (finding !== undefined) {
    checkWholeRegion(region, finding);
    return checkedSettings(await openKeyValues(region, { sectorBytes, overwrite }, finding));
  }
  const other = all.find(
    ({ layout: one, content }) => one !== "fcb" || (content !== undefined && content !== "settings"),
  );
  const inTheWay = other ?? (layout === undefined ? undefined : all[0]);
  if (inTheWay !== undefined && !isNamed(inTheWay, overwrite)) {
    const { offset, lengthBytes, layout: found } = inTheWay;
    const range = { address: region.address + offset, lengthBytes };
    throw new NorbridgeError("LAYOUT_MISMATCH", `${formatRange(range)} holds ${found}, not settings`, {
      operation: "stream",
      range,
      hint: "Nothing was changed. Specify the range of the device's settings.",
    });
  }
  return layout === undefined
    ? asFcb()
    : checkedSettings(await openKeyValues(region, { layout, sectorBytes, alignBytes, overwrite }, undefined));
}

/** What the first save would be refused with is known before the first page is written. */
async function checkedSettings(store: KeyValueStore): Promise<NamedSettings> {
  await store.refuseUnlessOwn();
  return settingsOn(store);
}

/** The write block of the device is that of its settings as well; 1 counts as not specified. */
function toldOf({ writeBlockBytes, overwrite }: StreamJob, sectorBytes: number | undefined): SettingsHints {
  const nothing = { magic: undefined, version: undefined, scratchSectors: undefined };
  const alignBytes = writeBlockBytes === 1 ? undefined : writeBlockBytes;
  const places = placesIn({ address: 0 }, overwrite ?? []);
  return { ...nothing, sectorBytes, alignBytes, hasCrc: true, isRegionTold: true, overwrite: places };
}

/** What `streamImage` reports is written down by its caller; here it is only read. */
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
