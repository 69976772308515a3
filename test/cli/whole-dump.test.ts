/**
 * A dump of a whole device, read as its owner would: `regions` says what is where, and each reader is opened by what it said. Nothing is
 * specified by hand, and nothing on the chip changes.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { createRandom } from "../../src/sim/random.ts";
import { CircularBuffer } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { LittleFs } from "../../src/storage/littlefs/littlefs.ts";
import { ZmsSettings } from "../../src/storage/settings/zms-settings.ts";
import { ZmsStore } from "../../src/storage/zms/zms-store.ts";
import { NorRegion } from "../storage/support/nor-region.ts";
import { packedGolden } from "../storage/support/packed-golden.ts";
import { SubRegion } from "../storage/support/sub-region.ts";
import { runHere } from "../support/cli.ts";

const CHIP_BYTES = 1024 * 1024;
const SECTOR_BYTES = 4096;
const LOG = { offset: 0x40000, lengthBytes: 8 * SECTOR_BYTES };
const SETTINGS = { offset: 0x50000, lengthBytes: 4 * SECTOR_BYTES };
const FILES = { offset: 0x80000, name: "lfs21-4k-p16-basic" };

/** A line of `regions --json`. */
interface RegionLine {
  readonly type: string;
  readonly layout: string;
  readonly offset: number;
  readonly lengthBytes: number;
  readonly certainty: string;
  readonly content?: string;
  readonly sectorBytes: number;
  readonly alignBytes: number;
  readonly blockBytes: number;
  readonly keyBits: 32 | 64;
}

let folder = "";
let chip: NorRegion;
const records: string[] = [];
const settings = new Map<string, string>();

/** Firmware, a log that has gone round, settings that were collected many times, and a golden file system. */
async function makeDevice(): Promise<NorRegion> {
  const random = createRandom(51);
  const region = new NorRegion({ eraseBytes: SECTOR_BYTES, lengthBytes: CHIP_BYTES });
  region.cells.set(random.bytes(150_000));
  region.cells.set(packedGolden("littlefs").image(FILES.name), FILES.offset);
  await writeLog(new SubRegion(region, LOG.offset, LOG.lengthBytes));
  const area = new SubRegion(region, SETTINGS.offset, SETTINGS.lengthBytes);
  const options = { sectorBytes: SECTOR_BYTES, alignBytes: 4, hasDataCrc: false, keyBits: 32 } as const;
  const store = await ZmsSettings.load(await ZmsStore.mount(area, options));
  for (let round = 0; round < 900; round++) {
    const [name, value] = [`app/value${round % 7}`, random.bytes(5 + (round % 11))];
    await store.set(name, value);
    settings.set(name, toHex(value));
  }
  return region;
}

async function writeLog(region: SubRegion): Promise<void> {
  const log = await CircularBuffer.mount(region, {
    sectorBytes: SECTOR_BYTES,
    magic: 0x0badcafe,
    version: 1,
    alignBytes: 4,
    scratchSectors: 0,
    hasCrc: true,
  });
  const bySector: string[][] = [];
  for (let number = 0; number < 1000; number++) {
    const data = Uint8Array.from({ length: 40 }, (_, at) => (number * 7 + at) & 0xff);
    if (log.state.freeSectors === 0 && log.room.activeBytes < 64) {
      await log.rotate();
      bySector.shift();
    }
    const { sector } = await log.append(data);
    if (number === 0 || sector !== lastSector) bySector.push([]);
    lastSector = sector;
    bySector.at(-1)?.push(toHex(data));
  }
  records.push(...bySector.flat());
}
let lastSector = -1;

const port = (): string => `image:${join(folder, "dump.bin")}?pageBytes=256&eraseBytes=${SECTOR_BYTES}`;

async function lines(args: readonly string[]): Promise<readonly unknown[]> {
  const { code, stdout, stderr } = await runHere([...args, "--json", "--port", port()]);
  expect(code, stderr).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}

const rangeOf = ({ offset, lengthBytes }: RegionLine): string => `0x${offset.toString(16)},${lengthBytes}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-dump-"));
  chip = await makeDevice();
  writeFileSync(join(folder, "dump.bin"), chip.cells);
});

afterAll(() => {
  expect(Buffer.from(chip.cells).equals(readFileSync(join(folder, "dump.bin")))).toBe(true);
  rmSync(folder, { recursive: true });
});

describe("a dump of a whole device", () => {
  let found: readonly RegionLine[] = [];
  const regionOf = (layout: string): RegionLine => found.find((line) => line.layout === layout)!;

  beforeAll(async () => {
    found = ((await lines(["regions"])) as readonly RegionLine[]).filter(({ type }) => type === "region");
  });

  it("is listed: what is where, and nothing else", () => {
    expect(found.map(({ layout, offset }) => [layout, offset])).toEqual([
      ["fcb", LOG.offset],
      ["zms", SETTINGS.offset],
      ["littlefs", FILES.offset],
    ]);
    expect(regionOf("fcb")).toMatchObject(LOG);
    expect(regionOf("zms")).toMatchObject({ ...SETTINGS, certainty: "certain", content: "settings" });
  });

  it("has its log read", async () => {
    const read = (await lines(["log", "read", "--range", rangeOf(regionOf("fcb"))])) as readonly {
      readonly type: string;
      readonly data?: string;
    }[];
    expect(read.filter(({ type }) => type === "record").map(({ data }) => data)).toEqual(records);
  });

  it("has its settings read", async () => {
    const { offset, lengthBytes, sectorBytes, alignBytes, keyBits } = regionOf("zms");
    const store = await ZmsStore.mount(new SubRegion(chip, offset, lengthBytes), { sectorBytes, alignBytes, keyBits });
    const read = await ZmsSettings.load(store);
    expect(new Map(read.names().map((name) => [name, toHex(read.get(name)!)]))).toEqual(settings);
  });

  it("has its files read", async () => {
    const { offset, blockBytes } = regionOf("littlefs");
    const files = await LittleFs.mount(chip, { offset, blockBytes });
    expect(files.blockCount).toBe(64);
  });
});
