/**
 * An image as a stream: page by page, with its progress stored after each, so that the next writer (this host, another,
 * the device) can continue. What is there already is compared with the image before a byte is added.
 */
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { advice } from "../advice.ts";
import { formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashRegion, OffsetRange } from "../flash/flash-region.ts";
import type { ImageIdentity, ProgressStore } from "../storage/stream-flash/progress-store.ts";
import { StreamFlash } from "../storage/stream-flash/stream-flash.ts";
import { refuseForeignPages, type StreamTarget } from "../storage/stream-flash/stream-target.ts";
import { ABORTED, orAborted } from "../stream.ts";
import { checkStreamRequest } from "./check-request.ts";
import type { JobContext } from "./job-event.ts";
import { type JobTools, toolsOf, withReason } from "./job-tools.ts";
import { PhaseCount } from "./phase-count.ts";
import { type JobPast, outsideOfPipe } from "./run-job.ts";

/** The bytes of an image, asked for in order. */
export interface StreamSource {
  /** Length of the whole image, bytes, from 0. */
  readonly lengthBytes: number;
  /** Length and checksum, so that progress of another image is refused. */
  readonly identity: ImageIdentity;
  /**
   * Resolves to exactly `lengthBytes` bytes from `offset` (bytes from the start of the image). Anything else ends the
   * stream with FILE_INVALID.
   */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>;
}

/** How to write a stream. */
export interface StreamRequest {
  /** Bytes of one program; a multiple of `writeBlockBytes`, at most an erase block of the region. */
  readonly bufferBytes: number;
  /** Smallest unit that the target device can program, bytes; 1 for SPI NOR flash. */
  readonly writeBlockBytes: number;
  /** Undefined: nothing is kept, and the stream always begins at its start. */
  readonly progress?: ProgressStore | undefined;
  /**
   * Erase the page that contains this place before the stream starts, bytes from the start of the region: such as the trailer
   * of a boot loader after the image. Left alone if the stream has reached it already.
   */
  readonly erasePage?: number | undefined;
  /** Forget what was kept; default false. */
  readonly isRestart?: boolean | undefined;
  /**
   * The progress is this very job's own, so where the chip does not hold what it says, that is the chip's doing (a cut may
   * disturb what lies beside the page in progress): the stream starts again then. Default: it is refused.
   */
  readonly isOwnProgress?: boolean | undefined;
  /**
   * Places that may be erased although they hold other data, bytes from the start of the region. Every other page that the image
   * needs must be blank, or hold a part of this image: else the stream is refused.
   */
  readonly overwrite?: readonly OffsetRange[] | undefined;
  /** Whether this very job was begun before and is continued: a cut may have left noise in its first page. Default false. */
  readonly isBegun?: boolean | undefined;
}

/** Result of a stream. */
export interface StreamReport {
  /** Where it continued; 0 at the start. */
  readonly resumedAt: number;
  /** Bytes written by this run, without those of earlier runs. */
  readonly writtenBytes: number;
  /** CRC-32 of the whole stream as read from the chip. */
  readonly crc32: number;
  /** Start of the page that was erased last, bytes from the start of the region; undefined if none was. */
  readonly lastErasedPage: number | undefined;
  /** Time from the start of the job to its end, microseconds. */
  readonly durationUs: number;
}

/**
 * Writes the image and clears its progress at the end. Throws ENOSPC if it does not fit, LAYOUT_MISMATCH for progress of another
 * image and for pages that hold other data (before any change, see `StreamRequest.overwrite`), EIO if the flash did not take
 * it, ECANCELED before any change; INTERRUPTED after one, also if the source fails then. `onProgress` hears how far it is
 * kept.
 */
export async function streamImage(
  region: FlashRegion,
  source: StreamSource,
  request: StreamRequest,
  context: JobContext = {},
  onProgress: (bytesWritten: number) => void = () => undefined,
): Promise<StreamReport> {
  checkStreamRequest(source, request, context, onProgress);
  const past = { changed: false };
  const { tools, check } = toolsOf(undefined, context, "stream");
  let report: StreamReport;
  try {
    report = await stream(region, source, request, tools, { onProgress, past });
  } catch (error) {
    throw withReason(outsideOfPipe({ operation: "stream", past }, error), context.signal);
  }
  check();
  return report;
}

