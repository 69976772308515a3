/**
 * The shape of a flash chip: address space, pages, erase units. Plain data and arithmetic.
 *
 * Addresses are linear from 0 to `capacityBytes - 1` for every family; only the AT45 driver knows that its chip wants
 * page and byte fields.
 */

/** A range of the chip's address space. `address + lengthBytes` never exceeds the capacity. */
export interface ByteRange {
  /** First address, from 0. */
  readonly address: number;
  /** Length in bytes; may be 0. */
  readonly lengthBytes: number;
}

/** `count` adjacent erase blocks of one size, with the time that each of them takes. */
export interface EraseRegion {
  /** Address of the first block. */
  readonly address: number;
  /** Size of one block, bytes. */
  readonly unitBytes: number;
  /** Number of blocks. */
  readonly count: number;
  /** Typical erase time of one block, microseconds. Used for planning. */
  readonly typicalUs: number;
  /** Longest erase time of one block of an undamaged chip, microseconds. The time limit of polling derives from it. */
  readonly maximumUs: number;
}

/**
 * One erase command and the blocks that it erases. Most units have one region that covers the chip; the sectors of an
 * AT45 have several regions of different sizes. The chip erase is a unit with one block, the whole chip.
 */
export interface EraseUnit {
  /** Name for display: "4 KiB sector", "64 KiB block", "page", "chip". */
  readonly name: string;
  /** The regions of the unit, in order of address. */
  readonly regions: readonly EraseRegion[];
}

/**
 * Address space, pages and erase units of a chip. Addresses are linear, from 0 to `capacityBytes - 1`, for every
 * family.
 */
export interface FlashGeometry {
  /** Size of the chip, bytes. */
  readonly capacityBytes: number;
  /** Most bytes that one program command takes. A program never crosses a multiple of it. */
  readonly pageBytes: number;
  /** Value of an erased byte: FFh on every chip known so far. */
  readonly erasedByte: number;
  /** Erase units, smallest blocks first. Every unit covers the whole chip without gap or overlap. */
  readonly eraseUnits: readonly EraseUnit[];
  /** Typical time to program one full page, microseconds. */
  readonly programTypicalUs: number;
  /** Longest time to program one full page of an undamaged chip, microseconds. */
  readonly programMaximumUs: number;
}

/** One block of one erase unit: what a single erase command clears. */
export interface EraseBlock extends ByteRange {
  /** The unit that the block belongs to. */
  readonly unit: EraseUnit;
  /** Typical erase time, microseconds. */
  readonly typicalUs: number;
  /** Longest erase time, microseconds. */
  readonly maximumUs: number;
}

/** The first address after a range. */
export function rangeEnd(range: ByteRange): number {
  return range.address + range.lengthBytes;
}

/** The whole chip as a range. */
export function wholeChip({ capacityBytes }: FlashGeometry): ByteRange {
  return { address: 0, lengthBytes: capacityBytes };
}

/** Whether `inner` lies within `outer`. An empty range lies within if its address does, the end of `outer` included. */
export function rangeContains(outer: ByteRange, inner: ByteRange): boolean {
  return inner.address >= outer.address && rangeEnd(inner) <= rangeEnd(outer);
}

/** The bytes that two ranges share, or undefined if there are none. */
export function rangeIntersection(a: ByteRange, b: ByteRange): ByteRange | undefined {
  const address = Math.max(a.address, b.address);
  const end = Math.min(rangeEnd(a), rangeEnd(b));
  return end > address ? { address, lengthBytes: end - address } : undefined;
}

/** The block of `unit` that contains `address`, or undefined outside the regions of the unit. */
export function eraseBlockAt(unit: EraseUnit, address: number): EraseBlock | undefined {
  for (const region of unit.regions) {
    const offset = address - region.address;
    if (offset < 0 || offset >= region.unitBytes * region.count) continue;
    const start = region.address + Math.floor(offset / region.unitBytes) * region.unitBytes;
    return {
      unit,
      address: start,
      lengthBytes: region.unitBytes,
      typicalUs: region.typicalUs,
      maximumUs: region.maximumUs,
    };
  }
  return undefined;
}

/** The blocks of `unit` that overlap `range`, in order of address. */
export function* eraseBlocksTouching(unit: EraseUnit, range: ByteRange): Generator<EraseBlock> {
  let address = range.address;
  while (address < rangeEnd(range)) {
    const block = eraseBlockAt(unit, address);
    if (block === undefined) return;
    yield block;
    address = rangeEnd(block);
  }
}

/** The unit with the smallest blocks. Throws RangeError if the geometry has no erase unit. */
export function smallestEraseUnit(geometry: FlashGeometry): EraseUnit {
  const unit = geometry.eraseUnits[0];
  if (unit === undefined) throw new RangeError("a flash geometry needs at least one erase unit");
  return unit;
}

/** Divides a range at page boundaries. The pieces are in order of address. */
export function* pagesOf(geometry: FlashGeometry, range: ByteRange): Generator<ByteRange> {
  let address = range.address;
  const end = rangeEnd(range);
  while (address < end) {
    const pageEnd = (Math.floor(address / geometry.pageBytes) + 1) * geometry.pageBytes;
    const stop = Math.min(end, pageEnd);
    yield { address, lengthBytes: stop - address };
    address = stop;
  }
}
