/**
 * Zephyr's flash circular buffer (FCB) on a region. On healthy flash it programs and erases what the original does, in the
 * original's order, with next to no reads; on flash that a power cut left partially written it continues where the original
 * stops.
 *
 * What always holds: reading changes nothing; a sector is only written to where it is erased; what `append` resolved for is
 * on the flash and was compared.
 */
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { LogDamage, LogPlace, LogRecord, LogSector, ReadRecordsOptions, RecordLog } from "../record-log.ts";
import { StoreTurns } from "../store-turns.ts";
import type { EntryWriter } from "./entry-writer.ts";
import { type CircularBufferOptions, entryBytes } from "./format.ts";
import { mountSectors } from "./mount.ts";
import { foreignSectorsError, foreignSectorsOf, refuseOtherRing } from "./own-sectors.ts";
import { RingReader } from "./ring-reader.ts";
import { type CircularBufferState, RingState } from "./ring-state.ts";
import { maxEntryBytesOf, RingWriter } from "./ring-writer.ts";

export { EntryWriter } from "./entry-writer.ts";
export type { AssumedOption, CircularBufferOptions } from "./format.ts";
export type { CircularBufferState } from "./ring-state.ts";

/**
 * Zephyr's Flash Circular Buffer (FCB): a ring of sectors that entries of any length are appended to. `mount` opens
 * one.
 *
 * Reading changes nothing. Calls that change the flash run one after the other. They throw EIO if the flash did not
 * take the data, and the errors of the region.
 */
export class CircularBuffer implements RecordLog {
  readonly sectorBytes: number;
  readonly #turns: StoreTurns;
  readonly #state: RingState;
  readonly #reader: RingReader;
  readonly #writer: RingWriter;

  private constructor(state: RingState, turns: StoreTurns) {
    this.sectorBytes = state.options.sectorBytes;
    this.#turns = turns;
    this.#state = state;
    this.#reader = new RingReader(state);
    this.#writer = new RingWriter(state, turns);
  }

  /**
   * Opens a buffer; reads only, in two turnarounds. Throws EINVAL for options that make no sense, LAYOUT_MISMATCH for a
   * region that holds something else, and what the region throws.
   *
   * Several may be open on a region to read; of those that write, one at a time: when another, or a job, has changed
   * the region since it was opened, every change throws EBUSY until it is opened again.
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
    maxEntryBytesOf(options);
    const own = turns?.within() ?? StoreTurns.on(region, "an FCB");
    return new CircularBuffer(new RingState(region, options, await mountSectors(region, options)), own);
  }

  /** Where the buffer stands. Before the first header: as if sector 0 had one. */
  get state(): CircularBufferState {
    const { oldest, active, elemOffset, activeId, freeSectors, isEmpty } = this.#state;
    return {
      oldestSector: oldest,
      activeSector: active,
      activeElemOffset: elemOffset,
      activeId,
      freeSectors,
      isEmpty,
    };
  }

  get orderDoubt(): string | undefined {
    return this.#state.isOrderCertain ? undefined : "the ids of its sectors do not form one chain";
  }

  get sectorsOutOfOrder(): readonly number[] {
    return this.#state.sectorsOutOfOrder;
  }

  /** Version byte in the header of the active sector; as specified, before the first header. */
  get version(): number {
    return this.#state.version;
  }

  /** Sectors of the ring: all of the region, unless the ids prove a shorter one. */
  get ringSectors(): number {
    return this.#state.ring.count;
  }

  /** Whether no sector has a header yet. */
  get isBlank(): boolean {
    return this.#state.isBlank;
  }