async function stream(
  region: FlashRegion,
  source: StreamSource,
  request: StreamRequest,
  context: JobTools,
  { onProgress, past }: { readonly onProgress: (bytesWritten: number) => void; readonly past: JobPast },
): Promise<StreamReport> {
  const startUs = context.clock.nowUs();
  const steady = steadySource(source, context.signal);
  const progress = request.progress === undefined ? undefined : steadyStore(request.progress, context.signal, past);
  const { erasePage } = request;
  const stream = await continued(region, { source, steady, request, progress }, context);
  const resumedAt = stream.bytesWritten;
  onProgress(resumedAt);
  if (erasePage !== undefined && erasePage >= resumedAt) await eraseAhead(stream, erasePage, region, past);
  const count = new PhaseCount(context, "program", source.lengthBytes);
  count.done(resumedAt);
  while (stream.bytesWritten < source.lengthBytes) {
    const at = stream.bytesWritten;
    const lengthBytes = Math.min(region.eraseBytes - (at % region.eraseBytes), source.lengthBytes - at);
    const data = await steady.read(at, lengthBytes);
    past.changed = true;
    // To the end of a page each time: only there does a later resume lose no progress.
    await stream.write(data, { flush: true });
    if (progress !== undefined) await stream.saveProgress(progress, source.identity);
    count.done(lengthBytes);
    onProgress(stream.bytesWritten);
    // An image file answers without ever waiting; Ctrl-C must get its turn.
    await context.clock.wait(0);
  }
  const crc = await checkWritten(stream, steady, "EIO");
  await progress?.clear();
  const writtenBytes = source.lengthBytes - resumedAt;
  const { lastErasedPage } = stream;
  return { resumedAt, writtenBytes, crc32: crc, lastErasedPage, durationUs: context.clock.nowUs() - startUs };
}

interface StreamParts {
  readonly source: StreamSource;
  readonly steady: Bytes;
  readonly request: StreamRequest;
  readonly progress: ProgressStore | undefined;
}

/** The stream where it continues. All that it may erase is looked at before anything is changed, its progress included. */
async function continued(region: FlashRegion, parts: StreamParts, context: JobTools): Promise<StreamFlash> {
  const { source, steady, request, progress } = parts;
  const { bufferBytes, writeBlockBytes, isRestart = false } = request;
  const all = { offset: 0, lengthBytes: region.lengthBytes };
  const setup = { offset: 0, sizeBytes: 0, bufferBytes, writeBlockBytes, overwrite: [all] };
  const stream = StreamFlash.init(region, setup);
  checkFits(source, request, stream);
  const refuseForeign = (writtenBytes: number): Promise<void> =>
    refuseForeignPages(region, targetOf(parts, writtenBytes));
  if (isRestart) {
    await refuseForeign(0);
    await progress?.clear();
    return stream;
  }
  if (progress !== undefined) await stream.loadProgress(checkedBefore(progress, refuseForeign), source.identity);
  try {
    await checkWritten(stream, steady, "LAYOUT_MISMATCH");
  } catch (error) {
    const isDamaged = error instanceof NorbridgeError && error.code === "LAYOUT_MISMATCH";
    if (!isDamaged || request.isOwnProgress !== true) throw error;
    // What its own progress vouches for is the stream's, whatever it reads.
    await refuseForeign(stream.bytesWritten);
    await progress?.clear();
    const message = "the data written before no longer verifies: starting again";
    context.onEvent?.({ kind: "note", message });
    return StreamFlash.init(region, setup);
  }
  await refuseForeign(stream.bytesWritten);
  return stream;
}

function targetOf({ source, steady, request }: StreamParts, writtenBytes: number): StreamTarget {
  const { erasePage, overwrite, isBegun = false } = request;
  const read = (offset: number, lengthBytes: number): Promise<Uint8Array> => steady.read(offset, lengthBytes);
  return { lengthBytes: source.lengthBytes, writtenBytes, isBegun, erasePage, overwrite, read };
}

