// @ts-check
/**
 * Streams a firmware image to a chip, stops in the middle, and resumes. The progress is kept in the settings on the chip, where
 * the device finds it as well. In the folder of norbridge:
 *
 *     node examples/06-resume-stream.mjs
 *
 * The command line does the same: `norbridge stream app.bin --progress-key dfu/progress ...`.
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
} from "norbridge";
import { descriptorByName } from "norbridge/drivers";

const STREAM = { address: 0x20000, lengthBytes: 0x20000 };
const SETTINGS = { address: 0x7c000, lengthBytes: 0x4000 };

const image = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7 + (i >> 8) * 13) & 255);
const source = {
  lengthBytes: image.length,
  identity: { lengthBytes: image.length, sha256: createHash("sha256").update(image).digest("hex") },
  /** @type {(offset: number, lengthBytes: number) => Promise<Uint8Array>} */
  read: (offset, lengthBytes) => Promise.resolve(image.slice(offset, offset + lengthBytes)),
};

const geometry = descriptorByName("AT25SF041")?.geometry;
if (geometry === undefined) throw new Error("no such part");
// A chip in memory; `openChip` gives the device of a real one: chip.device.
const device = createRamFlash(geometry);

/**
 * Streams what is missing, and stops when this many bytes are kept.
 *
 * @param {number} stopAt
 */
async function stream(stopAt) {
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

try {
  await stream(40_000);
} catch (error) {
  if (!(error instanceof NorbridgeError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
const { resumedAt } = await stream(Number.POSITIVE_INFINITY);
const found = await device.read(STREAM.address, image.length);
if (!found.every((byte, index) => byte === image[index])) throw new Error("the chip does not hold the image");
console.log(`resumed at byte ${resumedAt} of ${image.length}; the chip holds the image`);
