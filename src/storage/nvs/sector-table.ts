/** The allocation table of one sector: which entries are valid, and where the next one goes. Pure. */
import { isFilledWith } from "../../bytes.ts";
import { aligned, type Ate, decodeAte, hasErasedCheck, MARKER_ID, type NvsGeometry } from "./format.ts";

/** A valid entry and its place. */
export interface PlacedAte extends Ate {
  /** Sector, from 0. */
  readonly sector: number;
  /** From the start of the sector. */
  readonly place: number;
}

/** The end of a sector: not closed, closed by a valid entry, or by bytes that are none. */
export type SectorClose = "erased" | "valid" | "torn";

export interface SectorTable {
  readonly sector: number;
  readonly close: SectorClose;
  /** Valid entries in the order of writing. */
  readonly entries: readonly PlacedAte[];
  /** Places that hold neither an entry nor erased bytes. */
  readonly tornPlaces: readonly number[];
  /** First erased place; below the data's end if there is none. */
  readonly nextPlace: number;
  /** The last entry, if its check byte is erased: a power cut could have left it. */
  readonly unconfirmed: PlacedAte | undefined;
  /** End of the data that the entries describe, aligned. */
  readonly dataEnd: number;
  /** A last entry that devices overlook if they have to search for it, since it lies directly after the data. */
  readonly overlooked: PlacedAte | undefined;
}

/** Reads the table from the last bytes of its sector; a number of bytes if it takes that many to continue. */
export function readTable(sector: number, tail: Uint8Array, geometry: NvsGeometry): SectorTable | number {
  const { sectorBytes, ateBytes, closePlace, firstPlace } = geometry;
  const start = sectorBytes - tail.length;
  const close = readClose(tail.subarray(closePlace - start), geometry);
  const entries: PlacedAte[] = [];
  const tornPlaces: number[] = [];
  let end = 0;
  let overlooked: PlacedAte | undefined;
  let unconfirmed: PlacedAte | undefined;
  let place = firstPlace;
  const last = close.last ?? 0;
  if (close.last !== undefined && last < start) return sectorBytes - last;
  for (; place >= (close.last ?? end) && place >= 0; place -= ateBytes) {
    if (place < start) return Math.min(sectorBytes, 2 * tail.length);
    const bytes = tail.subarray(place - start, place - start + ateBytes);
    // After an erased place nothing was written; what looks like an entry there is data.
    if (close.last === undefined && isFilledWith(bytes, geometry.erasedByte)) break;
    const ate = decodeAte(bytes, 0);
    if (ate === undefined || ate.offset + ate.length > place) {
      if (!isFilledWith(bytes, geometry.erasedByte)) tornPlaces.push(place);
      continue;
    }
    const placed = { ...ate, sector, place };
    entries.push(placed);
    overlooked = place === end ? placed : undefined;
    unconfirmed = hasErasedCheck(bytes, 0, geometry) ? placed : undefined;
    end = ate.offset + ate.length;
  }
  const dataEnd = aligned(geometry, end);
  return { sector, close: close.kind, entries, tornPlaces, nextPlace: place, unconfirmed, dataEnd, overlooked };
}

function readClose(
  bytes: Uint8Array,
  { closePlace, sectorBytes, ateBytes, erasedByte }: NvsGeometry,
): { readonly kind: SectorClose; readonly last?: number | undefined } {
  if (isFilledWith(bytes, erasedByte)) return { kind: "erased" };
  const ate = decodeAte(bytes, 0);
  const isValid =
    ate?.id === MARKER_ID &&
    ate.length === 0 &&
    ate.offset <= closePlace &&
    (sectorBytes - ate.offset) % ateBytes === 0;
  return isValid ? { kind: "valid", last: ate.offset } : { kind: "torn" };
}

/** Whether an entry says that a collection into its sector ended. */
export function isCollectionEnd({ id, length }: Ate): boolean {
  return id === MARKER_ID && length === 0;
}

/** Whether a sector is one of an NVS for certain: a valid end, or an entry at the first place or the one after it. */
export function isOfNvs({ close, entries }: SectorTable, { firstPlace, ateBytes }: NvsGeometry): boolean {
  return close === "valid" || (entries[0]?.place ?? 0) >= firstPlace - ateBytes;
}
