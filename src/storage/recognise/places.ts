/** Places of a region, and ranges of a chip. Pure. */
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";

/** Bytes of the chip, as a person names them. */
export interface ChipRange {
  /** First byte, bytes from the start of the chip. */
  readonly address: number;
  /** Length, bytes. */
  readonly lengthBytes: number;
}

/** Whether the caller named this place as one that may be overwritten: each byte of it lies in one of the ranges. */
export function isNamed({ offset, lengthBytes }: OffsetRange, overwrite: readonly OffsetRange[] | undefined): boolean {
  return joined(overwrite ?? []).some((one) => one.offset <= offset && offset + lengthBytes <= endOf(one));
}

/** Ranges of the chip as places of a region. */
export function placesIn({ address }: Pick<FlashRegion, "address">, ranges: readonly ChipRange[]): OffsetRange[] {
  return ranges.map((range) => ({ offset: range.address - address, lengthBytes: range.lengthBytes }));
}

/** Whether two places have bytes in common. */
export function overlap(a: OffsetRange, b: OffsetRange): boolean {
  return a.offset < endOf(b) && b.offset < endOf(a);
}

/** The first byte after a place. */
export function endOf({ offset, lengthBytes }: OffsetRange): number {
  return offset + lengthBytes;
}

/** Places in order; those that touch become one. */
export function joined(places: readonly OffsetRange[]): readonly OffsetRange[] {
  const all: OffsetRange[] = [];
  for (const place of places.toSorted((a, b) => a.offset - b.offset)) {
    const last = all.at(-1);
    if (last === undefined || place.offset > endOf(last)) all.push(place);
    else all[all.length - 1] = { ...last, lengthBytes: Math.max(endOf(last), endOf(place)) - last.offset };
  }
  return all;
}