  /** Bytes that an entry takes, with its length field, its check byte and all alignment. */
  entryBytes(dataBytes: number): number {
    return entryBytes(dataBytes, this.#state.options.alignBytes);
  }

  /** Sectors of the log, oldest first, the one that is written to last; empty before the first header. */
  get sectorsInUse(): readonly number[] {
    return [...this.#state.sectors];
  }

  /** What is left for entries in the active sector, and what a fresh one has. */
  get room(): {
    /** Bytes left in the active sector; 0 if the rest of it cannot be written. */
    readonly activeBytes: number;
    /** Bytes that a fresh sector has for entries. */
    readonly sectorBytes: number;
  } {
    const { activeRoomBytes, sectorRoomBytes } = this.#state;
    return { activeBytes: activeRoomBytes, sectorBytes: sectorRoomBytes };
  }

  /** As devices do when they start: gives sector 0 a header if no sector has one. */
  init(): Promise<void> {
    return this.#turns.run("init", () => this.#writer.init());
  }

  /**
   * Adds an entry. `pieces` specifies how the data is cut into programs, padding included, for callers that have to match a
   * device's order of writes; one padded program if left out. Throws EINVAL for a length the format or the devices do not
   * take, ENOSPC if no sector is free (scratch sectors are kept), EIO if the flash did not take it, LAYOUT_MISMATCH if
   * sectors are not as long as specified, or entries would be lost that are out of the order of the log.
   */
  async append(data: Uint8Array, pieces?: readonly Uint8Array[]): Promise<LogPlace> {
    // The caller may use his array again while this waits for its turn.
    const [own, ownPieces] = [data.slice(), pieces?.map((piece) => piece.slice())];
    return this.#turns.run("append", () => this.#writer.append(own, ownPieces));
  }

  /**
   * Begins an entry of `lengthBytes`, whose data is then written piece by piece: for a program that has not all of it
   * at once. Its room is taken at once, and other entries may follow before it is finished; one that never is reads as
   * damage. Throws as `append`.
   */
  beginEntry(lengthBytes: number): Promise<EntryWriter> {
    return this.#turns.run("append", () => this.#writer.beginEntry(lengthBytes));
  }

  /** Makes the next sector active even if it is a scratch sector. Throws ENOSPC if it is the oldest. */
  appendToScratch(): Promise<void> {
    return this.#turns.run("append", () => this.#writer.appendToScratch());
  }

  /**
   * Erases the oldest sector. If it was the active one as well, the next becomes active, empty. Throws LAYOUT_MISMATCH if another
   * sector begins within it.
   */
  rotate(): Promise<void> {
    return this.#turns.run("rotate", () => this.#writer.rotate());
  }

  /** Removes all entries; ids continue, and the place in the ring moves on. */
  clear(): Promise<void> {
    return this.#turns.run("clear", () => this.#writer.clear());
  }

  /** Entries, oldest first, with damage where it lies; sectors that are not needed are not read. */
  async *records(options: ReadRecordsOptions = {}): AsyncGenerator<LogRecord | LogDamage> {
    await this.#turns.settled();
    if (options.last === undefined) {
      yield* this.#reader.strangeSectors();
      yield* this.#reader.all();
    } else {
      yield* await this.#reader.newest(options.last);
    }
  }

  /**
   * The entries of one sector, also of one that is out of order; none of one that is not in use. Throws ERANGE for one
   * that the region does not have.
   */
  async *recordsOfSector(sector: number): AsyncGenerator<LogRecord | LogDamage> {
    await this.#turns.settled();
    yield* this.#reader.ofSector(sector);
  }

  /** The newest `count` entries (fewer if there are fewer), oldest of them first; `count` 0 counts as 1. */
  async lastEntries(count: number): Promise<readonly LogRecord[]> {
    await this.#turns.settled();
    const found = await this.#reader.newest(Math.max(1, count));
    return found.filter((item) => item.kind === "record");
  }

  /** The first entry after `after`, or of all. Reads the sector again. */
  async next(after?: LogPlace): Promise<LogRecord | undefined> {
    await this.#turns.settled();
    const { sectors } = this.#state;
    const from = after === undefined ? 0 : sectors.indexOf(after.sector);
    for (const sector of from < 0 ? [] : sectors.slice(from)) {
      for await (const item of this.recordsOfSector(sector)) {
        const isAfter = after === undefined || sector !== after.sector || item.offset > after.offset;
        if (item.kind === "record" && isAfter) return item;
      }
    }
    return undefined;
  }

  async sectors(): Promise<readonly LogSector[]> {
    await this.#turns.settled();
    return this.#reader.sectorStates();
  }

  /**
   * Sectors that are neither blank nor of this log: a writer must not come upon them. What a power cut may have left of
   * an erase is none of them, nor what the caller named as `overwrite`.
   */
  async foreignSectors(): Promise<readonly number[]> {
    await this.#turns.settled();
    return foreignSectorsOf(this.#state.own);
  }

  /**
   * Throws LAYOUT_MISMATCH if appending entries of these lengths, in bytes, would need a sector that nothing shows to be the
   * log's, or that belongs to another. Reads only.
   */
  async refuseUnlessOwn(lengths: readonly number[], operation: string): Promise<void> {
    await this.#turns.settled();
    refuseOtherRing(this.#state.own, operation);
    const foreign = await this.foreignSectors();
    if (foreign.length > 0) throw await foreignSectorsError(this.#state.own, foreign, operation);
    const needed = lengths.reduce((sum, length) => sum + this.entryBytes(length), 0);
    if (needed > this.room.activeBytes && !this.isBlank) this.refuseAssumedRing(operation);
  }

  /** Throws LAYOUT_MISMATCH if nothing shows how long the sectors are, or where the ring ends. */
  refuseAssumedRing(operation: string): void {
    this.#writer.refuseAssumedRing(operation);
  }
}
