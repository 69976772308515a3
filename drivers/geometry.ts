/**
 * The shape of a flash chip: address space, pages, erase units. Plain data and arithmetic.
 *
 * Addresses are linear from 0 to `capacityBytes - 1` for every family; only the AT45 driver knows that its chip wants
 * page and byte fields.
 */

/** A piece of the chip's address space. `lengthBytes` may be 0; `address + lengthBytes` never exceeds the capacity. */
export interface ByteRange {
  readonly address: number;
  readonly lengthBytes: number;
}

/** `count` blocks of `unitBytes`, one after the other from `address`; each block takes the given time to erase. */
export interface EraseRegion {
  readonly address: number;
  readonly unitBytes: number;
  readonly count: number;
  /** Time of one block as the data sheet's typical value, microseconds. Planning uses it. */
  readonly typicalUs: number;
  /** Longest time a sound chip takes for one block, microseconds. Polling gives up after it. */
  readonly maximumUs: number;
}

/**
 * One way to erase: a command and the blocks it knows. Most have one region that tiles the chip; the sectors of an
 * AT45 have several regions of unlike size. The chip erase is a unit with one block, the whole chip.
 */
export interface EraseUnit {
  /** For people: "4 KiB sector", "64 KiB block", "page", "chip". */
  readonly name: string;
  readonly regions: readonly EraseRegion[];
}

export interface FlashGeometry {
  readonly capacityBytes: number;
  /** Largest piece that one program command takes; a program never crosses a multiple of it. */
  readonly pageBytes: number;
  /** What an erased byte reads as: 0xFF on every chip known so far. */
  readonly erasedByte: number;
  /** Smallest blocks first. Every unit covers the whole chip without gap or overlap. */
  readonly eraseUnits: readonly EraseUnit[];
  /** Time to program one full page, microseconds. */
  readonly programTypicalUs: number;
  readonly programMaximumUs: number;
}

/** One block of one unit: what a single erase command clears. */
export interface EraseBlock extends ByteRange {
  readonly unit: EraseUnit;
  readonly typicalUs: number;
  readonly maximumUs: number;
}

/** First address behind a range. */
export function rangeEnd(range: ByteRange): number {
  return range.address + range.lengthBytes;
}

/** Whether `inner` lies within `outer`; an empty range lies within if its address does. */
export function rangeContains(outer: ByteRange, inner: ByteRange): boolean {
  return inner.address >= outer.address && rangeEnd(inner) <= rangeEnd(outer);
}

/** What two ranges share, or undefined where that is nothing. */
export function rangeIntersection(a: ByteRange, b: ByteRange): ByteRange | undefined {
  const address = Math.max(a.address, b.address);
  const end = Math.min(rangeEnd(a), rangeEnd(b));
  return end > address ? { address, lengthBytes: end - address } : undefined;
}

/** The block of `unit` that holds `address`, or undefined outside of the unit's regions. */
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

/** The blocks of `unit` that touch `range`, in order of address. */
export function* eraseBlocksTouching(unit: EraseUnit, range: ByteRange): Generator<EraseBlock> {
  let address = range.address;
  while (address < rangeEnd(range)) {
    const block = eraseBlockAt(unit, address);
    if (block === undefined) return;
    yield block;
    address = rangeEnd(block);
  }
}

/** The unit with the smallest blocks: what the survey and the planner count in. */
export function smallestEraseUnit(geometry: FlashGeometry): EraseUnit {
  const unit = geometry.eraseUnits[0];
  if (unit === undefined) throw new RangeError("a flash geometry needs at least one erase unit");
  return unit;
}

/** Cuts a range at page borders, in order. */
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
