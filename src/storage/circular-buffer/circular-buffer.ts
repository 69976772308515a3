/**
 * Zephyr's flash circular buffer (FCB) on a region. On healthy flash it programs and erases what the original does, in the
 * original's order, with next to no reads; on flash that a power cut left partially written it continues where the original
 * stops.
 *
 * What always holds: reading changes nothing; a sector is only written to where it is erased; what `append` answered for is
 * on the flash and was compared.
 */
import { formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, RegionOp } from "../../flash/flash-region.ts";
import { type Programs, programCompared } from "../compared-programs.ts";
import type {
  LogDamage,
  LogPlace,
  LogRecord,
  LogSector,
  ReadRecordsOptions,
  RecordLog,
  LogSectorState,
} from "../record-log.ts";
import { noSector } from "../no-sector.ts";
import { StoreTurns } from "../store-turns.ts";
import {
  alignUp,
  type AssumedOption,
  checkByte,
  type CircularBufferOptions,
  encodeHeader,
  encodeLength,
  ERASED_MAGIC,
  firstElementOffset,
  FIXED_END_MARKER,
  padded,
  USUAL_MAX_ENTRY_BYTES,
} from "./format.ts";
import { EntryWriter } from "./entry-writer.ts";
import { refuseSectorsWithin, refuseToLoseEntries } from "./before-erase.ts";
import { blankDigest, type Mounted, mountSectors } from "./mount.ts";
import { refuseOtherShape } from "./prove-shape.ts";
import { readSectors } from "./read-sectors.ts";
import { assumedError } from "./assumed.ts";
import { isNamed } from "../recognise/places.ts";
import {
  foreignSectorsError,
  foreignSectorsOf,
  type OwnLog,
  refuseForeignSector,
  refuseOtherRing,
} from "./own-sectors.ts";
import type { SectorRange } from "./rings.ts";
import { nextId } from "./sector-chain.ts";

export { EntryWriter } from "./entry-writer.ts";
export type { AssumedOption, CircularBufferOptions } from "./format.ts";

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

/** 15 bits, without the pattern of a free place. */
const FORMAT_MAX_ENTRY_BYTES = 0x7ffe;

/**
 * Zephyr's Flash Circular Buffer (FCB): a ring of sectors that entries of any length are appended to. `mount` opens
 * one.
 *
 * Reading changes nothing. Calls that change the flash run one after the other. They throw EIO if the flash did not
 * take the data, and the errors of the region.
 */
export class CircularBuffer implements RecordLog {
  readonly sectorBytes: number;
  readonly #region: FlashRegion;
  readonly #options: CircularBufferOptions;
  readonly #turns: StoreTurns;
  readonly #ring: SectorRange;
  readonly #maxEntryBytes: number;
  /** What mount found. */
  readonly #mounted: Mounted;
  /** Sectors of the log, oldest first; empty before the first header. */
  #sectors: number[];
  #activeId: number;
  #version: number;
  #elemOffset: number;
  /** False if the rest of the active sector cannot be written: damaged, or not erased. */
  #isOpen: boolean;
  /** Bytes of the active sector as mounted; undefined once it was written to. */
  #activeBytes: Uint8Array | undefined;
  /** Sectors that this object has erased, and so are known to be erased. */
  readonly #erased = new Set<number>();
  /** Entries that were begun and not finished. */
  readonly #begun = new Set<EntryWriter>();

  private constructor(region: FlashRegion, options: CircularBufferOptions, mounted: Mounted, turns: StoreTurns) {
    this.#region = region;
    this.#options = options;
    this.#turns = turns;
    this.sectorBytes = options.sectorBytes;
    this.#ring = mounted.ring;
    this.#maxEntryBytes = options.maxEntryBytes ?? USUAL_MAX_ENTRY_BYTES;
    this.#mounted = mounted;
    this.#sectors = [...mounted.sectors];
    this.#activeId = mounted.activeId;
    const header = mounted.headers[mounted.sectors.at(-1) ?? -1];
    this.#version = header?.kind === "used" ? header.version : options.version;
    this.#elemOffset = mounted.activeElemOffset;
    this.#isOpen = mounted.isActiveOpen;
    this.#activeBytes = mounted.activeBytes;
  }

