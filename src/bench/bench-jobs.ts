/**
 * The jobs of the table, with what they are compared to. Floors and flashrom's seconds were measured once, with flashrom
 * 1.3.0 and a modelled serprog bridge: AT25SF041, page 0.7 ms, 4/32/64 KiB erase 70/300/600 ms, chip erase 5 s, SPI at
 * 8 MHz, 0.5 ms latency each way. The floor is what physics leaves: the sum of what cannot overlap.
 */
import { eraseRange } from "../jobs/erase-range.ts";
import { readFlash } from "../jobs/read-flash.ts";
import { verifyImage } from "../jobs/verify-image.ts";
import { writeImage, type WriteRequest } from "../jobs/write/write-image.ts";
import { memoryImage } from "../files/image-source.ts";
import { createRandom } from "../sim/random.ts";
import type { Simulation } from "../sim/simulation.ts";
import type { BenchSubject } from "./bench-world.ts";

/** Seconds on the links of `LINKS`, in their order; undefined if not measured. */
export type LinkSeconds = readonly [number | undefined, number | undefined, number | undefined, number | undefined];

export interface BenchJob {
  readonly name: string;
  readonly chip: string;
  /** Floor with a bridge of a few pages, and with one of much RAM. */
  readonly floor: { readonly small: LinkSeconds; readonly large: LinkSeconds };
  readonly flashrom: LinkSeconds;
  /** Worst ratio to the floor that was promised, if any. */
  readonly target?: number | undefined;
  prepare(simulation: Simulation): void;
  run(subject: BenchSubject): Promise<void>;
}

/** Columns of the table. 8 MHz SPI and half a millisecond each way on all of them. */
export const LINKS = [
  { name: "115200", settings: { baud: "115200" } },
  { name: "921600", settings: { baud: "921600" } },
  { name: "2 Mbaud", settings: { baud: "2000000" } },
  { name: "USB FS", settings: { usb: "fs" } },
] as const;

export const BRIDGES = ["small", "large"] as const;

const KIB = 1024;
const CAPACITY = 512 * KIB;
const AT45_CAPACITY = 2048 * 264;
const OLD = createRandom("bench").branch("old").bytes(CAPACITY);
const NEW = createRandom("bench").branch("new").bytes(AT45_CAPACITY);

/** One byte in a hundred differs, scattered by seed. */
function scattered(): Uint8Array {
  const random = createRandom("bench").branch("scattered");
  const changed = OLD.slice();
  for (let i = 0; i < CAPACITY / 100; i++) {
    const at = random.intBelow(CAPACITY);
    changed[at] = (changed[at] ?? 0) ^ (1 + random.intBelow(255));
  }
  return changed;
}

/** One sector of 4 KiB differs. */
function oneSector(): Uint8Array {
  const changed = OLD.slice();
  changed.set(NEW.subarray(0, 4 * KIB), 0x35000);
  return changed;
}

/** A firmware image: three fifths used, half of that compressible text and tables, the rest blank. */
function firmware(): Uint8Array {
  const image = new Uint8Array(CAPACITY).fill(0xff);
  const used = Math.floor((CAPACITY * 3) / 5);
  image.set(NEW.subarray(0, used));
  for (let at = 0; at < used; at += 4 * KIB) image.fill(at % (12 * KIB) === 0 ? 0x00 : 0x20, at, at + 1843);
  return image;
}

function loads(bytes: Uint8Array): (simulation: Simulation) => void {
  return ({ chip }) => chip.load(0, bytes);
}

function blank(): void {
  // Chips come erased.
}

async function write({ device, context }: BenchSubject, bytes: Uint8Array, request: WriteRequest = {}): Promise<void> {
  await writeImage(device, memoryImage("bench", [{ address: 0, data: bytes }]), request, context);
}

async function readAll({ device, context }: BenchSubject): Promise<void> {
  const range = { address: 0, lengthBytes: device.geometry.capacityBytes };
  await readFlash(device, range, () => undefined, context);
}

async function eraseAll({ device, context }: BenchSubject): Promise<void> {
  const range = { address: 0, lengthBytes: device.geometry.capacityBytes };
  await eraseRange(device, range, {}, context);
}

