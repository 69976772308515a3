/**
 * The allocation table of one sector, made from the bytes at its end. Entries (ATEs) grow down from there, data grows
 * up from offset 0. Pure.
 */
import { isFilledWith } from "../../bytes.ts";
import { isTornFrom } from "../torn.ts";
import {
  type Ate,
  ATE_BYTES,
  decodeAte,
  encodeHeader,
  type Geometry,
  HEADER_VERSION,
  isCutShort,
  type ItemAte,
  roundUp,
} from "./format.ts";

/** An ATE of an item and its place. */
export interface PlacedAte extends ItemAte {
  readonly sector: number;
  /** Offset in the sector. */
  readonly at: number;
}

/** A valid header of a sector. */
export interface SectorHeader {
  readonly cycle: number;
  /** Erases of the sector since the area was made. */
  readonly fullCycles: number;
}

/**
 * - blank: all bytes are erased, or all but a header whose programming was cut.
 * - empty: a header and nothing else.
 * - closed: full; its close ATE is valid.
 * - open: its close place is erased.
 * - torn: has entries, but its close ATE is invalid.
 * - garbage: no valid header, or nothing that can be used.
 */
export type SectorKind = "blank" | "empty" | "closed" | "open" | "torn" | "garbage";

/** What is known of a sector. */
export interface SectorTable {
  readonly sector: number;
  readonly kind: SectorKind;
  readonly header?: SectorHeader | undefined;
  /** Items and deletes, newest first. */
  readonly ates: readonly PlacedAte[];
  /** Whether a collection into this sector was completed. */
  readonly hasGcDone: boolean;
  /** Where the next ATE goes, as an offset in the sector; below `dataEnd` if there is no room. Can be negative. */
  readonly atePlace: number;
  /** After the data of the valid items. */
  readonly dataEnd: number;
  /** The close place as it was read, if it is neither erased nor valid. */
  readonly tornClose?: Uint8Array | undefined;
  /** Places that hold something else than a valid ATE, as offsets in the sector. */
  readonly invalidPlaces: readonly number[];
  /** Place of the newest entry if it was cut, but its CRC-8 is right by chance: devices take it for an item. */
  readonly falseAt?: number | undefined;
  /** Whether anything was programmed between `dataEnd` and `atePlace`: data whose ATE was never written. */
  readonly hasTornData: boolean;
}

/** Header and close ATE, from the last bytes of a sector. */
export interface SectorEnd {
  readonly header?: SectorHeader | undefined;
  readonly closeTarget?: number | undefined;
  readonly isCloseErased: boolean;
  readonly closeBytes: Uint8Array;
  /** Whether the place of the header is erased, or holds a header that was cut. */
  readonly isHeaderFree: boolean;
}

/** `tail`: at least the last two ATEs of the sector. */
export function sectorEnd(tail: Uint8Array, geometry: Geometry): SectorEnd {
  const { ateBytes, keyBits, erasedByte, firstAt, sectorBytes } = geometry;
  const headerAte = decodeAte(tail.subarray(tail.length - ateBytes), keyBits);
  const closeBytes = tail.slice(tail.length - 2 * ateBytes, tail.length - ateBytes);
  const isCloseErased = isFilledWith(closeBytes.subarray(0, ATE_BYTES), erasedByte);
  if (headerAte?.kind !== "header" || headerAte.version !== HEADER_VERSION) {
    const isHeaderFree = isTornFrom(tail.slice(tail.length - ateBytes), anyHeader(geometry), erasedByte);
    return { isCloseErased, closeBytes, isHeaderFree };
  }
  const isHeaderFree = false;
  const { cycle, fullCycles } = headerAte;
  const header = { cycle, fullCycles };
  const close = decodeAte(closeBytes, keyBits);
  if (close?.kind !== "marker" || close.cycle !== cycle) return { header, isCloseErased, closeBytes, isHeaderFree };
  const isInside = close.target <= firstAt && (sectorBytes - close.target) % ateBytes === 0;
  return isInside
    ? { header, isCloseErased, closeBytes, isHeaderFree, closeTarget: close.target }
    : { header, isCloseErased, closeBytes, isHeaderFree };
}