function checkFits({ lengthBytes }: StreamSource, { erasePage }: StreamRequest, { sizeBytes }: StreamFlash): void {
  checkFitsRange(lengthBytes, sizeBytes);
  if (erasePage === undefined || erasePage < sizeBytes) return;
  const message = `the page to erase, at ${erasePage}, is outside the range of ${formatSize(sizeBytes)}`;
  throw new NorbridgeError("ERANGE", message, { operation: "stream" });
}

/** Progress that is only changed when the flash has been checked: loading it may take it back. */
function checkedBefore(store: ProgressStore, check: (bytesWritten: number) => Promise<void>): ProgressStore {
  return {
    load: () => store.load(),
    clear: () => store.clear(),
    async save(progress) {
      await check(progress.bytesWritten);
      await store.save(progress);
    },
  };
}

/** Not where the stream continues in the middle of that page: then it erased it before its first byte. */
async function eraseAhead(stream: StreamFlash, offset: number, region: FlashRegion, past: JobPast): Promise<void> {
  if (offset - (offset % region.eraseBytes) < stream.bytesWritten) return;
  past.changed = true;
  await stream.erasePage(offset);
}

/** Throws ENOSPC for an image that is longer than the range it shall go to. */
export function checkFitsRange(imageBytes: number, rangeBytes: number): void {
  if (imageBytes <= rangeBytes) return;
  const message = `the image has ${formatSize(imageBytes)}, the range only ${formatSize(rangeBytes)}`;
  throw new NorbridgeError("ENOSPC", message, {
    operation: "stream",
    hint: advice("Use a larger range.", "set-region"),
  });
}

type Bytes = Pick<StreamSource, "read">;

/** The source as it is read here: waited for no longer than until an abort, and held to what was asked for. */
function steadySource(source: StreamSource, signal: AbortSignal | undefined): Bytes {
  return {
    async read(offset, lengthBytes) {
      const data: unknown = await orCanceled(source.read(offset, lengthBytes), signal);
      if (data instanceof Uint8Array && data.length === lengthBytes) return data;
      const came = data instanceof Uint8Array ? `${data.length} bytes` : "something other than bytes";
      const message = `the image returned ${came} at ${offset}; ${lengthBytes} bytes were requested`;
      throw new NorbridgeError("FILE_INVALID", message, { operation: "stream" });
    },
  };
}

function steadyStore(store: ProgressStore, signal: AbortSignal | undefined, past: JobPast): ProgressStore {
  return {
    load: () => orCanceled(store.load(), signal),
    save(progress) {
      past.changed = true;
      return orCanceled(store.save(progress), signal);
    },
    clear() {
      past.changed = true;
      return orCanceled(store.clear(), signal);
    },
  };
}

async function orCanceled<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const settled = await orAborted(promise, signal);
  if (settled !== ABORTED) return settled;
  throw new NorbridgeError("ECANCELED", "stream: cancelled before anything was changed", { operation: "stream" });
}

const PIECE_BYTES = 64 * 1024;

/** What the chip holds of the stream must be the start of the image. Returns its CRC-32, computed from the image. */
async function checkWritten(stream: StreamFlash, source: Bytes, code: "EIO" | "LAYOUT_MISMATCH"): Promise<number> {
  let wanted = 0;
  let crc = 0;
  for (let at = 0; at < stream.bytesWritten; at += PIECE_BYTES) {
    const piece = await source.read(at, Math.min(PIECE_BYTES, stream.bytesWritten - at));
    wanted = blockCheck(piece, wanted);
    crc = crc32(piece, crc);
  }
  const found = await stream.digestWritten();
  if (found === wanted) return crc;
  throw new NorbridgeError(code, `the ${formatSize(stream.bytesWritten)} on the chip are not the start of this image`, {
    operation: "stream",
    hint: advice("Stream the image that was started, or start again.", "restart-stream"),
  });
}
