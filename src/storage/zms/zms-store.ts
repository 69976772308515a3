/**
 * Zephyr ZMS: data by number, in a ring of sectors. Reads and writes as a device does, in its order of operations;
 * FORMAT.md lists the differences, all of them after a power cut.
 */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { KeyValueDamage, KeyValueItem, KeyValueState, KeyValueStore } from "../key-value-store.ts";
import { StoreTurns } from "../store-turns.ts";
import { appendItem, type ChangedRegion, closeAndCollect, readDatas, tableOf } from "./change.ts";
import { type Geometry, markerKey } from "./format.ts";
import { type Mounted, mountZms, type ZmsMountOptions } from "./mount.ts";
import { refuseForeignSector } from "./own-sectors.ts";
import { recoverZms } from "./recover.ts";
import { fits, freeBytes, hasRoomFor } from "./room.ts";
import { damageOf } from "./damage.ts";
import type { PlacedAte } from "./sector-table.ts";

/** Options of a ZMS; those of the device, and how to write. */
export interface ZmsStoreOptions extends ZmsMountOptions {
  /** As ZMS_NO_DOUBLE_WRITE: equal data, and deletes of keys that have none, write nothing. False if left out, as on devices. */
  readonly skipsEqual?: boolean | undefined;
  /**
   * After its start, a device writes over the data of a sector in which only the first entry has data outside of it. Such data is
   * written once more, unless this is false.
   */
  readonly guardsFirstEntry?: boolean | undefined;
}

/** A ZMS; `mount` opens one. */
export class ZmsStore implements KeyValueStore {
  readonly #region: FlashRegion;
  readonly #options: ZmsStoreOptions;
  readonly #turns: StoreTurns;
  readonly #on: ChangedRegion;
  #mounted: Mounted;
  /** A change failed, so what is on the flash is not known any more. */
  #isStale = false;

  private constructor(region: FlashRegion, options: ZmsStoreOptions, turns: StoreTurns, mounted: Mounted) {
    this.#region = region;
    this.#options = options;
    this.#turns = turns;
    this.#mounted = mounted;
    this.#on = { region, changing: () => turns.changing() };
  }

  /**
   * Opens a ZMS; reads its allocation tables, and changes nothing. Throws EINVAL for options that make no sense,
   * LAYOUT_MISMATCH for a region that holds something else.
   */
  static async mount(region: FlashRegion, options: ZmsStoreOptions): Promise<ZmsStore> {
    const turns = StoreTurns.on(region, "a ZMS");
    return new ZmsStore(region, options, turns, await mountZms(region, options));
  }