  /**
   * Opens a buffer; reads only, in two turnarounds. Throws EINVAL for options that make no sense, LAYOUT_MISMATCH for a
   * region that holds something else, and what the region throws.
   *
   * Several may be open on a region to read; of those that write, one at a time: when another, or a job, has changed the region since
   * it was opened, every change throws EBUSY until it is opened again.
   */
  static mount(region: FlashRegion, options: CircularBufferOptions): Promise<CircularBuffer> {
    return CircularBuffer.mountWithin(region, options, undefined);
  }

  /** @internal `mount` for a store that is made of a buffer: `turns` are its own. */
  static async mountWithin(
    region: FlashRegion,
    options: CircularBufferOptions,
    turns: StoreTurns | undefined,
  ): Promise<CircularBuffer> {
    const maxEntryBytes = options.maxEntryBytes ?? USUAL_MAX_ENTRY_BYTES;
    if (!Number.isInteger(maxEntryBytes) || maxEntryBytes < 0 || maxEntryBytes > FORMAT_MAX_ENTRY_BYTES) {
      const message = `entries of up to ${maxEntryBytes} bytes: the format allows ${FORMAT_MAX_ENTRY_BYTES}`;
      throw new NorbridgeError("EINVAL", message, { operation: "open FCB" });
    }
    const own = turns?.within() ?? StoreTurns.on(region, "an FCB");
    return new CircularBuffer(region, options, await mountSectors(region, options), own);
  }

  /** Where the buffer stands. Before the first header: as if sector 0 had one. */
  get state(): CircularBufferState {
    const oldestSector = this.#sectors[0] ?? 0;
    const activeSector = this.#activeSector;
    return {
      oldestSector,
      activeSector,
      activeElemOffset: this.#elemOffset,
      activeId: this.#activeId,
      freeSectors: this.#freeSectors,
      isEmpty: oldestSector === activeSector && this.#elemOffset === firstElementOffset(this.#options.alignBytes),
    };
  }

  get orderDoubt(): string | undefined {
    return this.#mounted.isOrderCertain ? undefined : "the ids of its sectors do not form one chain";
  }

