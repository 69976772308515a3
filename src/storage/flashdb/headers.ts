/** Sector headers of a FlashDB: noted by their magic in a pass, then gathered to databases. */
import { indexOfBytes } from "../../bytes.ts";
import type { OffsetRange } from "../../flash/flash-region.ts";
import { type ReadableRegion, SNIFFED_BYTES } from "../recognise/region-finding.ts";

/** Places of a magic that are remembered. */
const MAX_PLACES = 65_536;

/** Notes every place of a magic of four bytes. */
export class MagicPlaces {
  readonly #magic: Uint8Array;
  readonly #found: number[] = [];

  constructor(magic: Uint8Array) {
    this.#magic = magic;
  }

  /** Takes the next block, or only its start. */
  look(offset: number, block: Uint8Array): void {
    for (let at = indexOfBytes(block, this.#magic); at >= 0; at = indexOfBytes(block, this.#magic, at + 1)) {
      if (this.#found.length < MAX_PLACES) this.#found.push(offset + at);
    }
  }

  /** Starts of sectors, by the place of the magic in them: those that begin an erase block. */
  starts(places: readonly number[], eraseBytes: number): ReadonlyMap<number, readonly number[]> {
    const byPlace = new Map<number, number[]>();
    for (const at of this.#found) {
      const place = places.find((each) => at >= each && (at - each) % eraseBytes === 0);
      if (place === undefined) continue;
      const list = byPlace.get(place) ?? [];
      list.push(at - place);
      byPlace.set(place, list);
    }
    return byPlace;
  }
}

/** Covers the magic of every build. */
const HEAD_BYTES = 256;

/** Looks only at the starts of the erase blocks, where sectors begin. */
export async function lookAtStarts(region: ReadableRegion, places: MagicPlaces): Promise<void> {
  const step = Math.min(region.eraseBytes, SNIFFED_BYTES);
  let offset = 0;
  for await (const bytes of region.readMany(heads(region, step))) {
    places.look(offset, bytes);
    offset += step;
  }
}

function* heads({ lengthBytes }: ReadableRegion, step: number): Generator<OffsetRange> {
  for (let offset = 0; offset < lengthBytes; offset += step) {
    yield { offset, lengthBytes: Math.min(HEAD_BYTES, step, lengthBytes - offset) };
  }
}

/** The smallest distance of two neighbours; undefined for fewer than two. */
export function smallestDistance(starts: readonly number[]): number | undefined {
  let least: number | undefined;
  for (let index = 1; index < starts.length; index++) {
    const distance = (starts[index] ?? 0) - (starts[index - 1] ?? 0);
    if (least === undefined || distance < least) least = distance;
  }
  return least;
}

/** A sector by its start, and where its database begins if the sector says so. */
export interface PlacedSector {
  /** Its first byte, from the start of the region. */
  readonly start: number;
  /** First byte of its database. */
  readonly base: number | undefined;
}

/** Sectors of one database. */
export interface SectorRun {
  /** First byte of the database, from the start of the region. */
  readonly offset: number;
  /** To the end of its last sector that was found, bytes. */
  readonly lengthBytes: number;
  /** The sectors that were found; those between them have no valid header. */
  readonly starts: readonly number[];
  /** A sector says where the database begins. */
  readonly isPlaced: boolean;
}

/**
 * Sectors to databases. A sector that says where its database begins decides; others belong to the database before them if they
 * follow it, with at most one sector without a header between.
 */
export function runsOf(sectors: readonly PlacedSector[], sectorBytes: number): readonly SectorRun[] {
  const runs: { base: number | undefined; starts: number[] }[] = [];
  for (const { start, base } of sectors) {
    const run = runs.at(-1);
    const last = run?.starts.at(-1);
    if (run === undefined || last === undefined || !belongs(run, last, start, base, sectorBytes)) {
      runs.push({ base, starts: [start] });
    } else {
      run.starts.push(start);
      run.base ??= base;
    }
  }
  return runs.map(({ base, starts }) => {
    const offset = base ?? starts[0] ?? 0;
    const lengthBytes = (starts.at(-1) ?? 0) + sectorBytes - offset;
    return { offset, lengthBytes, starts, isPlaced: base !== undefined };
  });
}

function belongs(
  run: { readonly base: number | undefined; readonly starts: readonly number[] },
  last: number,
  start: number,
  base: number | undefined,
  sectorBytes: number,
): boolean {
  if ((start - last) % sectorBytes !== 0) return false;
  if (base !== undefined && run.base !== undefined) return base === run.base;
  if (base !== undefined && base > (run.starts[0] ?? 0)) return false;
  return start - last <= 2 * sectorBytes;
}
