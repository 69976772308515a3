/** `norbridge stream FILE`: Zephyr's Stream Flash, with progress that a device can read. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { formatAddress, formatSize, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { imageSha256 } from "../../files/image-hash.ts";
import type { ImageSource } from "../../files/image-source.ts";
import { openImage } from "../../files/open-image.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { runOnRegions } from "../../jobs/run-on-region.ts";
import { streamImage, type StreamSource } from "../../jobs/stream-image.ts";
import { SettingsStore } from "../../storage/settings/settings-store.ts";
import type { ProgressStore } from "../../storage/stream-flash/progress-store.ts";
import { settingsProgressStore } from "../../storage/stream-flash/settings-progress-store.ts";
import { wholeChip } from "../chip-range.ts";
import { withDevice } from "../connect.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import type { Outcome } from "../outcome.ts";
import { formatSeconds } from "../output/quantities.ts";
import { progressFile } from "../progress-file.ts";
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
}

export async function stream(request: StreamFileRequest, session: Session): Promise<Outcome> {
  const image = await openImage(request.file, { signal: session.signal });
  try {
    return await streamOpened(request, session, await sourceOf(image));
  } finally {
    await image.close();
  }
}

async function sourceOf(image: ImageSource): Promise<StreamSource> {
  const [segment, more] = image.segments;
  if (segment === undefined || more !== undefined) {
    throw new NorbridgeError("FILE_INVALID", `${printable(image.name)} has holes, and a stream has none`, {
      operation: "stream",
      hint: "Convert it to a raw file first, or use `norbridge write`.",
    });
  }
  const { address, lengthBytes } = segment;
  return {
    lengthBytes,
    identity: { lengthBytes, sha256: await imageSha256(image) },
    read: (offset, length) => image.read({ address: address + offset, lengthBytes: length }),
  };
}

async function streamOpened(request: StreamFileRequest, session: Session, source: StreamSource): Promise<Outcome> {
  let keptBytes = 0;
  const isKept = request.settings !== undefined || request.progressFile !== undefined;
  const job = {
    operation: "stream",
    signal: session.signal,
    howFar: () =>
      `${keptBytes} of ${source.lengthBytes} bytes are written${isKept ? " and their progress is kept" : ""}`,
    resumeHint: isKept
      ? "Run the same command again: it goes on from there."
      : "Run the same command again: it begins anew.",
  };
  return withDevice(session, request.connection, { willChange: true }, async ({ device, clock }) => {
    const range = request.range ?? wholeChip(device.geometry);
    checkApart(range, request.settings?.range);
    const ranges = [range, ...(request.settings === undefined ? [] : [request.settings.range])];
    return runOnRegions(device, ranges, job, async ([region, settingsRegion]) => {
      if (region === undefined) throw new NorbridgeError("BUG", "no region", { operation: "stream" });
      const { bufferBytes, writeBlockBytes, isRestart } = request;
      const progress = await progressOf(request, settingsRegion);
      const onEvent = session.report.watch(device.geometry, clock);
      const report = await streamImage(
        region,
        source,
        { bufferBytes, writeBlockBytes, progress, isRestart },
        { clock, signal: session.signal, onEvent },
        (bytesWritten) => {
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
          file: request.file,
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
  });
}

async function progressOf(
  request: StreamFileRequest,
  settingsRegion: FlashRegion | undefined,
): Promise<ProgressStore | undefined> {
  if (request.progressFile !== undefined) return progressFile(request.progressFile);
  if (request.settings === undefined || settingsRegion === undefined) return undefined;
  const settings = await SettingsStore.mount(settingsRegion, { alignBytes: request.writeBlockBytes });
  return settingsProgressStore(settings, request.settings.key, request.settings.sizeTBytes);
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