  get state(): KeyValueState {
    const { geometry, ring } = this.#mounted;
    const { sectorBytes, alignBytes, hasDataCrc, maxDataBytes, keyBits } = geometry;
    return {
      layout: "zms",
      sectorBytes,
      sectorCount: ring.tables.length,
      alignBytes,
      hasDataCrc,
      activeSector: ring.open,
      freeBytes: freeBytes(this.#mounted),
      maxItemBytes: maxDataBytes,
      maxKey: keyBits === 64 ? Number.MAX_SAFE_INTEGER : Number(markerKey(geometry)) - 1,
      isBlank: ring.work === "format",
      needsRecovery: ring.work !== "none" && ring.work !== "format",
    };
  }

  /** Size of keys on the flash, bits. */
  get keyBits(): 32 | 64 {
    return this.#mounted.geometry.keyBits;
  }

  get damage(): readonly KeyValueDamage[] {
    return damageOf(this.#mounted);
  }

  keys(): readonly number[] {
    const keys: number[] = [];
    for (const [key, { length }] of this.#mounted.newest) if (length > 0 && typeof key === "number") keys.push(key);
    return keys.sort((a, b) => a - b);
  }

  isUnconfirmed(key: number): boolean {
    const { geometry, ring, newest } = this.#mounted;
    const ate = newest.get(key);
    const isLast = ate !== undefined && ate === tableOf(ring, ring.open).ates[0];
    return isLast && endsErased(ate, geometry);
  }

  async get(key: number): Promise<KeyValueItem | undefined> {
    const [item] = await this.getMany([key]);
    return item;
  }

  async getMany(keys: readonly number[]): Promise<readonly KeyValueItem[]> {
    const { geometry, newest } = this.#mounted;
    const found = keys.flatMap((key) => {
      const ate = newest.get(key);
      return ate === undefined || ate.length === 0 ? [] : [{ key, ate }];
    });
    const datas = await readDatas(
      this.#region,
      geometry,
      found.map(({ ate }) => ate),
    );
    return found.map(({ key, ate }, index) => ({
      ...itemOf(key, ate, datas[index], geometry.hasDataCrc),
      isUnconfirmed: this.isUnconfirmed(key) || undefined,
    }));
  }

  /** Writes an item; no data means deleted. Otherwise as `KeyValueStore.set`. */
  set(key: number, data: Uint8Array): Promise<boolean> {
    // The caller may use his array again while this waits for its turn.
    const own = data.slice();
    return this.#change(() => this.#set(key, own));
  }

  delete(key: number): Promise<boolean> {
    return this.set(key, new Uint8Array());
  }

  async refuseUnlessOwn(): Promise<void> {
    await this.#turns.settled();
    await refuseForeignSector(this.#region, this.#mounted, this.#options.overwrite);
  }

  recover(): Promise<boolean> {
    return this.#change(() => this.#recover());
  }

  async #set(key: number, data: Uint8Array): Promise<boolean> {
    this.#checkItem(key, data);
    await this.#recover();
    if (this.#options.skipsEqual === true && (await this.#isEqual(key, data))) return false;
    await this.#makeRoom(data.length);
    this.#mounted = await appendItem(this.#on, this.#mounted, key, data);
    await this.#guardFirstEntry();
    return true;
  }

  #checkItem(key: number, data: Uint8Array): void {
    const { maxKey, maxItemBytes } = this.state;
    if (!Number.isSafeInteger(key) || key < 0 || key > maxKey) {
      const message = `a key is a whole number from 0 to ${maxKey}, not ${key}`;
      throw new NorbridgeError("EINVAL", message, { operation: "write ZMS" });
    }
    if (data.length <= maxItemBytes) return;
    const message = `an item of ${formatSize(data.length)} is too large: at most ${formatSize(maxItemBytes)} fit a sector`;
    throw new NorbridgeError("EINVAL", message, { operation: "write ZMS" });
  }

  async #isEqual(key: number, data: Uint8Array): Promise<boolean> {
    const item = await this.get(key);
    if (item === undefined) return data.length === 0;
    return (
      item.damage === undefined && item.data.length === data.length && item.data.every((byte, at) => byte === data[at])
    );
  }

  /** Collects until there is room. Throws ENOSPC before anything is moved if that never makes any. */
  async #makeRoom(length: number): Promise<void> {
    const { ring, geometry } = this.#mounted;
    const isFitting = (): boolean => fits(length, tableOf(this.#mounted.ring, this.#mounted.ring.open), geometry);
    if (isFitting()) return;
    if (!hasRoomFor(length, this.#mounted)) {
      const what = length === 0 ? "a delete" : `an item of ${formatSize(length)}`;
      throw new NorbridgeError("ENOSPC", `there is no room for ${what}, even after collections`, {
        operation: "write ZMS",
        hint: "Nothing was changed. Delete items that you do not need.",
      });
    }
    for (let tries = ring.tables.length; tries > 0 && !isFitting(); tries--) {
      this.#mounted = await closeAndCollect(this.#on, this.#mounted);
    }
  }

  async #recover(): Promise<boolean> {
    const read = (): Promise<Mounted> => mountZms(this.#region, this.#options);
    if (this.#isStale) this.#mounted = await read();
    this.#isStale = false;
    const { mounted, hasChanged } = await recoverZms(this.#on, this.#mounted, read, this.#options.overwrite);
    this.#mounted = mounted;
    return (await this.#guardFirstEntry()) || hasChanged;
  }

  /** See `ZmsStoreOptions.guardsFirstEntry`. Does nothing if there is no room: then the next item opens another sector. */
  async #guardFirstEntry(): Promise<boolean> {
    if (this.#options.guardsFirstEntry === false) return false;
    const { geometry, ring, newest } = this.#mounted;
    const table = tableOf(ring, ring.open);
    const outside = table.ates.filter(({ dataAt }) => dataAt !== undefined);
    const [ate] = outside;
    if (ate === undefined || outside.length > 1 || ate.at !== geometry.firstAt) return false;
    if (newest.get(ate.key) !== ate) {
      // Its data counts no more, but is still in the way: another sector is opened.
      this.#mounted = await closeAndCollect(this.#on, this.#mounted);
      return true;
    }
    if (!fits(ate.length, table, geometry)) return false;
    const [data = new Uint8Array()] = await readDatas(this.#region, geometry, [ate]);
    this.#mounted = await appendItem(this.#on, this.#mounted, ate.key, data);
    return true;
  }

  #change<T>(call: () => Promise<T>): Promise<T> {
    return this.#turns.run("write ZMS", async () => {
      const before = this.#mounted;
      try {
        return await call();
      } catch (error) {
        this.#isStale ||= this.#mounted !== before || isOfFlash(error);
        throw error;
      }
    });
  }
}

function endsErased({ inline, dataCrc }: PlacedAte, { inlineBytes, erasedByte }: Geometry): boolean {
  if (inline !== undefined) return inline.length === inlineBytes && inline.at(-1) === erasedByte;
  return dataCrc !== undefined && dataCrc >>> 24 === erasedByte;
}

/** Whether a change may have been begun. */
function isOfFlash(error: unknown): boolean {
  return !(error instanceof NorbridgeError && ["EINVAL", "LAYOUT_MISMATCH"].includes(error.code));
}

function itemOf(key: number, ate: PlacedAte, data: Uint8Array | undefined, hasDataCrc: boolean): KeyValueItem {
  if (ate.inline !== undefined) return { key, data: ate.inline.slice() };
  const bytes = data ?? new Uint8Array();
  const isWrong = hasDataCrc && ate.dataCrc !== undefined && ate.dataCrc !== crc32(bytes);
  return isWrong ? { key, data: bytes, damage: "the CRC-32 of its data does not match" } : { key, data: bytes };
}
