/**
 * How much of the chip one digest covers: a smallest erase block; on a chip whose pages are erased one by one the next
 * larger block, since a digest a page would cost more in turnarounds than in reading.
 */
import { type EraseUnit, type FlashGeometry, smallestEraseUnit } from "../../drivers/geometry.ts";

/** The erase unit whose blocks have a digest each. */
export function digestUnit(geometry: FlashGeometry): EraseUnit {
  const smallest = smallestEraseUnit(geometry);
  const isPage = smallest.regions.every(({ unitBytes }) => unitBytes <= geometry.pageBytes);
  return (isPage ? geometry.eraseUnits[1] : undefined) ?? smallest;
}

/** Pages that a digest covers at least, so that they are not more costly than what they watch. */
const MIN_PAGES = 4;

/**
 * The longest stretch that has one digest while something is written: a block of the digest unit, but only a few pages
 * where the bridge holds less than two such blocks of programs. The chip reads a block of 4 KiB in 4 ms; a bridge of
 * three pages would run dry in that time.
 */
export function digestBytes(geometry: FlashGeometry, queueBytes: number | undefined): number {
  const block = Math.max(...digestUnit(geometry).regions.map(({ unitBytes }) => unitBytes));
  if (queueBytes === undefined || queueBytes >= 2 * block) return block;
  return Math.min(block, MIN_PAGES * geometry.pageBytes);
}