  get sectorsOutOfOrder(): readonly number[] {
    const { first, count } = this.#ring;
    return this.#mounted.headers.flatMap((header, sector) => {
      const isOurs = header.kind === "used" && sector >= first && sector < first + count;
      return isOurs && !this.#sectors.includes(sector) && !this.#erased.has(sector) ? [sector] : [];
    });
  }

  /** Version byte in the header of the active sector; as specified, before the first header. */
  get version(): number {
    return this.#version;
  }

  /** Sectors of the ring: all of the region, unless the ids prove a shorter one. */
  get ringSectors(): number {
    return this.#ring.count;
  }

  /** Whether no sector has a header yet. */
  get isBlank(): boolean {
    return this.#sectors.length === 0;
  }

  /** Bytes that an entry takes, with its length field, its check byte and all alignment. */
  entryBytes(dataBytes: number): number {
    const { alignBytes } = this.#options;
    return alignUp(dataBytes < 0x80 ? 1 : 2, alignBytes) + alignUp(dataBytes, alignBytes) + alignBytes;
  }

  /** Sectors of the log, oldest first, the one that is written to last; empty before the first header. */
  get sectorsInUse(): readonly number[] {
    return [...this.#sectors];
  }

  /** What is left for entries in the active sector, and what a fresh one has. */
  get room(): {
    /** Bytes left in the active sector; 0 if the rest of it cannot be written. */
    readonly activeBytes: number;
    /** Bytes that a fresh sector has for entries. */
    readonly sectorBytes: number;
  } {
    const sectorBytes = this.sectorBytes - firstElementOffset(this.#options.alignBytes);
    return { activeBytes: this.#isOpen ? this.sectorBytes - this.#elemOffset : 0, sectorBytes };
  }

  /** As devices do when they start: gives sector 0 a header if no sector has one. */
  init(): Promise<void> {
    return this.#turns.run("init", () => this.#init());
  }

  /**
   * Adds an entry. `pieces` says how the data is cut into programs, padding included, for callers that have to match a
   * device's order of writes; one padded program if left out. Throws EINVAL for a length the format or the devices do not
   * take, ENOSPC if no sector is free (scratch sectors are kept), EIO if the flash did not take it, LAYOUT_MISMATCH if
   * sectors are not as long as was told, or entries would be lost that are out of the order of the log.
   */
  async append(data: Uint8Array, pieces?: readonly Uint8Array[]): Promise<LogPlace> {
    // The caller may use his array again while this waits for its turn.
    const [own, ownPieces] = [data.slice(), pieces?.map((piece) => piece.slice())];
    return this.#turns.run("append", () => this.#append(own, ownPieces));
  }

  async #append(data: Uint8Array, pieces: readonly Uint8Array[] | undefined): Promise<LogPlace> {
    return this.#add(data.length, this.#encode(data, pieces));
  }

  /**
   * Begins an entry of `lengthBytes`, whose data is then written piece by piece: for a program that has not all of it at once. Its
   * room is taken at once, and other entries may follow before it is finished; one that never is reads as damage. Throws as `append`.
   */
  beginEntry(lengthBytes: number): Promise<EntryWriter> {
    return this.#turns.run("append", async () => {
      if (!Number.isSafeInteger(lengthBytes) || lengthBytes < 0) {
        throw new NorbridgeError("EINVAL", `append: ${lengthBytes} is not a length`, { operation: "append" });
      }
      const { alignBytes } = this.#options;
      const { erasedByte } = this.#region;
      const field = padded(encodeLength(lengthBytes, erasedByte), alignBytes, erasedByte);
      const place = await this.#add(lengthBytes, [field]);
      for (const one of this.#begun) if (!one.isOpen) this.#begun.delete(one);
      const begun = { ...place, region: this.#region, options: this.#options, turns: this.#turns, lengthBytes };
      const entry = new EntryWriter(begun);
      this.#begun.add(entry);
      return entry;
    });
  }

  /** Takes the room of an entry and programs `parts`, which begin with its length field. */
  async #add(lengthBytes: number, parts: readonly Uint8Array[]): Promise<LogPlace> {
    this.#checkLength(lengthBytes);
    this.#refuseAssumed("alignBytes", "append");
    await this.#proveActive("append");
    await this.#init();
    const { sector, offset, isNewSector } = this.#placeFor(lengthBytes);
    if (isNewSector) this.refuseAssumedRing("append");
    const element = { offset: sector * this.sectorBytes + offset, parts };
    if (isNewSector) await this.#open(sector, nextId(this.#activeId), [element]);
    else await this.#programInActive([element]);
    this.#elemOffset = offset + this.entryBytes(lengthBytes);
    return { sector, offset };
  }

  /** Makes the next sector active even if it is a scratch sector. Throws ENOSPC if it is the oldest. */
  appendToScratch(): Promise<void> {
    return this.#turns.run("append", () => this.#appendToScratch());
  }

  async #appendToScratch(): Promise<void> {
    refuseOtherRing(this.#own(), "append");
    await this.#init();
    this.refuseAssumedRing("append");
    if (this.#freeSectors === 0) throw this.#full("no sector is free, not even a scratch sector");
    await this.#open(this.#next(this.#activeSector), nextId(this.#activeId), []);
  }

  /**
   * Erases the oldest sector. If it was the active one as well, the next becomes active, empty. Throws LAYOUT_MISMATCH if another
   * sector begins within it.
   */
  rotate(): Promise<void> {
    return this.#turns.run("rotate", () => this.#rotate());
  }

  async #rotate(): Promise<void> {
    refuseOtherRing(this.#own(), "rotate");
    await this.#init();
    const oldest = this.#sectors[0] ?? 0;
    this.#refuseAssumed("sectorBytes", "rotate");
    await refuseSectorsWithin(this.#region, this.#options, oldest);
    if (this.#sectors.length === 1) await this.#refuseToGoOn("rotate");
    this.#activeBytes = undefined;
    this.#turns.changing();
    await this.#region.erase(oldest * this.sectorBytes, this.sectorBytes);
    this.#erased.add(oldest);
    for (const entry of this.#begun) if (entry.sector === oldest) entry.lose();
    if (this.#sectors.length > 1) {
      this.#sectors.shift();
      return;
    }
    const next = this.#next(oldest);
    await this.#open(next, nextId(this.#activeId), []);
    this.#sectors = [next];
  }

  /** The sector after the active one is begun when that one is gone: it must be known before that it can be. */
  async #refuseToGoOn(operation: string): Promise<void> {
    this.#refuseAssumed("region", operation);
    const next = this.#next(this.#activeSector);
    if (!this.#sectors.includes(next)) await this.#refuseForeign(next, operation);
  }

  /** Removes all entries; ids continue, and the place in the ring moves on. */
  clear(): Promise<void> {
    return this.#turns.run("clear", async () => {
      if (!this.state.isEmpty) await this.#refuseToGoOn("clear");
      while (!this.state.isEmpty) await this.#rotate();
    });
  }

  /** Entries, oldest first, with damage where it lies; sectors that are not needed are not read. */
  async *records(options: ReadRecordsOptions = {}): AsyncGenerator<LogRecord | LogDamage> {
    await this.#turns.settled();
    if (options.last === undefined) {
      yield* this.#strangeSectors();
      yield* readSectors(this.#region, this.#options, [...this.#sectors], this.#activeBytes, true);
    } else {
      yield* await this.#newest(options.last);
    }
  }

  /**
   * The entries of one sector, also of one that is out of order; none of one that is not in use. Throws ERANGE for one that the region
   * does not have.
   */
  async *recordsOfSector(sector: number): AsyncGenerator<LogRecord | LogDamage> {
    await this.#turns.settled();
    if (!Number.isInteger(sector) || sector < 0 || sector >= this.#mounted.headers.length)
      throw noSector(sector, this.#mounted.headers.length);
    if (!this.#sectors.includes(sector) && !this.sectorsOutOfOrder.includes(sector)) return;
    const isActive = sector === this.#activeSector;
    const isOldest = sector === this.#sectors[0];
    yield* readSectors(this.#region, this.#options, [sector], isActive ? this.#activeBytes : undefined, isOldest);
  }

  /** The newest `count` entries (fewer if there are fewer), oldest of them first; `count` 0 counts as 1. */
  async lastEntries(count: number): Promise<readonly LogRecord[]> {
    await this.#turns.settled();
    const found = await this.#newest(Math.max(1, count));
    return found.filter((item) => item.kind === "record");
  }

  /** The first entry after `after`, or of all. Reads the sector again. */
  async next(after?: LogPlace): Promise<LogRecord | undefined> {
    await this.#turns.settled();
    const from = after === undefined ? 0 : this.#sectors.indexOf(after.sector);
    for (const sector of from < 0 ? [] : this.#sectors.slice(from)) {
      for await (const item of this.recordsOfSector(sector)) {
        const isBehind = after === undefined || sector !== after.sector || item.offset > after.offset;
        if (item.kind === "record" && isBehind) return item;
      }
    }
    return undefined;
  }

  async sectors(): Promise<readonly LogSector[]> {
    await this.#turns.settled();
    const isHeld = new Set(this.#sectors);
    const others = [...this.#mounted.headers.keys()].filter((sector) => !isHeld.has(sector));
    const states = new Map<number, LogSectorState>(this.#sectors.map((sector) => [sector, "used"]));
    if (!this.isBlank) states.set(this.#activeSector, "active");
    const blank = blankDigest(this.#region, this.sectorBytes);
    const digests = others.map(
      (sector): RegionOp => ({ kind: "digest", offset: sector * this.sectorBytes, lengthBytes: this.sectorBytes }),
    );
    let index = 0;
    for await (const result of this.#region.run(digests)) {
      const sector = others[index++] ?? 0;
      const isFree = result.kind === "digest" && result.check === blank;
      states.set(sector, isFree ? "free" : this.#mounted.headers[sector]?.kind === "used" ? "bad" : "torn");
    }
    return [...states].map(([sector, state]) => ({ sector, state })).sort((a, b) => a.sector - b.sector);
  }

  /**
   * Sectors that are neither blank nor of this log: a writer must not come upon them. What a power cut may have left of an erase is
   * none of them, nor what the caller named as `overwrite`.
   */
  async foreignSectors(): Promise<readonly number[]> {
    await this.#turns.settled();
    return foreignSectorsOf(this.#own());
  }

  /**
   * Throws LAYOUT_MISMATCH if appending entries of these lengths, in bytes, would need a sector that nothing shows to be the
   * log's, or that belongs to another. Reads only.
   */
  async refuseUnlessOwn(lengths: readonly number[], operation: string): Promise<void> {
    await this.#turns.settled();
    refuseOtherRing(this.#own(), operation);
    const foreign = await this.foreignSectors();
    if (foreign.length > 0) throw await foreignSectorsError(this.#own(), foreign, operation);
    const needed = lengths.reduce((sum, length) => sum + this.entryBytes(length), 0);
    if (needed > this.room.activeBytes && !this.isBlank) this.refuseAssumedRing(operation);
  }

  /** Throws LAYOUT_MISMATCH if nothing shows how long the sectors are, or where the ring ends. */
  refuseAssumedRing(operation: string): void {
    this.#refuseAssumed("sectorBytes", operation);
    this.#refuseAssumed("region", operation);
  }

  /** The log as those see it who ask what is its own. */
  #own(): OwnLog {
    return {
      region: this.#region,
      options: this.#options,
      headers: this.#mounted.headers,
      sectors: this.#sectors,
      activeId: this.#activeId,
      ring: this.#ring,
    };
  }

  async #init(): Promise<void> {
    this.#checkWritable();
    if (this.isBlank) await this.#open(0, 0, []);
  }

  get #activeSector(): number {
    return this.#sectors.at(-1) ?? 0;
  }

  get #freeSectors(): number {
    const oldest = this.#sectors[0] ?? 0;
    const behind = oldest - this.#activeSector - 1;
    return (behind + 2 * this.#ring.count) % this.#ring.count;
  }

  #next(sector: number): number {
    const { first, count } = this.#ring;
    return first + ((sector - first + 1) % count);
  }

  #checkLength(length: number): void {
    if (length <= this.#maxEntryBytes) return;
    throw new NorbridgeError("EINVAL", `an entry of ${length} bytes: at most ${this.#maxEntryBytes} are allowed`, {
      operation: "append",
    });
  }

  #placeFor(length: number): LogPlace & { readonly isNewSector: boolean } {
    const size = this.entryBytes(length);
    if (size > this.room.sectorBytes) {
      throw this.#full(`an entry of ${length} bytes does not fit a sector of ${formatSize(this.sectorBytes)}`);
    }
    if (size <= this.room.activeBytes) {
      return { sector: this.#activeSector, offset: this.#elemOffset, isNewSector: false };
    }
    if (this.#freeSectors < 1 + this.#options.scratchSectors) {
      const { scratchSectors } = this.#options;
      throw this.#full(`no sector is free${scratchSectors === 0 ? "" : ` except ${scratchSectors} for scratch`}`);
    }
    const offset = firstElementOffset(this.#options.alignBytes);
    return { sector: this.#next(this.#activeSector), offset, isNewSector: true };
  }

  #full(message: string): NorbridgeError {
    return new NorbridgeError("ENOSPC", `append: ${message}`, { operation: "append" });
  }

  /** The programs of an entry, in order: length field, data, end marker. */
  #encode(data: Uint8Array, pieces: readonly Uint8Array[] | undefined): readonly Uint8Array[] {
    const { alignBytes, hasCrc } = this.#options;
    const { erasedByte } = this.#region;
    const lengthField = encodeLength(data.length, erasedByte);
    const marker = hasCrc ? checkByte(lengthField, data) : FIXED_END_MARKER;
    // The padding of the marker is FF on every flash, as the original has it.
    const end = padded(Uint8Array.of(marker), alignBytes, 0xff);
    return [padded(lengthField, alignBytes, erasedByte), ...(pieces ?? [padded(data, alignBytes, erasedByte)]), end];
  }

  /** Before the first change: nothing on the flash shows how long a sector is, nor the shape of its entries. */
  async #proveActive(operation: string): Promise<void> {
    refuseOtherRing(this.#own(), operation);
    if (this.isBlank || this.#activeBytes === undefined) return;
    await refuseSectorsWithin(this.#region, this.#options, this.#activeSector, this.#activeBytes);
    await refuseOtherShape(this.#region, this.#options, this.#sectors, this.#activeBytes);
  }

  /** A sector started or erased in the wrong place, or an entry in another shape, destroys entries unintentionally. */
  #refuseAssumed(what: AssumedOption, operation: string): void {
    if (this.#options.assumed?.includes(what) !== true || this.isBlank) return;
    throw assumedError(what, this.#region, operation);
  }

  #checkWritable(): void {
    if (this.#options.magic !== ERASED_MAGIC) return;
    const message = "the magic 0xffffffff looks like erased flash: devices find only sector 0";
    throw new NorbridgeError("EINVAL", message, { operation: "append", hint: "This log can only be read." });
  }

  /** Gives a sector its header and makes it active, and adds `elements`, all in one stream. */
  async #open(sector: number, id: number, elements: readonly Programs[]): Promise<void> {
    await this.#makeErased(sector);
    const { magic, version, alignBytes } = this.#options;
    const header = encodeHeader(magic, version, id, this.#region.erasedByte);
    this.#erased.delete(sector);
    this.#turns.changing();
    const headerAlone = { offset: sector * this.sectorBytes, parts: [header] };
    await programCompared(this.#region, [headerAlone, ...elements], "append");
    this.#sectors.push(sector);
    this.#activeId = id;
    this.#version = version;
    this.#elemOffset = firstElementOffset(alignBytes);
    this.#isOpen = true;
    this.#activeBytes = undefined;
  }

  /** A sector that is free by its header can still hold the second half of what an erase began to remove. */
  async #makeErased(sector: number): Promise<void> {
    if (this.#erased.has(sector)) return;
    const offset = sector * this.sectorBytes;
    const digest = await this.#region.digest(offset, this.sectorBytes);
    if (digest === blankDigest(this.#region, this.sectorBytes)) return;
    const header = this.#mounted.headers[sector];
    // Before the first header there is nothing to resume.
    if (!this.isBlank && !isNamed({ offset, lengthBytes: this.sectorBytes }, this.#options.overwrite)) {
      await refuseToLoseEntries(this.#region, this.#options, { active: this.#activeSector, sector, header });
    }
    await refuseForeignSector(this.#own(), sector, "append");
    this.#turns.changing();
    await this.#region.erase(offset, this.sectorBytes);
  }

  async #refuseForeign(sector: number, operation: string): Promise<void> {
    if (this.#erased.has(sector)) return;
    const digest = await this.#region.digest(sector * this.sectorBytes, this.sectorBytes);
    if (digest === blankDigest(this.#region, this.sectorBytes)) this.#erased.add(sector);
    else await refuseForeignSector(this.#own(), sector, operation);
  }

  /** If this fails, the content of the flash is unknown: nothing more is added to this sector then. */
  async #programInActive(elements: readonly Programs[]): Promise<void> {
    this.#isOpen = false;
    this.#activeBytes = undefined;
    this.#turns.changing();
    await programCompared(this.#region, elements, "append");
    this.#isOpen = true;
  }

  /** Sectors that are neither free nor part of the log. */
  *#strangeSectors(): Generator<LogDamage> {
    const isHeld = new Set(this.#sectors);
    const { first, count } = this.#ring;
    for (const [sector, header] of this.#mounted.headers.entries()) {
      if (
        header.kind === "free" ||
        isHeld.has(sector) ||
        this.#erased.has(sector) ||
        sector < first ||
        sector >= first + count
      )
        continue;
      const reason =
        header.kind === "used"
          ? `a sector with id ${header.id}, which is out of order`
          : "a sector that is not free and belongs to another log";
      yield { kind: "damage", sector, offset: 0, lengthBytes: this.sectorBytes, reason };
    }
  }

  /** The newest entries and the damage among them; sectors are read from the newest on, as many at a time as seem needed. */
  async #newest(count: number): Promise<readonly (LogRecord | LogDamage)[]> {
    const sectors = [...this.#sectors];
    let found: (LogRecord | LogDamage)[] = [];
    let records = 0;
    let read = 0;
    while (records < count && read < sectors.length) {
      const perSector = Math.max(1, records / Math.max(1, read));
      const wanted = read === 0 ? 1 : Math.ceil((count - records) / perSector);
      const group = sectors.slice(Math.max(0, sectors.length - read - wanted), sectors.length - read);
      const activeBytes = read === 0 ? this.#activeBytes : undefined;
      const items: (LogRecord | LogDamage)[] = [];
      const isOldest = group[0] === sectors[0];
      for await (const item of readSectors(this.#region, this.#options, group, activeBytes, isOldest)) {
        items.push(item);
        if (item.kind === "record") records++;
      }
      found = [...items, ...found];
      read += group.length;
    }
    const first = firstOfLast(found, count);
    return found.slice(first);
  }
}

/** Index of the `count`-th record from the end; 0 if there are fewer. */
function firstOfLast(items: readonly (LogRecord | LogDamage)[], count: number): number {
  let left = count;
  for (let index = items.length - 1; index >= 0; index--) {
    if (items[index]?.kind === "record" && --left === 0) return index;
  }
  return 0;
}