const NONE: LinkSeconds = [undefined, undefined, undefined, undefined];

function both(seconds: LinkSeconds): BenchJob["floor"] {
  return { small: seconds, large: seconds };
}

export const BENCH_JOBS: readonly BenchJob[] = [
  {
    name: "read all, random",
    chip: "AT25SF041",
    floor: both([45.5, 5.7, 2.6, 0.53]),
    flashrom: [46.7, 6.8, 3.8, 1.7],
    target: 1.05,
    prepare: loads(OLD),
    run: readAll,
  },
  {
    name: "read all, blank",
    chip: "AT25SF041",
    floor: both(NONE),
    flashrom: [46.7, 6.8, 3.8, 1.7],
    prepare: blank,
    run: readAll,
  },
  {
    name: "write random to blank, verify",
    chip: "AT25SF041",
    floor: both([46.9, 5.9, 2.7, 2.5]),
    flashrom: [151, 26.6, 17.0, 10.3],
    target: 1.1,
    prepare: blank,
    run: (subject) => write(subject, NEW.subarray(0, CAPACITY)),
  },
  {
    name: "the same with --assume-blank",
    chip: "AT25SF041",
    floor: both([46.9, 5.9, 2.7, 2.5]),
    flashrom: [151, 26.6, 17.0, 10.3],
    target: 1.1,
    prepare: blank,
    run: (subject) => write(subject, NEW.subarray(0, CAPACITY), { assumeBlank: true }),
  },
  {
    name: "write firmware to blank, verify",
    chip: "AT25SF041",
    floor: both(NONE),
    flashrom: NONE,
    prepare: blank,
    run: (subject) => write(subject, firmware()),
  },
  {
    name: "rewrite, one 4 KiB differs",
    chip: "AT25SF041",
    floor: both([1.1, 0.66, 0.63, 0.61]),
    flashrom: [94, 13.7, 7.6, 3.3],
    target: 1.15,
    prepare: loads(OLD),
    run: (subject) => write(subject, oneSector()),
  },
  {
    name: "rewrite, 1 % scattered",
    chip: "AT25SF041",
    floor: { small: [51.7, 10.7, 7.5, 7.3], large: [47.5, 7.4, 7.3, 7.3] },
    flashrom: [207, 42.9, 30.2, 21.3],
    target: 1.1,
    prepare: loads(OLD),
    run: (subject) => write(subject, scattered()),
  },
  {
    name: "erase all, blank check",
    chip: "AT25SF041",
    floor: both([5.3, 5.3, 5.3, 5.3]),
    flashrom: [57, 17.5, 14.3, 12.2],
    prepare: loads(OLD),
    run: eraseAll,
  },
  {
    name: "verify by checksum",
    chip: "AT25SF041",
    floor: both([0.54, 0.53, 0.53, 0.53]),
    flashrom: NONE,
    prepare: loads(OLD),
    run: async ({ device, context }) => {
      const image = memoryImage("bench", [{ address: 0, data: OLD }]);
      const { equal } = await verifyImage(device, image, { offset: 0 }, context);
      if (!equal) throw new Error("the chip holds the image, but verify says that it differs");
    },
  },
  {
    name: "AT45DB041E: read all",
    chip: "AT45DB041E",
    floor: both([undefined, undefined, 2.7, undefined]),
    flashrom: [undefined, undefined, 3.8, undefined],
    prepare: ({ chip }) => chip.load(0, NEW),
    run: readAll,
  },
  {
    name: "AT45DB041E: write random to blank",
    chip: "AT45DB041E",
    floor: both([undefined, undefined, 3.1, undefined]),
    flashrom: [undefined, undefined, 20, undefined],
    prepare: blank,
    run: (subject) => write(subject, NEW),
  },
  {
    name: "AT45DB041E: erase all",
    chip: "AT45DB041E",
    floor: both([undefined, undefined, 3.5, undefined]),
    flashrom: [undefined, undefined, 24, undefined],
    prepare: ({ chip }) => chip.load(0, NEW),
    run: eraseAll,
  },
];