/** All bits that the header of any cycle can have programmed. */
function anyHeader(geometry: Geometry): Uint8Array {
  const header = encodeHeader(geometry, 0, 0);
  header[0] = 0;
  return header;
}

/** What a walk through the table found. */
export interface TableWalk {
  readonly ates: readonly PlacedAte[];
  readonly hasGcDone: boolean;
  readonly atePlace: number;
  readonly dataEnd: number;
  readonly invalidPlaces: readonly number[];
  readonly falseAt?: number | undefined;
  /** Whether the bytes sufficed. */
  readonly isComplete: boolean;
}

/**
 * Walks down the table of a sector. `tail`: its last bytes, as many as were read. `lastAt`: offset of the last ATE, if
 * the sector is closed; else the walk ends at the first erased place, or at the data. A fresh sector 0 has its first
 * ATE one place lower.
 */
export function walkTable(
  tail: Uint8Array,
  geometry: Geometry,
  { sector, cycle, lastAt }: { readonly sector: number; readonly cycle: number; readonly lastAt?: number | undefined },
): TableWalk {
  const { sectorBytes, ateBytes, keyBits, erasedByte, firstAt } = geometry;
  const from = sectorBytes - tail.length;
  const ates: PlacedAte[] = [];
  const invalidPlaces: number[] = [];
  let hasGcDone = false;
  let dataEnd = 0;
  let at = firstAt;
  const isBelowEnd = (): boolean => (lastAt === undefined ? at < dataEnd || at < 0 : at < lastAt);
  for (; !isBelowEnd(); at -= ateBytes) {
    if (at < from) return { ates, hasGcDone, atePlace: at, dataEnd, invalidPlaces, isComplete: false };
    const bytes = tail.subarray(at - from, at - from + ateBytes);
    if (isFilledWith(bytes.subarray(0, ATE_BYTES), erasedByte)) {
      if (at !== firstAt && lastAt === undefined) break;
      // All places of a closed sector were used, so its erase was begun.
      if (at !== firstAt) invalidPlaces.push(at);
      continue;
    }
    const ate = validAte(decodeAte(bytes, keyBits), at, cycle, geometry);
    if (ate === undefined) invalidPlaces.push(at);
    else if (ate.kind === "marker" || ate.kind === "header") hasGcDone ||= ate.kind === "marker";
    else {
      ates.unshift({ ...ate, sector, at });
      dataEnd = Math.max(dataEnd, endOf(ate, geometry));
    }
  }
  const walk = { ates, hasGcDone, atePlace: at, dataEnd, invalidPlaces, isComplete: true };
  return lastAt === undefined ? withoutFalse(walk, tail, geometry) : walk;
}

/** The newest entry of a sector that is not closed may have been cut. */
function withoutFalse(walk: TableWalk, tail: Uint8Array, geometry: Geometry): TableWalk {
  const { ates, atePlace, invalidPlaces } = walk;
  const [newest, ...older] = ates;
  if (newest === undefined || newest.at !== atePlace + geometry.ateBytes) return walk;
  const from = tail.length - geometry.sectorBytes + newest.at;
  if (!isCutShort(tail.subarray(from, from + ATE_BYTES), newest, geometry)) return walk;
  return { ...walk, ates: older, invalidPlaces: [...invalidPlaces, newest.at], falseAt: newest.at };
}

/** Devices do not look where the data of an ATE would be; data that overlaps its own ATE was never written. */
function validAte(ate: Ate | undefined, at: number, cycle: number, geometry: Geometry): Ate | undefined {
  if (ate === undefined || ate.cycle !== cycle) return undefined;
  return ate.kind === "item" && endOf(ate, geometry) > at ? undefined : ate;
}

/** Where the data of an ATE ends, with its padding; 0 for data in the ATE. */
export function endOf(ate: ItemAte, { alignBytes }: Geometry): number {
  return ate.dataAt === undefined ? 0 : ate.dataAt + roundUp(ate.length, alignBytes);
}
