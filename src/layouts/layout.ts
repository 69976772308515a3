/** What every layout comes down to: names for ranges of a flash. Pure. */
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import { fileInvalid } from "../disk/file-problem.ts";

/** Forms of a layout. */
export type LayoutKind = "flashrom" | "fmap" | "ifd" | "esp-partitions" | "device-tree";

/** A range with a name. */
export interface LayoutRegion extends ByteRange {
  /** As the layout has it. Any characters are possible: print it escaped. */
  readonly name: string;
  /** Other names for it. */
  readonly aliases?: readonly string[] | undefined;
  /** What else the layout says of it, as the end of a sentence: "app, ota_0". */
  readonly about?: string | undefined;
}

/** Names for ranges. Regions may overlap, as areas of an FMAP do; names are unique. */
export interface Layout {
  readonly kind: LayoutKind;
  /** At least one. */
  readonly regions: readonly LayoutRegion[];
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/** Bytes that are read where they are: of a file in memory, or of a chip. */
export interface LayoutBytes {
  readonly lengthBytes: number;
  /** A range within `lengthBytes`. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>;
  /** Many ranges, in their order, without a pause between two. */
  readMany(ranges: Iterable<ByteStretch>): AsyncIterable<Uint8Array>;
}

/** A range, from the first byte of the flash or file. */
export interface ByteStretch {
  readonly offset: number;
  readonly lengthBytes: number;
}

/** Bytes in memory. */
export function bytesInMemory(bytes: Uint8Array): LayoutBytes {
  const read = (offset: number, lengthBytes: number): Promise<Uint8Array> =>
    Promise.resolve(bytes.subarray(offset, offset + lengthBytes));
  async function* readMany(ranges: Iterable<ByteStretch>): AsyncGenerator<Uint8Array> {
    for (const { offset, lengthBytes } of ranges) yield await read(offset, lengthBytes);
  }
  return { lengthBytes: bytes.length, read, readMany };
}

/** A place in a text, from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** FILE_INVALID for a place in a text. */
export function textInvalid(name: string, { line, column }: TextPlace, reason: string, hint?: string): Error {
  return fileInvalid(`${name}:${line}:${column}`, reason, hint === undefined ? {} : { hint });
}

/** Throws for the second of two regions with one name; `placeOf` says where each is in the file. */
export function checkNames(
  name: string,
  regions: readonly LayoutRegion[],
  placeOf: (index: number) => TextPlace,
): void {
  const seen = new Set<string>();
  for (const [index, region] of regions.entries()) {
    if (seen.has(region.name)) throw textInvalid(name, placeOf(index), `a second region with the name ${region.name}`);
    seen.add(region.name);
  }
}

/** Whether two ranges share bytes and neither lies within the other. */
export function overlapsPartly(a: ByteRange, b: ByteRange): boolean {
  const [first, second] = a.address <= b.address ? [a, b] : [b, a];
  return first.address < second.address && second.address < rangeEnd(first) && rangeEnd(first) < rangeEnd(second);
}

/** Two regions that share bytes though neither lies within the other; undefined if there are none. */
export function firstPartialOverlap<T extends ByteRange>(regions: readonly T[]): readonly [T, T] | undefined {
  const sorted = regions.toSorted((a, b) => a.address - b.address || b.lengthBytes - a.lengthBytes);
  /** Those that the next one may lie within, from the outermost. */
  const around: T[] = [];
  for (const region of sorted) {
    while (rangeEnd(around.at(-1) ?? region) <= region.address) around.pop();
    const parent = around.at(-1);
    if (parent !== undefined && overlapsPartly(parent, region)) return [parent, region];
    around.push(region);
  }
  return undefined;
}

/** Two regions of a list that share bytes; undefined if none do. */
export function firstOverlap<T extends ByteRange>(regions: readonly T[]): readonly [T, T] | undefined {
  const sorted = regions.toSorted((a, b) => a.address - b.address);
  let widest = sorted[0];
  for (const region of sorted.slice(1)) {
    if (widest !== undefined && region.address < rangeEnd(widest)) return [widest, region];
    if (widest === undefined || rangeEnd(region) > rangeEnd(widest)) widest = region;
  }
  return undefined;
}
