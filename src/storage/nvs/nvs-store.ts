/**
 * A Zephyr NVS: items by number, read and written as the device does, in its order. Opening reads the allocation tables only.
 *
 * What always holds: a sector is only erased when everything in it that is in force stands elsewhere and was compared,
 * and when the sector is provably one of this store.
 */
import { formatSize, sameBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { KeyValueDamage, KeyValueItem, KeyValueState, KeyValueStore } from "../key-value-store.ts";
import { StoreTurns } from "../store-turns.ts";
import { decodeItem, geometryOf, MAX_KEY, type NvsGeometry, type NvsOptions, savedPieces } from "./format.ts";
import { mountNvs, type MountedNvs, rangeOf } from "./mount.ts";
import { NvsCells } from "./nvs-cells.ts";
import { refuseForeignSectors } from "./own-sectors.ts";
import { freeBytesOf } from "./ring.ts";
import { fits, hasRoomFor, spaceOf } from "./room.ts";
import type { PlacedAte, SectorTable } from "./sector-table.ts";

const OPERATION = "write NVS";

/** A Zephyr NVS, mounted on a region. `NvsStore.mount` opens one. */
export class NvsStore implements KeyValueStore {
  readonly #region: FlashRegion;
  readonly #geometry: NvsGeometry;
  readonly #overwrite: readonly OffsetRange[] | undefined;
  readonly #turns: StoreTurns;
  #mounted: MountedNvs;
  #cells: NvsCells;
  /** Whether the picture of the flash is complete, and all work that a power cut left is done. */
  #isReady = false;
  #isStale = false;

  private constructor(
    region: FlashRegion,
    geometry: NvsGeometry,
    overwrite: readonly OffsetRange[] | undefined,
    turns: StoreTurns,
    mounted: MountedNvs,
  ) {
    this.#region = region;
    this.#overwrite = overwrite;
    this.#geometry = geometry;
    this.#turns = turns;
    this.#mounted = mounted;
    this.#cells = new NvsCells(region, geometry, turns, mounted);
  }

  /**
   * Opens an NVS; reads the allocation tables only, and changes nothing. Throws EINVAL for options that make no sense,
   * LAYOUT_MISMATCH if no device would start on what is there.
   *
   * Several may be open on a region to read; of those that write, one at a time: when another, or a job, has changed
   * the region since it was opened, every change throws EBUSY until it is opened again.
   */
  static async mount(region: FlashRegion, options: NvsOptions): Promise<NvsStore> {
    const geometry = geometryOf(region, options);
    const turns = StoreTurns.on(region, "an NVS");
    return new NvsStore(region, geometry, options.overwrite, turns, await mountNvs(region, geometry));
  }

  get state(): KeyValueState {
    const { sectorBytes, sectorCount, alignBytes, hasDataCrc, maxItemBytes } = this.#geometry;
    const { ring } = this.#cells;
    const isBlank = ring.interruption === "none" && ring.tables.every(isUntouched) && this.#cells.room.dataEnd === 0;
    return {
      layout: "nvs",
      sectorBytes,
      sectorCount,
      alignBytes,
      hasDataCrc,
      activeSector: ring.open,
      freeBytes: freeBytesOf(ring, this.#geometry),
      maxItemBytes,
      maxKey: MAX_KEY,
      isBlank,
      needsRecovery:
        !this.#isReady && (!["none", "stuck"].includes(ring.interruption) || this.#overlooked().length > 0),
    };
  }

  get damage(): readonly KeyValueDamage[] {
    return this.#mounted.damage;
  }

  keys(): readonly number[] {
    return this.#cells
      .items()
      .map(({ id }) => id)
      .sort((a, b) => a - b);
  }

  isUnconfirmed(key: number): boolean {
    const newest = this.#cells.newest(key);
    return newest !== undefined && newest === this.#cells.openTable.unconfirmed;
  }

  async get(key: number): Promise<KeyValueItem | undefined> {
    const [item] = await this.getMany([key]);
    return item;
  }

  async getMany(keys: readonly number[]): Promise<readonly KeyValueItem[]> {
    const entries = keys.flatMap((key) => this.#entryOf(key) ?? []);
    const items: KeyValueItem[] = [];
    for await (const stored of this.#region.readMany(entries.map((entry) => rangeOf(entry, this.#geometry)))) {
      const { data, damage } = decodeItem(stored, this.#geometry);
      const key = entries[items.length]?.id ?? 0;
      items.push({ key, data: data.slice(), damage, isUnconfirmed: this.isUnconfirmed(key) || undefined });
    }
    return items;
  }

  #entryOf(key: number): PlacedAte | undefined {
    const entry = this.#cells.newest(key);
    return entry === undefined || entry.length === 0 ? undefined : entry;
  }

  async set(key: number, data: Uint8Array): Promise<boolean> {
    checkKey(key);
    const { maxItemBytes } = this.#geometry;
    if (data.length === 0) throw invalid("an item without data means deleted in this format");
    if (data.length > maxItemBytes) {
      throw invalid(`an item of ${formatSize(data.length)} is too long: this NVS takes ${formatSize(maxItemBytes)}`);
    }
    // The caller may use the array again while this waits for its turn.
    const own = data.slice();
    return this.#change(async () => {
      const old = await this.get(key);
      if (old !== undefined && old.damage === undefined && sameBytes(old.data, own)) return false;
      await this.#write(key, savedPieces(own, this.#geometry), own.length + this.#geometry.crcBytes);
      return true;
    });
  }

  async delete(key: number): Promise<boolean> {
    checkKey(key);
    return this.#change(async () => {
      if (this.#entryOf(key) === undefined) return false;
      await this.#write(key, [], 0);
      return true;
    });
  }

  async refuseUnlessOwn(): Promise<void> {
    await this.#turns.settled();
    await refuseForeignSectors(this.#region, this.#geometry, this.#mounted, this.#overwrite);
  }

  recover(): Promise<boolean> {
    return this.#change(() => this.#recover());
  }

  #change<T>(call: () => Promise<T>): Promise<T> {
    return this.#turns.run(OPERATION, async () => {
      try {
        if (this.#isStale) await this.#reload();
        return await call();
      } catch (error) {
        // What a failed operation left on the flash is read again before the next change.
        this.#isStale = true;
        throw error;
      }
    });
  }

  async #reload(): Promise<void> {
    this.#mounted = await mountNvs(this.#region, this.#geometry);
    this.#cells = new NvsCells(this.#region, this.#geometry, this.#turns, this.#mounted);
    this.#isReady = false;
    this.#isStale = false;
  }

  async #write(key: number, pieces: readonly Uint8Array[], length: number): Promise<void> {
    const space = spaceOf(length, this.#geometry);
    await this.#recover();
    if (!hasRoomFor(space, this.#cells.fill(), this.#geometry)) throw this.#full(length);
    while (!fits(space, this.#cells.room)) {
      await this.#cells.close();
      await this.#cells.collect();
    }
    await this.#cells.append(key, pieces, length);
  }

  #full(length: number): NorbridgeError {
    const what = length === 0 ? "the deletion of an item" : `an item of ${formatSize(length)}`;
    return new NorbridgeError("ENOSPC", `the items in this NVS leave no space for ${what}`, {
      operation: OPERATION,
      hint: "Nothing was lost. Delete items that are not needed.",
    });
  }

  /** The work of a device's start. */
  async #recover(): Promise<boolean> {
    if (this.#isReady) return false;
    if (this.#mounted.interruption === "stuck") throw stuck();
    const hasErased = await this.#eraseNamed();
    const cells = this.#cells;
    const overlooked = this.#overlooked();
    const didCollect = await this.#completeCollection();
    const { entries } = cells.openTable;
    let hasChanged = didCollect || hasErased;
    if (entries.length === 0 && cells.room.dataEnd > 0) {
      await cells.erase(cells.ring.open);
      hasChanged = true;
    }
    if (cells.room.nextPlace === this.#geometry.firstPlace) {
      await cells.appendMarker();
      hasChanged = true;
    }
    for (const { id } of overlooked) {
      if (cells.newest(id)?.length !== 0) continue;
      await cells.append(id, [], 0);
      hasChanged = true;
    }
    this.#isReady = true;
    return hasChanged;
  }

  /** Sectors of another that the caller named. Throws LAYOUT_MISMATCH for others before anything is changed. */
  async #eraseNamed(): Promise<boolean> {
    const look = (): Promise<readonly OffsetRange[]> =>
      refuseForeignSectors(this.#region, this.#geometry, this.#mounted, this.#overwrite);
    const named = await look();
    for (const { offset, lengthBytes } of named) {
      this.#turns.changing();
      await this.#region.erase(offset, lengthBytes);
    }
    if (named.length === 0) return false;
    await this.#reload();
    await look();
    return true;
  }

  async #completeCollection(): Promise<boolean> {
    const cells = this.#cells;
    switch (cells.ring.interruption) {
      case "none":
        return false;
      case "erase-next":
        await cells.erase(cells.next);
        return true;
      case "again":
        await cells.erase(cells.ring.open);
        await cells.collect();
        return true;
      case "continue":
        this.#checkRoomForCopies();
        await cells.collect();
        return true;
      case "stuck":
        throw stuck();
    }
  }

  #checkRoomForCopies(): void {
    const { next, room } = this.#cells;
    const space = this.#cells.inForceIn(next).reduce((sum, { length }) => sum + spaceOf(length, this.#geometry), 0);
    if (fits(space, room)) return;
    throw new NorbridgeError("LAYOUT_MISMATCH", "an interrupted collection of this NVS has no space to be completed", {
      operation: OPERATION,
      hint: "Nothing was changed. Read all items, then erase the region and write them again.",
    });
  }

  /** Deletions that a device overlooks, since the entry that closes their sector is torn: they are written once more. */
  #overlooked(): readonly PlacedAte[] {
    return this.#mounted.tables
      .filter((table: SectorTable) => table.close === "torn")
      .flatMap(({ overlooked }) => overlooked ?? [])
      .filter((entry) => entry.length === 0 && this.#cells.isInForce(entry));
  }
}

function stuck(): NorbridgeError {
  return new NorbridgeError("LAYOUT_MISMATCH", "every sector of this NVS is closed, so no device starts on it", {
    operation: OPERATION,
    hint: "Nothing was changed. Read all items, then erase the region and write them again.",
  });
}

function isUntouched({ close, entries, tornPlaces }: SectorTable): boolean {
  return close === "erased" && entries.length === 0 && tornPlaces.length === 0;
}

function checkKey(key: number): void {
  if (Number.isInteger(key) && key >= 0 && key <= MAX_KEY) return;
  throw invalid(`${key} is not a key of NVS: keys are 0 to ${MAX_KEY}`);
}

function invalid(message: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: OPERATION });
}
