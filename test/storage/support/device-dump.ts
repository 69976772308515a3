/**
 * A flash as a device leaves it: boot loader, two signed images, settings, a log and a file system, and what each of
 * them holds.
 */
import { createHash } from "node:crypto";
import { toHex } from "../../../src/bytes.ts";
import { createRandom, type Random } from "../../../src/sim/random.ts";
import { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { NvsStore } from "../../../src/storage/nvs/nvs-store.ts";
import type { NamedSettings } from "../../../src/storage/settings/named-settings.ts";
import { NvsSettings } from "../../../src/storage/settings/nvs-settings.ts";
import { SettingsStore } from "../../../src/storage/settings/settings-store.ts";
import { ZmsSettings } from "../../../src/storage/settings/zms-settings.ts";
import { ZmsStore } from "../../../src/storage/zms/zms-store.ts";
import { NorRegion } from "./nor-region.ts";
import { packedGolden, type PackedCase } from "./packed-golden.ts";
import { SubRegion } from "./sub-region.ts";

const CHIP_BYTES = 1024 * 1024;
const SECTOR_BYTES = 4096;
const SLOT_BYTES = 0x30000;

/** Where things are. */
export const PLACES = {
  primary: 0xc000,
  secondary: 0xc000 + SLOT_BYTES,
  settings: 0x74000,
  log: 0x78000,
  files: 0x80000,
} as const;
const SETTINGS_SECTORS = 4;
const LOG_SECTORS = 6;
const FILES_NAME = "lfs21-4k-p16-basic";

/** Stores that Zephyr keeps settings in. */
export type SettingsBackend = "fcb" | "nvs" | "zms";

/** How much a device has done. */
export interface DeviceLife {
  readonly seed: number;
  readonly backend: SettingsBackend;
  /** Settings that were saved, one after the other. */
  readonly saves: number;
  /** Records that were logged. */
  readonly records: number;
  /** Write block of the device, bytes. */
  readonly alignBytes: 4 | 8;
}

/** A file of the file system. */
interface GoldenFile {
  readonly path: string;
  readonly type: string;
  readonly sha256?: string;
}

/** A device and what a reader has to find on it. */
export interface Device {
  readonly region: NorRegion;
  /** Values by name, in hex. */
  readonly settings: ReadonlyMap<string, string>;
  /** The records that the log still holds, oldest first, in hex. */
  readonly records: readonly string[];
  readonly files: readonly GoldenFile[];
}

/** Lets a device live. */
export async function makeDevice(life: DeviceLife): Promise<Device> {
  const random = createRandom(life.seed);
  const { alignBytes } = life;
  const region = new NorRegion({ eraseBytes: SECTOR_BYTES, lengthBytes: CHIP_BYTES, alignBytes });
  const { cells } = region;
  cells.set(random.bytes(30_000));
  cells.set(signedImage(random, { bodyBytes: 120_000, version: [1, 4, 2, 117] }), PLACES.primary);
  cells.set(signedImage(random, { bodyBytes: 123_457, version: [1, 5, 0, 130] }), PLACES.secondary);
  // As `imgtool --pad` ends a slot: the next boot tries this image.
  cells.set(Buffer.from("77c295f360d2ef7f3552500f2cb67980", "hex"), PLACES.secondary + SLOT_BYTES - 16);
  const golden = packedGolden<PackedCase & { readonly expected: { readonly tree: readonly GoldenFile[] } }>("littlefs");
  cells.set(golden.image(FILES_NAME), PLACES.files);
  return {
    region,
    settings: await saveSettings(region, life, random),
    records: await writeLog(region, life, random),
    files: golden.cases.find(({ name }) => name === FILES_NAME)?.expected.tree ?? [],
  };
}

async function saveSettings(region: NorRegion, life: DeviceLife, random: Random): Promise<Map<string, string>> {
  const area = new SubRegion(region, PLACES.settings, SETTINGS_SECTORS * SECTOR_BYTES);
  const store = await openSettings(area, life);
  const kept = new Map<string, string>();
  for (let save = 0; save < life.saves; save++) {
    const name = `app/value${random.intBelow(9)}`;
    const value = random.bytes(1 + random.intBelow(120));
    await store.set(name, value);
    kept.set(name, toHex(value));
  }
  return kept;
}

async function openSettings(area: SubRegion, { backend, alignBytes }: DeviceLife): Promise<NamedSettings> {
  const options = { sectorBytes: SECTOR_BYTES, alignBytes, hasDataCrc: false } as const;
  if (backend === "nvs") return NvsSettings.load(await NvsStore.mount(area, options));
  if (backend === "zms") return ZmsSettings.load(await ZmsStore.mount(area, { ...options, keyBits: 32 }));
  return SettingsStore.mount(area, { alignBytes });
}

/** As a device with a ring: the oldest sector goes when the newest is full. */
async function writeLog(region: NorRegion, { records, alignBytes }: DeviceLife, random: Random): Promise<string[]> {
  const log = await CircularBuffer.mount(new SubRegion(region, PLACES.log, LOG_SECTORS * SECTOR_BYTES), {
    ...{ sectorBytes: SECTOR_BYTES, magic: 0x0badcafe, version: 1, alignBytes, scratchSectors: 0, hasCrc: true },
  });
  const bySector: { readonly sector: number; readonly data: string[] }[] = [];
  for (let number = 0; number < records; number++) {
    const data = random.bytes(100 + random.intBelow(120));
    if (log.state.freeSectors === 0 && log.room.activeBytes < log.entryBytes(data.length)) {
      await log.rotate();
      bySector.shift();
    }
    const { sector } = await log.append(data);
    if (bySector.at(-1)?.sector !== sector) bySector.push({ sector, data: [] });
    bySector.at(-1)?.data.push(toHex(data));
  }
  return bySector.flatMap(({ data }) => data);
}

interface ImageShape {
  readonly bodyBytes: number;
  readonly version: readonly [number, number, number, number];
}

/** An image as imgtool signs it: header of 512 bytes, body, protected counter, then SHA-256, key hash and a signature. */
function signedImage(random: Random, { bodyBytes, version: [major, minor, revision, build] }: ImageShape): Uint8Array {
  const header = Buffer.alloc(0x200);
  const counter = tlvArea(0x6908, [[0x50, Buffer.from([9, 0, 0, 0])]]);
  header.writeUInt32LE(0x96f3b83d, 0);
  header.writeUInt16LE(header.length, 8);
  header.writeUInt16LE(counter.length, 10);
  header.writeUInt32LE(bodyBytes, 12);
  header.writeUInt8(major, 20);
  header.writeUInt8(minor, 21);
  header.writeUInt16LE(revision, 22);
  header.writeUInt32LE(build, 24);
  const signed = Buffer.concat([header, random.bytes(bodyBytes), counter]);
  const hash = createHash("sha256").update(signed).digest();
  // The key does not exist here: only the boot loader checks the signature.
  return Buffer.concat([
    signed,
    tlvArea(0x6907, [
      [0x10, hash],
      [0x01, random.bytes(32)],
      [0x22, random.bytes(71)],
    ]),
  ]);
}

function tlvArea(magic: number, tlvs: readonly (readonly [number, Uint8Array])[]): Buffer {
  const parts = tlvs.map(([type, value]) => Buffer.concat([words(type, value.length), value]));
  const body = Buffer.concat(parts);
  return Buffer.concat([words(magic, 4 + body.length), body]);
}

function words(...values: readonly [number, number]): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(values[0], 0);
  bytes.writeUInt16LE(values[1], 2);
  return bytes;
}
