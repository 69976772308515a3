/**
 * Which sectors make up one FCB, and where its ring ends, from places and ids of headers alone. Ids go up by one from sector to
 * sector; if the ring goes round, its first sector has the id after that of its last one, which proves both ends. Pure.
 */
import type { Start } from "./sector-size.ts";

/** The headers of one FCB. */
export interface Ring {
  /** In order of place; at least one. */
  readonly starts: readonly Start[];
  /** Erase blocks of a sector; undefined if one header alone cannot tell. */
  readonly sectorBlocks: number | undefined;
  /** The first sector has the id after that of the last: the ring has gone round, and both ends are proved. */
  readonly isClosed: boolean;
}

const ID_MODULUS = 0x10000;
/** This many sectors in a row may have lost their headers without splitting a log in two. */
const MAX_LOST = 8;
/** A log in use keeps a sector or two free. */
const MAX_FREE = 2;
/** A header out of order stands in the way of so few runs. */
const OPEN_RUNS = 3;

/**
 * The rings of all headers of one magic; `starts` in order of place. `told`: erase blocks of a sector, where that is known;
 * `mostBlocks`: longer sectors are none.
 */
export function ringsOf(starts: readonly Start[], mostBlocks: number, told?: number): readonly Ring[] {
  const sectorBlocks = told ?? blocksOf(starts, mostBlocks);
  if (sectorBlocks === undefined) return ringsOfUnknownSize(starts);
  const parts: Part[] = runsOf(starts, sectorBlocks).map((run) => ({ starts: run, isClosed: false }));
  // What closes exactly first; then rings of which one sector is lost where they go round.
  for (const ids of [1, 2]) join(parts, ids, sectorBlocks);
  return parts
    .filter((part) => !parts.some((other) => other !== part && isWithin(part, other, sectorBlocks)))
    .map(({ starts: all, isClosed }) => ({ starts: all, sectorBlocks, isClosed }));
}

/** What most neighbours show: of two headers D blocks apart whose ids differ by N, sectors have D / N blocks. */
function blocksOf(starts: readonly Start[], mostBlocks: number): number | undefined {
  const votes = new Map<number, number>();
  for (const [index, start] of starts.entries()) {
    const next = starts[index + 1];
    if (next === undefined) break;
    const sectors = (next.id - start.id + ID_MODULUS) % ID_MODULUS;
    const blocks = (next.block - start.block) / sectors;
    if (sectors === 0 || sectors > MAX_LOST || !Number.isInteger(blocks) || blocks > mostBlocks) continue;
    votes.set(blocks, (votes.get(blocks) ?? 0) + 1);
  }
  return [...votes].toSorted((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0];
}

/** Two sectors of which the first is newer are a ring of two, if they stand side by side. All others stand alone. */
function ringsOfUnknownSize(starts: readonly Start[]): readonly Ring[] {
  const rings: Ring[] = [];
  for (let index = 0; index < starts.length; index++) {
    const [start, next] = [starts[index], starts[index + 1]];
    if (start === undefined) break;
    const isPair = next !== undefined && next.block === start.block + 1 && start.id === (next.id + 1) % ID_MODULUS;
    if (isPair) index++;
    rings.push(
      isPair
        ? { starts: [start, next], sectorBlocks: 1, isClosed: true }
        : { starts: [start], sectorBlocks: undefined, isClosed: false },
    );
  }
  return rings;
}

/** Stretches in which ids go up with the place, one a sector. */
function runsOf(starts: readonly Start[], sectorBlocks: number): readonly (readonly Start[])[] {
  const runs: Start[][] = [];
  for (const start of starts) {
    const run = runs.slice(-OPEN_RUNS).findLast((open) => {
      const last = open.at(-1) ?? start;
      const sectors = (start.block - last.block) / sectorBlocks;
      return sectors >= 1 && sectors <= MAX_LOST && (start.id - last.id + ID_MODULUS) % ID_MODULUS === sectors;
    });
    if (run === undefined) runs.push([start]);
    else run.push(start);
  }
  return runs;
}

/** A run, or two that make up a ring. */
interface Part {
  readonly starts: readonly Start[];
  readonly isClosed: boolean;
}

/** Joins runs with the older part of their ring, which lies after them: its last id is `ids` below their first. */
function join(parts: Part[], ids: number, sectorBlocks: number): void {
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (part === undefined || part.isClosed) continue;
    const first = part.starts[0]?.block ?? 0;
    const older = parts.findIndex(
      (other, at) =>
        at > index &&
        !other.isClosed &&
        ((other.starts[0]?.block ?? 0) - first) % sectorBlocks === 0 &&
        idsBetween(other.starts, part.starts) === ids,
    );
    const other = parts[older];
    if (other === undefined) continue;
    // What lies between the two is out of order.
    parts.splice(index, older - index + 1, { starts: [...part.starts, ...other.starts], isClosed: ids === 1 });
  }
}

/** By how much the first id of `newer` is above the last of `older`. */
function idsBetween(older: readonly Start[], newer: readonly Start[]): number {
  return ((newer[0]?.id ?? 0) - (older.at(-1)?.id ?? 0) + ID_MODULUS) % ID_MODULUS;
}

/** A single header within the sectors of a longer ring. */
function isWithin({ starts }: Part, other: Part, sectorBlocks: number): boolean {
  const [only] = starts;
  const [first, last] = [other.starts[0], other.starts.at(-1)];
  if (only === undefined || first === undefined || last === undefined) return false;
  if (starts.length > 1 || other.starts.length < 2) return false;
  return only.block >= first.block && only.block < last.block + sectorBlocks;
}

/** A stretch of sectors, counted from any start. */
export interface SectorRange {
  readonly first: number;
  readonly count: number;
}

/**
 * The ring of a log that has gone round, but has a free sector at its end or start, so that its ids do not close it: in
 * a ring of R sectors the sector with id N is number N mod R, as long as ids have not wrapped at 65536. Of the rings
 * that fit, the one with the fewest free sectors; undefined if the log has not gone round, or too many sectors would be
 * free. `used`: sectors in use, the first of them with id `firstId`; `reach`: what is in use or free around it.
 */
export function probableRing(firstId: number, used: SectorRange, reach: SectorRange): SectorRange | undefined {
  for (let free = 0; free <= MAX_FREE; free++) {
    for (let before = 0; before <= free; before++) {
      const ring = { first: used.first - before, count: used.count + free };
      const isInside = ring.first >= reach.first && ring.first + ring.count <= reach.first + reach.count;
      if (isInside && firstId >= ring.count && firstId % ring.count === before) return ring;
    }
  }
  return undefined;
}
