/**
 * Changes of a mounted buffer, in the original's order. Every call is one change: the caller runs one after the other. A sector
 * is only written to where it is erased, and a sector is only erased if it is shown to be the log's.
 */
import { formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { type Programs, programCompared } from "../compared-programs.ts";
import { isNamed } from "../recognise/places.ts";
import type { LogPlace } from "../record-log.ts";
import type { StoreTurns } from "../store-turns.ts";
import { assumedError } from "./assumed.ts";
import { refuseSectorsWithin, refuseToLoseEntries } from "./before-erase.ts";
import { EntryWriter } from "./entry-writer.ts";
import {
  type AssumedOption,
  type CircularBufferOptions,
  encodeEntry,
  encodeHeader,
  encodeLength,
  entryBytes,
  ERASED_MAGIC,
  firstElementOffset,
  padded,
  USUAL_MAX_ENTRY_BYTES,
} from "./format.ts";
import { refuseForeignSector, refuseOtherRing } from "./own-sectors.ts";
import { refuseOtherShape } from "./prove-shape.ts";
import type { RingState } from "./ring-state.ts";
import { nextId } from "./sector-chain.ts";
import { isSectorErased } from "./sector-tally.ts";

/** 15 bits, without the pattern of a free place. */
const FORMAT_MAX_ENTRY_BYTES = 0x7ffe;

/** The longest entry that devices take, bytes. Throws EINVAL for one that the format does not have. */
export function maxEntryBytesOf({ maxEntryBytes = USUAL_MAX_ENTRY_BYTES }: CircularBufferOptions): number {
  if (Number.isInteger(maxEntryBytes) && maxEntryBytes >= 0 && maxEntryBytes <= FORMAT_MAX_ENTRY_BYTES)
    return maxEntryBytes;
  const message = `entries of up to ${maxEntryBytes} bytes: the format allows ${FORMAT_MAX_ENTRY_BYTES}`;
  throw new NorbridgeError("EINVAL", message, { operation: "open FCB" });
}

/** The writer of one buffer. */
export class RingWriter {
  readonly #state: RingState;
  readonly #region: FlashRegion;
  readonly #options: CircularBufferOptions;
  readonly #turns: StoreTurns;
  /** Entries that were begun and not finished. */
  readonly #begun = new Set<EntryWriter>();

  constructor(state: RingState, turns: StoreTurns) {
    this.#state = state;
    this.#region = state.region;
    this.#options = state.options;
    this.#turns = turns;
  }

  /** Gives sector 0 a header if no sector has one. */
  async init(): Promise<void> {
    this.#checkWritable();
    if (this.#state.isBlank) await this.#open(0, 0, []);
  }

  async append(data: Uint8Array, pieces: readonly Uint8Array[] | undefined): Promise<LogPlace> {
    return this.#add(data.length, encodeEntry(data, this.#options, this.#region.erasedByte, pieces));
  }

  /** Takes the room of an entry and programs its length field. */
  async beginEntry(lengthBytes: number): Promise<EntryWriter> {
    if (!Number.isSafeInteger(lengthBytes) || lengthBytes < 0) {
      throw new NorbridgeError("EINVAL", `append: ${lengthBytes} is not a length`, { operation: "append" });
    }
    const { erasedByte } = this.#region;
    const field = padded(encodeLength(lengthBytes, erasedByte), this.#options.alignBytes, erasedByte);
    const place = await this.#add(lengthBytes, [field]);
    for (const one of this.#begun) if (!one.isOpen) this.#begun.delete(one);
    const begun = { ...place, region: this.#region, options: this.#options, turns: this.#turns, lengthBytes };
    const entry = new EntryWriter(begun);
    this.#begun.add(entry);
    return entry;
  }

  /** Makes the next sector active even if it is a scratch sector. Throws ENOSPC if it is the oldest. */
  async appendToScratch(): Promise<void> {
    const state = this.#state;
    refuseOtherRing(state.own, "append");
    await this.init();
    this.refuseAssumedRing("append");
    if (state.freeSectors === 0) throw full("no sector is free, not even a scratch sector");
    await this.#open(state.next(state.active), nextId(state.activeId), []);
  }

  /** Erases the oldest sector; if it was the active one as well, the next becomes active, empty. */
  async rotate(): Promise<void> {
    const state = this.#state;
    refuseOtherRing(state.own, "rotate");
    await this.init();
    const { oldest } = state;
    this.#refuseAssumed("sectorBytes", "rotate");
    await refuseSectorsWithin(this.#region, this.#options, oldest);
    const isAlone = state.sectors.length === 1;
    if (isAlone) await this.#refuseToContinue("rotate");
    state.forgetActiveBytes();
    await this.#erase(oldest);
    state.noteErased(oldest);
    for (const entry of this.#begun) if (entry.sector === oldest) entry.lose();
    if (isAlone) await this.#open(state.next(oldest), nextId(state.activeId), []);
    state.dropOldest();
  }

  /** Removes all entries. */
  async clear(): Promise<void> {
    if (!this.#state.isEmpty) await this.#refuseToContinue("clear");
    while (!this.#state.isEmpty) await this.rotate();
  }

  /** Throws LAYOUT_MISMATCH if nothing shows how long the sectors are, or where the ring ends. */
  refuseAssumedRing(operation: string): void {
    this.#refuseAssumed("sectorBytes", operation);
    this.#refuseAssumed("region", operation);
  }

  /** Takes the room of an entry and programs `parts`, which begin with its length field. */
  async #add(lengthBytes: number, parts: readonly Uint8Array[]): Promise<LogPlace> {
    const state = this.#state;
    this.#checkLength(lengthBytes);
    this.#refuseAssumed("alignBytes", "append");
    await this.#proveActive("append");
    await this.init();
    const { sector, offset, isNewSector } = this.#placeFor(lengthBytes);
    if (isNewSector) this.refuseAssumedRing("append");
    const element = { offset: sector * this.#options.sectorBytes + offset, parts };
    if (isNewSector) await this.#open(sector, nextId(state.activeId), [element]);
    else await this.#programInActive([element]);
    state.noteEntry(offset, lengthBytes);
    return { sector, offset };
  }

  #placeFor(length: number): LogPlace & { readonly isNewSector: boolean } {
    const state = this.#state;
    const { alignBytes, scratchSectors, sectorBytes } = this.#options;
    const size = entryBytes(length, alignBytes);
    if (size > state.sectorRoomBytes) {
      throw full(`an entry of ${length} bytes does not fit a sector of ${formatSize(sectorBytes)}`);
    }
    if (size <= state.activeRoomBytes) return { sector: state.active, offset: state.elemOffset, isNewSector: false };
    if (state.freeSectors < 1 + scratchSectors)
      throw full(`no sector is free${scratchSectors === 0 ? "" : ` except ${scratchSectors} for scratch`}`);
    return { sector: state.next(state.active), offset: firstElementOffset(alignBytes), isNewSector: true };
  }

  #checkLength(length: number): void {
    const maxBytes = maxEntryBytesOf(this.#options);
    if (length <= maxBytes) return;
    throw new NorbridgeError("EINVAL", `an entry of ${length} bytes: at most ${maxBytes} are allowed`, {
      operation: "append",
    });
  }

  #checkWritable(): void {
    if (this.#options.magic !== ERASED_MAGIC) return;
    const message = "the magic 0xffffffff looks like erased flash: devices find only sector 0";
    throw new NorbridgeError("EINVAL", message, { operation: "append", hint: "This log can only be read." });
  }

  /** Before the first change: nothing on the flash shows how long a sector is, nor the shape of its entries. */
  async #proveActive(operation: string): Promise<void> {
    const { own, isBlank, activeBytes, active, sectors } = this.#state;
    refuseOtherRing(own, operation);
    if (isBlank || activeBytes === undefined) return;
    await refuseSectorsWithin(this.#region, this.#options, active, activeBytes);
    await refuseOtherShape(this.#region, this.#options, sectors, activeBytes);
  }

  /** A sector started or erased in the wrong place, or an entry in another shape, destroys entries unintentionally. */
  #refuseAssumed(what: AssumedOption, operation: string): void {
    if (this.#options.assumed?.includes(what) !== true || this.#state.isBlank) return;
    throw assumedError(what, this.#region, operation);
  }

  /** The sector after the active one is begun when that one is gone: it must be known before that it can be. */
  async #refuseToContinue(operation: string): Promise<void> {
    const state = this.#state;
    this.#refuseAssumed("region", operation);
    const next = state.next(state.active);
    if (state.has(next) || state.isErased(next)) return;
    if (await isSectorErased(this.#region, this.#options, next)) state.noteErased(next);
    else await refuseForeignSector(state.own, next, operation);
  }

  /** Gives a sector its header and makes it active, and adds `elements`, all in one stream. */
  async #open(sector: number, id: number, elements: readonly Programs[]): Promise<void> {
    await this.#makeErased(sector);
    const { magic, version, sectorBytes } = this.#options;
    const header = encodeHeader(magic, version, id, this.#region.erasedByte);
    this.#state.noteBegun(sector);
    this.#turns.changing();
    const headerAlone = { offset: sector * sectorBytes, parts: [header] };
    await programCompared(this.#region, [headerAlone, ...elements], "append");
    this.#state.noteOpened(sector, id);
  }

  /** A sector that is free by its header can still hold the second half of what an erase began to remove. */
  async #makeErased(sector: number): Promise<void> {
    const state = this.#state;
    if (state.isErased(sector) || (await isSectorErased(this.#region, this.#options, sector))) return;
    const { sectorBytes, overwrite } = this.#options;
    // Before the first header there is nothing to resume.
    if (!state.isBlank && !isNamed({ offset: sector * sectorBytes, lengthBytes: sectorBytes }, overwrite)) {
      const header = state.headers[sector];
      await refuseToLoseEntries(this.#region, this.#options, { active: state.active, sector, header });
    }
    await refuseForeignSector(state.own, sector, "append");
    await this.#erase(sector);
  }

  async #erase(sector: number): Promise<void> {
    const { sectorBytes } = this.#options;
    this.#turns.changing();
    await this.#region.erase(sector * sectorBytes, sectorBytes);
  }

  /** If this fails, the content of the flash is unknown: nothing more is added to this sector then. */
  async #programInActive(elements: readonly Programs[]): Promise<void> {
    this.#state.noteWriting();
    this.#turns.changing();
    await programCompared(this.#region, elements, "append");
    this.#state.noteWritten();
  }
}

function full(message: string): NorbridgeError {
  return new NorbridgeError("ENOSPC", `append: ${message}`, { operation: "append" });
}
