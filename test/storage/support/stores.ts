/** Stores and file systems as devices leave them: each in a stretch of flash of its own, to be put beside others. */
import { createRandom } from "../../../src/sim/random.ts";
import { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { FlashSafe } from "../../../src/storage/flash-safe/flash-safe.ts";
import { updateSafe } from "../../../src/storage/flash-safe/update-safe.ts";
import type { KeyValueStore } from "../../../src/storage/key-value-store.ts";
import { LogFs } from "../../../src/storage/log-fs/log-fs.ts";
import { NvsStore } from "../../../src/storage/nvs/nvs-store.ts";
import { settingsOn } from "../../../src/storage/open-key-values.ts";
import { SettingsStore } from "../../../src/storage/settings/settings-store.ts";
import { ZmsStore } from "../../../src/storage/zms/zms-store.ts";
import { goldenBytes } from "./golden.ts";
import { NorRegion } from "./nor-region.ts";
import { packedGolden } from "./packed-golden.ts";

export const SECTOR_BYTES = 4096;
/** Sectors of a store that is made here. */
export const STORE_SECTORS = 4;

/**
 * young: a few entries. edge: the last sector is nearly full, and nothing was erased yet. round: went round, several
 * times. neighbour: went round more often.
 */
export type StoreState = "young" | "edge" | "round" | "neighbour";

export const FCB_MAGIC = 0xabcd1234;
const FCB = { sectorBytes: SECTOR_BYTES, magic: FCB_MAGIC, version: 1, alignBytes: 4, scratchSectors: 0, hasCrc: true };
export const PX_RECORD_BYTES = 60;
const PX = { pageBytes: 256, blockPages: 16, recordBytes: PX_RECORD_BYTES, whenFull: "overwrite", format: 2 } as const;
const CELLS = { sectorBytes: SECTOR_BYTES, alignBytes: 4, hasDataCrc: false };
const SAFE = { blockBytes: SECTOR_BYTES, bufferBytes: 256 };

/** Writes one thing more, of about `bytes`; true: nothing was erased for it. */
type Add = (number: number, bytes: Uint8Array) => Promise<unknown>;

/** How each store is begun and added to; all of them take things of this size. */
const STORES: Readonly<Record<string, { readonly bytes: number; readonly open: (region: NorRegion) => Promise<Add> }>> =
  {
    fcb: {
      bytes: 300,
      open: async (region) => {
        const log = await CircularBuffer.mount(region, FCB);
        return async (_, bytes) => {
          if (log.state.freeSectors === 0 && log.room.activeBytes < log.entryBytes(bytes.length)) await log.rotate();
          await log.append(bytes);
        };
      },
    },
    "px-log-fs": {
      bytes: PX_RECORD_BYTES,
      open: async (region) => {
        const log = await LogFs.mount(region, PX);
        return (_, bytes) => log.append(bytes);
      },
    },
    safe: {
      bytes: 700,
      open: async (region) => {
        const safe = await FlashSafe.format(region, SAFE);
        return (number, bytes) => updateSafe(safe, new Map([[number % 3, bytes]]));
      },
    },
    nvs: { bytes: 300, open: async (region) => itemsOf(await NvsStore.mount(region, CELLS)) },
    zms: { bytes: 300, open: async (region) => itemsOf(await ZmsStore.mount(region, { ...CELLS, keyBits: 32 })) },
    "settings on fcb": {
      bytes: 200,
      open: async (region) => namesOf(await SettingsStore.mount(region, { alignBytes: 4 })),
    },
    "settings on nvs": {
      bytes: 200,
      open: async (region) => namesOf(await settingsOn(await NvsStore.mount(region, CELLS))),
    },
    "settings on zms": {
      bytes: 200,
      open: async (region) => namesOf(await settingsOn(await ZmsStore.mount(region, { ...CELLS, keyBits: 32 }))),
    },
  };

function itemsOf(store: KeyValueStore): Add {
  return (number, bytes) => store.set(number % 5, bytes);
}

function namesOf(store: { set(name: string, value: Uint8Array): Promise<unknown> }): Add {
  return (number, bytes) => store.set(`app/value${number % 5}`, bytes);
}

/** Those that this program writes. */
export const WRITTEN: readonly string[] = Object.keys(STORES);
/** Those that it only reads. */
const GOLDEN: Readonly<Record<string, () => Uint8Array>> = {
  fcb2: () => goldenBytes("mynewt-log/fcb2-log3-a1-wrapped.bin.gz"),
  "flashdb-tsdb": () => packedGolden("flashdb").image("tsdb-g1-t32-wrapped"),
  "flashdb-kvdb": () => packedGolden("flashdb").image("kvdb-g1-gc"),
  littlefs: () => packedGolden("littlefs").image("lfs21-4k-p16-empty"),
};
export const NEIGHBOURS: readonly string[] = [...WRITTEN, ...Object.keys(GOLDEN)];

const made = new Map<string, Uint8Array>();

/** The same store of another device, which has been in use for longer. */
export function neighbourOf(name: string): Promise<Uint8Array> {
  return flashOf(name, "neighbour");
}

/** The flash of a store, whole sectors; the same for the same arguments. */
export async function flashOf(name: string, state: StoreState): Promise<Uint8Array> {
  const key = GOLDEN[name] === undefined ? `${name} ${state}` : name;
  const known = made.get(key) ?? GOLDEN[name]?.() ?? (await written(name, state));
  made.set(key, known);
  return known.slice();
}

async function written(name: string, state: StoreState): Promise<Uint8Array> {
  const store = STORES[name];
  if (store === undefined) throw new RangeError(`no store ${name}`);
  const region = new NorRegion({ eraseBytes: SECTOR_BYTES, lengthBytes: STORE_SECTORS * SECTOR_BYTES });
  const random = createRandom(name).branch("stores");
  const add = await store.open(region);
  const most = state === "young" ? 3 : 20_000;
  let rounds = 0;
  for (let number = 0; number < most; number++) {
    const before = region.cells.slice();
    region.changes.length = 0;
    await add(number, random.bytes(store.bytes));
    const isBlank = (offset: number): boolean => before.subarray(offset, offset + 4096).every((byte) => byte === 0xff);
    rounds += region.changes.filter((change) => change.kind === "erase" && !isBlank(change.offset)).length;
    if (state === "edge" && rounds > 0) return before;
    if (state === "round" && rounds > 2 * STORE_SECTORS + 1) break;
    if (state === "neighbour" && rounds > 5 * STORE_SECTORS) break;
  }
  return region.cells;
}
