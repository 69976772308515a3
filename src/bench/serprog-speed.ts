/**
 * `npm run bench -- serprog`: what serprog bridges make of a 512 KiB AT25SF041 in virtual time, beside the limit of link and
 * chip. The limit counts the bytes of the image once each way where it is verified, and what the chip needs: nothing of
 * commands, turns and waits.
 */
import { memoryImage } from "../files/image-source.ts";
import { readFlash } from "../jobs/read-flash.ts";
import { writeImage } from "../jobs/write/write-image.ts";
import { createRandom } from "../sim/random.ts";
import { type BenchSettings, type BenchSubject, measure } from "./bench-world.ts";

const CAPACITY = 512 * 1024;
const PAGE = 256;
const PAGE_US = 700;
const SECTOR = 4096;
const SECTOR_US = 70_000;
const SPI_HZ = 8_000_000;
const IMAGE = createRandom("serprog").branch("new").bytes(CAPACITY);
const OLD = createRandom("serprog").branch("old").bytes(CAPACITY);

const LINES: readonly { readonly bridge: string; readonly link: string; readonly settings: BenchSettings }[] = [
  { bridge: "frser-duino-u2", link: "115200", settings: { baud: "115200" } },
  { bridge: "frser-duino", link: "921600", settings: { baud: "921600" } },
  { bridge: "frser-duino", link: "2 Mbaud", settings: { baud: "2000000" } },
  ...["pico-serprog", "pico-serprog-kukrimate", "serprog-pico-jhbdream", "stm32-vserprog", "picoprog"].map(
    (bridge) => ({
      bridge,
      link: "USB FS",
      settings: {},
    }),
  ),
  { bridge: "esp32-serprog", link: "TCP", settings: {} },
  { bridge: "norbridge-sim", link: "USB FS", settings: {} },
];

interface SpeedJob {
  readonly name: string;
  readonly isBlank: boolean;
  run(subject: BenchSubject): Promise<void>;
  /** Seconds that link and chip need, `usPerByte` on the link. */
  limit(usPerByte: number): number;
}

const SPI_US = 8e6 / SPI_HZ;

function readLimit(bytes: number, usPerByte: number): number {
  return (bytes * Math.max(usPerByte, SPI_US)) / 1e6;
}

function programLimit(bytes: number, usPerByte: number): number {
  return ((bytes / PAGE) * Math.max(PAGE * usPerByte, PAGE_US + (PAGE + 4) * SPI_US)) / 1e6;
}

const JOBS: readonly SpeedJob[] = [
  {
    name: "read all",
    isBlank: false,
    async run({ device, context }) {
      await readFlash(device, { address: 0, lengthBytes: CAPACITY }, () => undefined, context);
    },
    limit: (us) => readLimit(CAPACITY, us),
  },
  {
    name: "write random to blank, verify",
    isBlank: true,
    async run({ device, context }) {
      await writeImage(device, memoryImage("new", [{ address: 0, data: IMAGE }]), {}, context);
    },
    limit: (us) => programLimit(CAPACITY, us) + readLimit(CAPACITY, us),
  },
  {
    name: "write one 4 KiB sector",
    isBlank: false,
    async run({ device, context }) {
      const data = IMAGE.slice(0, SECTOR);
      await writeImage(device, memoryImage("new", [{ address: 0x20000, data }]), {}, context);
    },
    limit: (us) => SECTOR_US / 1e6 + programLimit(SECTOR, us) + readLimit(SECTOR, us),
  },
];

/** Prints the table. */
export async function serprogSpeedTable(print: (text: string) => void): Promise<void> {
  print("| job | bridge | link | seconds | limit | ratio | up | down |");
  print("| --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const job of JOBS) {
    for (const { bridge, link, settings } of LINES) {
      const run = await measure(
        "AT25SF041",
        { bridge, times: "typical", latencyMs: "0.5", ...settings },
        ({ chip }) => {
          if (!job.isBlank) chip.load(0, OLD);
        },
        (subject) => job.run(subject),
        SPI_HZ,
        "serprog",
      );
      const baud = Number(settings["baud"] ?? "0");
      const limit = job.limit(baud > 0 ? 1e7 / baud : 1);
      const ratio = (run.seconds / limit).toFixed(2);
      print(
        `| ${job.name} | ${bridge} | ${link} | ${run.seconds.toFixed(2)} | ${limit.toFixed(2)} | ${ratio} | ${run.bytesUp} | ${run.bytesDown} |`,
      );
    }
  }
}
