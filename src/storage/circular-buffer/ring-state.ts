/** Where a mounted buffer stands: its sectors, the place of the next entry, and what is known to be erased. Pure. */
import type { FlashRegion } from "../../flash/flash-region.ts";
import { type CircularBufferOptions, entryBytes, firstElementOffset, type SectorHeader } from "./format.ts";
import type { Mounted } from "./mount.ts";
import type { OwnLog } from "./own-sectors.ts";
import type { SectorRange } from "./rings.ts";

/** Where the buffer stands, under the names of the original. */
export interface CircularBufferState {
  /** Sector with the oldest entries, counted from the start of the region. */
  readonly oldestSector: number;
  /** Sector that the next entry goes to, as long as it has room. */
  readonly activeSector: number;
  /** Where the next entry goes in the active sector. */
  readonly activeElemOffset: number;
  /** Number in the header of the active sector, 0 to 65535; it grows by 1 with each sector and wraps. */
  readonly activeId: number;
  /** Sectors after the active one up to the oldest, scratch sectors included. */
  readonly freeSectors: number;
  /** Whether there is no entry. */
  readonly isEmpty: boolean;
}

/** Owner of the state of one buffer. The writer reports its changes here; the reader uses it. */
export class RingState {
  readonly region: FlashRegion;
  readonly options: CircularBufferOptions;
  readonly ring: SectorRange;
  /** The headers of all sectors of the region, as mount found them. */
  readonly headers: readonly SectorHeader[];
  readonly isOrderCertain: boolean;
  /** Sectors of the log, oldest first; empty before the first header. */
  readonly #sectors: number[];
  /** Sectors that this object has erased, and so are known to be erased. */
  readonly #erased = new Set<number>();
  #activeId: number;
  #version: number;
  #elemOffset: number;
  /** False if the rest of the active sector cannot be written: damaged, or not erased. */
  #isOpen: boolean;
  #activeBytes: Uint8Array | undefined;

  constructor(region: FlashRegion, options: CircularBufferOptions, mounted: Mounted) {
    this.region = region;
    this.options = options;
    this.ring = mounted.ring;
    this.headers = mounted.headers;
    this.isOrderCertain = mounted.isOrderCertain;
    this.#sectors = [...mounted.sectors];
    this.#activeId = mounted.activeId;
    const header = mounted.headers[mounted.sectors.at(-1) ?? -1];
    this.#version = header?.kind === "used" ? header.version : options.version;
    this.#elemOffset = mounted.activeElemOffset;
    this.#isOpen = mounted.isActiveOpen;
    this.#activeBytes = mounted.activeBytes;
  }

  /** Sectors of the log, oldest first. */
  get sectors(): readonly number[] {
    return this.#sectors;
  }

  /** Before the first header: as if sector 0 had one. */
  get oldest(): number {
    return this.#sectors[0] ?? 0;
  }

  /** Before the first header: as if sector 0 had one. */
  get active(): number {
    return this.#sectors.at(-1) ?? 0;
  }

  get activeId(): number {
    return this.#activeId;
  }

  get version(): number {
    return this.#version;
  }

  /** Where the next entry goes in the active sector. */
  get elemOffset(): number {
    return this.#elemOffset;
  }

  /** Bytes of the active sector as mounted; undefined once it was written to. */
  get activeBytes(): Uint8Array | undefined {
    return this.#activeBytes;
  }

  /** Whether no sector has a header yet. */
  get isBlank(): boolean {
    return this.#sectors.length === 0;
  }

  get isEmpty(): boolean {
    return this.oldest === this.active && this.#elemOffset === firstElementOffset(this.options.alignBytes);
  }

  get freeSectors(): number {
    const between = this.oldest - this.active - 1;
    return (between + 2 * this.ring.count) % this.ring.count;
  }

  /** Bytes left in the active sector; 0 if the rest of it cannot be written. */
  get activeRoomBytes(): number {
    return this.#isOpen ? this.options.sectorBytes - this.#elemOffset : 0;
  }

  /** Bytes that a fresh sector has for entries. */
  get sectorRoomBytes(): number {
    return this.options.sectorBytes - firstElementOffset(this.options.alignBytes);
  }

  /** Sectors of the ring with a header of this log that are not in its order. */
  get sectorsOutOfOrder(): readonly number[] {
    return this.headers.flatMap((header, sector) =>
      header.kind === "used" && this.#isStrange(sector) ? [sector] : [],
    );
  }

  /** Sectors of the ring that are neither free nor part of the log, with their headers. */
  get strangeSectors(): readonly { readonly sector: number; readonly header: SectorHeader }[] {
    return this.headers.flatMap((header, sector) =>
      header.kind !== "free" && this.#isStrange(sector) ? [{ sector, header }] : [],
    );
  }

  /** The log as what decides about ownership sees it. */
  get own(): OwnLog {
    const { region, options, headers, ring } = this;
    return { region, options, headers, sectors: this.#sectors, activeId: this.#activeId, ring };
  }

  has(sector: number): boolean {
    return this.#sectors.includes(sector);
  }

  isErased(sector: number): boolean {
    return this.#erased.has(sector);
  }

  /** The sector after this one in the ring. */
  next(sector: number): number {
    const { first, count } = this.ring;
    return first + ((sector - first + 1) % count);
  }

  /** A sector was erased, or a digest has shown that it is. */
  noteErased(sector: number): void {
    this.#erased.add(sector);
  }

  /** A sector is about to get its header: it no longer counts as erased. */
  noteBegun(sector: number): void {
    this.#erased.delete(sector);
  }

  /** A sector has its header, and is the active one. */
  noteOpened(sector: number, id: number): void {
    this.#sectors.push(sector);
    this.#activeId = id;
    this.#version = this.options.version;
    this.#elemOffset = firstElementOffset(this.options.alignBytes);
    this.#isOpen = true;
    this.#activeBytes = undefined;
  }

  /** The flash is about to change: what was read of the active sector is no longer valid. */
  forgetActiveBytes(): void {
    this.#activeBytes = undefined;
  }

  /** The active sector is about to be written. Until `noteWritten` nothing more is added to it: its content is unknown. */
  noteWriting(): void {
    this.#isOpen = false;
    this.#activeBytes = undefined;
  }

  noteWritten(): void {
    this.#isOpen = true;
  }

  /** An entry of this many data bytes starts at `offset` of the active sector. */
  noteEntry(offset: number, dataBytes: number): void {
    this.#elemOffset = offset + entryBytes(dataBytes, this.options.alignBytes);
  }

  dropOldest(): void {
    this.#sectors.shift();
  }

  #isStrange(sector: number): boolean {
    const { first, count } = this.ring;
    return sector >= first && sector < first + count && !this.has(sector) && !this.#erased.has(sector);
  }
}
