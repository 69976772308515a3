/**
 * The cells of a flash chip: bits that a program clears and an erase sets. Erased pages are not stored and unchanged ones
 * are shared between forks, so a 16 MiB chip costs what was written to it.
 *
 * Always holds: a stored page is never changed in place, and a group of pages only by the one chip that has it to itself.
 * A write makes a new one; that is what makes `fork` cheap.
 */
import { rangeEnd, rangeIntersection, type ByteRange } from "../../../../drivers/geometry.ts";
import { isFilledWith } from "../../../bytes.ts";

const ERASED = 0xff;

interface StuckBit {
  readonly address: number;
  readonly mask: number;
  readonly level: 0 | 1;
}

/** One in this many bits of a marginal page reads wrong. */
const MARGINAL_ONE_IN = 64;

/** Pages of a group. */
const GROUP_PAGES = 256;

type Group = (Uint8Array | undefined)[];

export class CellArray {
  readonly capacityBytes: number;
  readonly #granuleBytes: number;
  readonly #pageCount: number;
  /** Left out where all of a group is erased. */
  readonly #groups: (Group | undefined)[];
  /** Groups that no fork shares. */
  readonly #own = new Set<Group>();
  readonly #marginal: Set<number>;
  #stuck: readonly StuckBit[] = [];
  #unerasable: readonly ByteRange[] = [];

