/**
 * A firmware image streamed to a chip, stopped in the middle, and gone on with: progress is kept in the chip's own settings, where
 * the device would look for it as well. On the command line: `norbridge stream app.bin --progress-key dfu/progress ...`.
 */
import { createHash } from "node:crypto";
import {
  createRamFlash,
  NorbridgeError,
  realClock,
  runOnRegions,
  SettingsStore,
  settingsProgressStore,
  streamImage,
  type StreamReport,
} from "norbridge";
import { descriptorByName } from "norbridge/drivers";

const STREAM = { address: 0x20000, lengthBytes: 0x20000 };
const SETTINGS = { address: 0x7c000, lengthBytes: 0x4000 };

const image = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7 + (i >> 8) * 13) & 255);
const source = {
  lengthBytes: image.length,
  identity: { lengthBytes: image.length, sha256: createHash("sha256").update(image).digest("hex") },
  read: (offset: number, lengthBytes: number) => Promise.resolve(image.slice(offset, offset + lengthBytes)),
};

const geometry = descriptorByName("AT25SF041")?.geometry;
if (geometry === undefined) throw new Error("no such part");
// A chip in memory; `openFlash` gives one behind a bridge.
const device = createRamFlash(geometry);

/** Streams what is missing; stops when so many bytes are kept, as a kill would. */
async function stream(stopAt: number): Promise<StreamReport> {
  const stop = new AbortController();
  const job = { operation: "stream", signal: stop.signal };
  return runOnRegions(device, [STREAM, SETTINGS], job, async ([region, area]) => {
    if (region === undefined || area === undefined) throw new Error("two ranges give two regions");
    const progress = settingsProgressStore(await SettingsStore.mount(area), "dfu/progress", 4);
    const request = { bufferBytes: 512, writeBlockBytes: 1, progress, isRestart: false };
    return streamImage(region, source, request, { clock: realClock }, (bytesWritten) => {
      if (bytesWritten >= stopAt) stop.abort();
    });
  });
}

/** Answers where the second run went on. */
export async function killAndResume(): Promise<number> {
  try {
    await stream(40_000);
  } catch (error) {
    if (!(error instanceof NorbridgeError)) throw error;
    console.log(`${error.code}: ${error.message}`);
  }
  const report = await stream(Number.POSITIVE_INFINITY);
  const found = await device.read(STREAM.address, image.length);
  if (!found.every((byte, index) => byte === image[index])) throw new Error("the chip does not hold the image");
  return report.resumedAt;
}

console.log(`went on at byte ${await killAndResume()} of ${image.length}, and the chip holds the image`);
