/**
 * What stores of bare items have in common: data by number, on Zephyr's NVS and ZMS. Settings, the `kv` command and the progress
 * of a stream work on this interface, and do not know which of them is on the flash.
 */
import type { RegionLayout } from "./recognise/region-finding.ts";

/** An item as it is on the flash. */
export interface KeyValueItem {
  /** Key of the item, from 0: 16 bits in NVS, 32 bits in ZMS. */
  readonly key: number;
  /** Its data, without check bytes. */
  readonly data: Uint8Array;
  /** Why the data cannot be trusted, as the end of a sentence: "its CRC-32 does not match". Undefined: nothing contradicts it. */
  readonly damage?: string | undefined;
  /** True if a power cut could have left the same bytes; see `KeyValueReader.isUnconfirmed`. */
  readonly isUnconfirmed?: boolean | undefined;
}

/** A piece of the flash that is neither free nor part of the store: it is passed over. */
export interface KeyValueDamage {
  /** Sector of the store, from 0. */
  readonly sector: number;
  /** First byte, from the start of the region. */
  readonly offset: number;
  /** Bytes. */
  readonly lengthBytes: number;
  /** As the end of a sentence: "an allocation table entry was only partly written". */
  readonly reason: string;
}

/** What a store knows of itself. */
export interface KeyValueState {
  /** The format. */
  readonly layout: RegionLayout;
  /** Size of a sector, bytes. */
  readonly sectorBytes: number;
  /** Sectors of the ring. */
  readonly sectorCount: number;
  /** Write block of the device, bytes. */
  readonly alignBytes: number;
  /** Whether each item has a CRC-32 of its data. */
  readonly hasDataCrc: boolean;
  /** Sector that is written to, from 0. */
  readonly activeSector: number;
  /** Bytes that all items together can still take, as the device itself calculates them. */
  readonly freeBytes: number;
  /** Largest data of one item, bytes. */
  readonly maxItemBytes: number;
  /** Largest key that this store takes. */
  readonly maxKey: number;
  /** Whether nothing was ever written: the region is erased. */
  readonly isBlank: boolean;
  /** Whether a power cut left work that the next change, or the device's next start, does first. */
  readonly needsRecovery: boolean;
}

/** Reads items. */
export interface KeyValueReader {
  /** Updated by every change. */
  readonly state: KeyValueState;
  /** What is passed over. */
  readonly damage: readonly KeyValueDamage[];
  /** Keys that have data, ascending. */
  keys(): readonly number[];
  /**
   * Whether a power cut could have left the entry of a key: it is the last one written, and ends with an erased byte, so
   * that only its 8-bit CRC protects it. The value, or that the key is deleted, can then be wrong.
   */
  isUnconfirmed(key: number): boolean;
  /** One item; undefined if there is none. Throws EIO and related codes from the chip only. */
  get(key: number): Promise<KeyValueItem | undefined>;
  /** Several items in one stream, in the order of `keys`; those that do not exist are left out. */
  getMany(keys: readonly number[]): Promise<readonly KeyValueItem[]>;
}

/**
 * Reads and writes items, as a device does. Calls that change the flash run one after the other. What was there before
 * a call stays valid until the new data is complete: after a power cut the item has the old or the new data.
 */
export interface KeyValueStore extends KeyValueReader {
  /**
   * Writes an item; false if it has this data already and the format then writes nothing. Throws EINVAL for a key or
   * data that the format cannot hold (empty data means deleted), ENOSPC if there is no room (nothing is lost),
   * LAYOUT_MISMATCH before a sector would be erased that is not of this store, EIO if the flash did not take the data,
   * EBUSY if another writer changed it.
   */
  set(key: number, data: Uint8Array): Promise<boolean>;
  /** Deletes an item; false if there is none and the format then writes nothing. Throws as `set`. */
  delete(key: number): Promise<boolean>;
  /** Throws LAYOUT_MISMATCH if the first change would be refused, because the region holds data of another. Reads only. */
  refuseUnlessOwn(): Promise<void>;
  /**
   * Does what a device does at its start: completes what a power cut interrupted, and begins a store on erased flash.
   * Every change does it first. False if there was nothing to do. Throws as `set`.
   */
  recover(): Promise<boolean>;
}