  constructor(capacityBytes: number, granuleBytes: number, from?: CellArray) {
    this.capacityBytes = capacityBytes;
    this.#granuleBytes = granuleBytes;
    this.#pageCount = Math.ceil(capacityBytes / granuleBytes);
    this.#groups =
      from === undefined ? new Array<undefined>(Math.ceil(this.#pageCount / GROUP_PAGES)) : from.#groups.slice();
    this.#marginal = new Set(from === undefined ? [] : from.#marginal);
    if (from !== undefined) {
      from.#own.clear();
      this.#stuck = from.#stuck;
      this.#unerasable = from.#unerasable;
    }
  }

  fork(): CellArray {
    return new CellArray(this.capacityBytes, this.#granuleBytes, this);
  }

  /** One cell; `reading` tells readings apart, for cells that do not read the same each time. */
  at(address: number, reading: number): number {
    const byte = this.#cell(address);
    return this.#marginal.has(this.#pageIndex(address)) ? byte & noise(address, reading) : byte;
  }

  /** Cells from `address`, continuing at 0 after the last one. */
  readInto(address: number, into: Uint8Array, reading: number): void {
    let done = 0;
    while (done < into.length) {
      const from = (address + done) % this.capacityBytes;
      const offset = from % this.#granuleBytes;
      const length = Math.min(into.length - done, this.#granuleBytes - offset);
      const index = (from - offset) / this.#granuleBytes;
      const page = this.#page(index);
      if (page === undefined) into.fill(ERASED, done, done + length);
      else into.set(page.subarray(offset, offset + length), done);
      if (this.#marginal.has(index)) {
        for (let i = 0; i < length; i++) into[done + i] = (into[done + i] ?? 0) & noise(from + i, reading);
      }
      done += length;
    }
  }

  /** Whether all cells of a range read FF. */
  isErased(range: ByteRange): boolean {
    for (let at = range.address; at < rangeEnd(range); ) {
      const offset = at % this.#granuleBytes;
      const length = Math.min(rangeEnd(range) - at, this.#granuleBytes - offset);
      const page = this.#page(this.#pageIndex(at));
      if (page !== undefined && !isFilledWith(page.subarray(offset, offset + length), ERASED)) return false;
      at += length;
    }
    return true;
  }

  /** Ranges of cells that may differ from those of `earlier`, which this was forked from or is a fork of. */
  changedSince(earlier: CellArray): readonly ByteRange[] {
    const changed: ByteRange[] = [];
    const lengthBytes = this.#granuleBytes;
    for (const [number, group] of this.#groups.entries()) {
      if (group === earlier.#groups[number]) continue;
      for (let index = number * GROUP_PAGES; index < Math.min(this.#pageCount, (number + 1) * GROUP_PAGES); index++) {
        if (this.#page(index) !== earlier.#page(index)) changed.push({ address: index * lengthBytes, lengthBytes });
      }
    }
    return changed;
  }

  /** A copy of cells, without noise. */
  peek(address: number, lengthBytes: number): Uint8Array {
    const bytes = new Uint8Array(lengthBytes);
    for (let i = 0; i < lengthBytes; ) {
      const from = (address + i) % this.capacityBytes;
      const offset = from % this.#granuleBytes;
      const length = Math.min(lengthBytes - i, this.#granuleBytes - offset);
      const page = this.#page(this.#pageIndex(from));
      if (page === undefined) bytes.fill(ERASED, i, i + length);
      else bytes.set(page.subarray(offset, offset + length), i);
      i += length;
    }
    return bytes;
  }

  /** Sets cells as they are given, without rules (but stuck bits stay stuck). */
  load(address: number, data: Uint8Array): void {
    for (let i = 0; i < data.length; ) {
      const offset = (address + i) % this.#granuleBytes;
      const length = Math.min(data.length - i, this.#granuleBytes - offset);
      const index = this.#pageIndex(address + i);
      const page = this.#page(index)?.slice() ?? new Uint8Array(this.#granuleBytes).fill(ERASED);
      page.set(data.subarray(i, i + length), offset);
      this.#marginal.delete(index);
      this.#store(index, page);
      i += length;
    }
  }

  /** Clears the bits that are 0 in `data`. Returns the first address where a bit should have gone from 0 to 1. */
  program(address: number, data: Uint8Array): number | undefined {
    const before = this.peek(address, data.length);
    let firstWrong: number | undefined;
    for (let i = 0; i < data.length; i++) {
      const old = before[i] ?? 0;
      const wish = data[i] ?? 0;
      if ((old & wish) !== wish) firstWrong ??= address + i;
      before[i] = old & wish;
    }
    this.load(address, before);
    return firstWrong;
  }

  /** Sets all bits of a range, but for what cannot be erased. */
  erase(range: ByteRange): void {
    const kept = this.#unerasable.flatMap((broken) => {
      const shared = rangeIntersection(broken, range);
      return shared === undefined
        ? []
        : [{ address: shared.address, data: this.peek(shared.address, shared.lengthBytes) }];
    });
    const first = this.#pageIndex(range.address);
    const end = this.#pageIndex(rangeEnd(range) - 1) + 1;
    for (let index = first; index < end; index++) {
      this.#put(index, undefined);
      this.#marginal.delete(index);
    }
    for (const { address, data } of kept) this.load(address, data);
    this.#applyStuck();
  }

  /** The pages of a range read wrong bits now and then, until they are erased again. */
  makeMarginal(range: ByteRange): void {
    for (let at = range.address; at < rangeEnd(range); at += this.#granuleBytes)
      this.#marginal.add(this.#pageIndex(at));
  }

  stickBit(address: number, bit: number, level: 0 | 1): void {
    this.#stuck = [...this.#stuck, { address, mask: 1 << bit, level }];
    this.#applyStuck();
  }

  breakErase(range: ByteRange): void {
    this.#unerasable = [...this.#unerasable, range];
  }

  #pageIndex(address: number): number {
    return Math.floor(address / this.#granuleBytes);
  }

  #cell(address: number): number {
    return this.#page(this.#pageIndex(address))?.[address % this.#granuleBytes] ?? ERASED;
  }

  #store(index: number, page: Uint8Array): void {
    for (const stuck of this.#stuck) if (this.#pageIndex(stuck.address) === index) this.#force(page, stuck);
    this.#put(index, isFilledWith(page, ERASED) ? undefined : page);
  }

  #page(index: number): Uint8Array | undefined {
    return this.#groups[Math.floor(index / GROUP_PAGES)]?.[index % GROUP_PAGES];
  }

  #put(index: number, page: Uint8Array | undefined): void {
    const number = Math.floor(index / GROUP_PAGES);
    let group = this.#groups[number];
    if (group === undefined && page === undefined) return;
    if (group === undefined || !this.#own.has(group)) {
      group = group?.slice() ?? new Array<undefined>(GROUP_PAGES);
      this.#own.add(group);
      this.#groups[number] = group;
    }
    group[index % GROUP_PAGES] = page;
  }

  #applyStuck(): void {
    for (const stuck of this.#stuck) {
      const index = this.#pageIndex(stuck.address);
      const page = this.#page(index)?.slice() ?? new Uint8Array(this.#granuleBytes).fill(ERASED);
      this.#force(page, stuck);
      this.#put(index, page);
    }
  }

  #force(page: Uint8Array, { address, mask, level }: StuckBit): void {
    const offset = address % this.#granuleBytes;
    const byte = page[offset] ?? ERASED;
    page[offset] = level === 1 ? byte | mask : byte & ~mask;
  }
}

/** A mask with a 0 for each bit that reads wrong this time. */
function noise(address: number, reading: number): number {
  let hash = Math.imul(address ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(reading + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f);
  hash = (hash ^ (hash >>> 13)) >>> 0;
  return hash % (MARGINAL_ONE_IN / 8) === 0 ? ~(1 << ((hash >>> 8) & 7)) & 0xff : 0xff;
}
