/** What a job costs this computer: CPU seconds and memory of a 16 MiB write and read, the simulator's share included. */
import { memoryImage } from "../files/image-source.ts";
import { readFlash } from "../jobs/read-flash.ts";
import { writeImage } from "../jobs/write/write-image.ts";
import { createRandom } from "../sim/random.ts";
import { measure } from "./bench-world.ts";

export interface HostCost {
  readonly job: string;
  readonly cpuSeconds: number;
  readonly peakMemoryMiB: number;
  readonly virtualSeconds: number;
}

const SIZE = 16 * 1024 * 1024;
const CHIP = "W25Q128JV";
const SPI_CLOCK_HZ = 30_000_000;
const SETTINGS = { usb: "fs", bridge: "large", times: "typical" };

/** Writes and reads a chip of 16 MiB. */
export async function hostCosts(): Promise<HostCost[]> {
  const data = createRandom("host cost").bytes(SIZE);
  const image = memoryImage("bench", [{ address: 0, data }]);
  const write = await cost("write 16 MiB, verify", () =>
    measure(
      CHIP,
      SETTINGS,
      () => undefined,
      async ({ device, context }) => {
        await writeImage(device, image, {}, context);
      },
      SPI_CLOCK_HZ,
    ),
  );
  const read = await cost("read 16 MiB", () =>
    measure(
      CHIP,
      SETTINGS,
      ({ chip }) => chip.load(0, data),
      async ({ device, context }) => {
        await readFlash(device, { address: 0, lengthBytes: SIZE }, () => undefined, context);
      },
      SPI_CLOCK_HZ,
    ),
  );
  return [write, read];
}

async function cost(job: string, run: () => Promise<{ readonly seconds: number }>): Promise<HostCost> {
  const before = process.cpuUsage();
  const { seconds } = await run();
  const { user, system } = process.cpuUsage(before);
  return {
    job,
    cpuSeconds: (user + system) / 1e6,
    // The highest so far: of both jobs, the images in memory and the simulated chip together.
    peakMemoryMiB: process.resourceUsage().maxRSS / 1024,
    virtualSeconds: seconds,
  };
}
