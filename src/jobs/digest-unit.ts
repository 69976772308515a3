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

/** The longest stretch that small blocks side by side may share a digest for. */
export function digestBytes(geometry: FlashGeometry): number {
  return Math.max(...digestUnit(geometry).regions.map(({ unitBytes }) => unitBytes));
}
