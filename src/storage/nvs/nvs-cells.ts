/** The changes of an NVS, one operation of a device each, and the picture of the flash that they keep up to date. */
import { concatBytes, formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { type Programs, programCompared } from "../compared-programs.ts";
import type { StoreTurns } from "../store-turns.ts";
import { aligned, type Ate, copiedPieces, encodeAte, MARKER_ID, type NvsGeometry } from "./format.ts";
import { isBlank, type MountedNvs, rangeOf } from "./mount.ts";
import { around, newestOf, type NvsRing, sectorsInForce, tableOf } from "./ring.ts";
import { fits, type RingFill } from "./room.ts";
import { type PlacedAte, readTable, type SectorTable } from "./sector-table.ts";

const OPERATION = "write NVS";

/** An NVS that is written to. */
export class NvsCells {
  readonly #region: FlashRegion;
  readonly #geometry: NvsGeometry;
  readonly #turns: StoreTurns;
  #ring: NvsRing;
  #newest: Map<number, PlacedAte>;
  #nextPlace: number;
  #dataEnd: number;

  constructor(region: FlashRegion, geometry: NvsGeometry, turns: StoreTurns, mounted: MountedNvs) {
    this.#region = region;
    this.#geometry = geometry;
    this.#turns = turns;
    this.#ring = mounted;
    this.#newest = newestOf(mounted.tables, sectorsInForce(mounted, geometry));
    this.#nextPlace = tableOf(mounted.tables, mounted.open).nextPlace;
    this.#dataEnd = mounted.dataEnd;
  }

  get ring(): NvsRing {
    return this.#ring;
  }

  /** Table of the sector that is written to. */
  get openTable(): SectorTable {
    return tableOf(this.#ring.tables, this.#ring.open);
  }

  /** Sector after the open one. */
  get next(): number {
    return around(this.#ring.open, 1, this.#geometry);
  }

  /** Place of the next entry, and end of the data, in the open sector. */
  get room(): { readonly nextPlace: number; readonly dataEnd: number } {
    return { nextPlace: this.#nextPlace, dataEnd: this.#dataEnd };
  }

  /** The entry in force of an id, one that says "deleted" included. */
  newest(id: number): PlacedAte | undefined {
    return this.#newest.get(id);
  }

  /** Whether no newer entry of its id exists. */
  isInForce({ id, sector, place }: PlacedAte): boolean {
    const newest = this.#newest.get(id);
    return newest?.sector === sector && newest.place === place;
  }

  /** Entries of the items in force. */
  items(): readonly PlacedAte[] {
    return [...this.#newest.values()].filter(({ length }) => length > 0);
  }

  /** How full the ring is. */
  fill(): RingFill {
    const inForce = new Map<number, number[]>();
    for (const { sector, length } of this.items()) inForce.set(sector, [...(inForce.get(sector) ?? []), length]);
    const closed = this.#ring.tables.filter(({ close }) => close !== "erased").map(({ sector }) => sector);
    return { open: this.#ring.open, ...this.room, closed: new Set(closed), inForce };
  }

  /** Writes an item: its data, which is compared before the entry makes it valid. */
  async append(id: number, pieces: readonly Uint8Array[], length: number): Promise<void> {
    const { sectorBytes } = this.#geometry;
    const offset = this.#dataEnd;
    if (length > 0) {
      this.#turns.changing();
      const programs = { offset: this.#ring.open * sectorBytes + offset, parts: pieces };
      await programCompared(this.#region, [programs], OPERATION);
    }
    await this.#appendAte({ id, offset, length });
  }

  /** Ends a collection, or begins the use of an erased sector. */
  async appendMarker(): Promise<void> {
    if (!fits(this.#geometry.ateBytes, this.room)) return;
    await this.#appendAte({ id: MARKER_ID, offset: this.#dataEnd, length: 0 });
  }

  async #appendAte(ate: Ate): Promise<void> {
    this.#turns.changing();
    await programCompared(this.#region, [this.#ateProgram(ate, this.#nextPlace)], OPERATION);
    this.#note(ate);
  }

  #ateProgram(ate: Ate, place: number): Programs {
    const { sectorBytes } = this.#geometry;
    return { offset: this.#ring.open * sectorBytes + place, parts: [encodeAte(ate, this.#geometry)] };
  }

  /** An entry is on the flash. */
  #note(ate: Ate): void {
    const { open, tables, interruption } = this.#ring;
    const placed = { ...ate, sector: open, place: this.#nextPlace };
    this.#nextPlace -= this.#geometry.ateBytes;
    this.#dataEnd = aligned(this.#geometry, ate.offset + ate.length);
    const table = { ...this.openTable, nextPlace: this.#nextPlace, dataEnd: this.#dataEnd, overlooked: undefined };
    this.#ring = { tables: tables.with(open, { ...table, entries: [...table.entries, placed] }), open, interruption };
    if (ate.id !== MARKER_ID || ate.length > 0) this.#newest.set(ate.id, placed);
  }

  /** Closes the open sector. The next one, which is erased, is then written to. */
  async close(): Promise<void> {
    const { open, tables } = this.#ring;
    const { closePlace, ateBytes } = this.#geometry;
    const last = { id: MARKER_ID, offset: this.#nextPlace + ateBytes, length: 0 };
    this.#turns.changing();
    await programCompared(this.#region, [this.#ateProgram(last, closePlace)], OPERATION);
    const closed = { ...this.openTable, close: "valid" as const };
    const next = this.next;
    this.#ring = { tables: tables.with(open, closed), open: next, interruption: "none" };
    this.#useErased(next);
  }

  /** Copies what is in force in the sector after the open one, marks the end, erases that sector. */
  async collect(): Promise<void> {
    const source = this.next;
    if (tableOf(this.#ring.tables, source).close !== "erased") await this.#copy(source);
    await this.appendMarker();
    await this.erase(source);
  }

  /** Entries that a collection copies, in its order. */
  inForceIn(sector: number): readonly PlacedAte[] {
    const { entries } = tableOf(this.#ring.tables, sector);
    // Devices walk from the last entry up.
    return entries.filter((entry) => entry.length > 0 && this.isInForce(entry)).reverse();
  }

  async #copy(source: number): Promise<void> {
    const entries = this.inForceIn(source);
    const stored: Uint8Array[] = [];
    for await (const bytes of this.#region.readMany(entries.map((entry) => rangeOf(entry, this.#geometry)))) {
      stored.push(bytes);
    }
    const base = this.#ring.open * this.#geometry.sectorBytes;
    const groups: Programs[] = [];
    const copies: Ate[] = [];
    let offset = this.#dataEnd;
    let place = this.#nextPlace;
    entries.forEach(({ id, length }, index) => {
      const ate = { id, offset, length };
      const parts = copiedPieces(stored[index] ?? new Uint8Array(), this.#geometry);
      groups.push({ offset: base + offset, parts }, this.#ateProgram(ate, place));
      copies.push(ate);
      offset += concatBytes(parts).length;
      place -= this.#geometry.ateBytes;
    });
    if (groups.length === 0) return;
    this.#turns.changing();
    await programCompared(this.#region, groups, OPERATION);
    for (const copy of copies) this.#note(copy);
  }

  /** Erases a sector of the store, and checks that it is erased. */
  async erase(sector: number): Promise<void> {
    const { sectorBytes } = this.#geometry;
    const range = { offset: sector * sectorBytes, lengthBytes: sectorBytes };
    this.#turns.changing();
    await this.#region.erase(range.offset, sectorBytes);
    if (!(await isBlank(this.#region, this.#geometry, sector, { offset: 0, lengthBytes: sectorBytes }))) {
      const where = { address: this.#region.address + range.offset, lengthBytes: sectorBytes };
      throw new NorbridgeError("EIO", `${formatRange(where)} is not blank after its erase`, {
        operation: OPERATION,
        range: where,
      });
    }
    this.#useErased(sector);
    const { tables, open } = this.#ring;
    this.#ring = { tables, open, interruption: "none" };
  }

  #useErased(sector: number): void {
    const { erasedByte, sectorBytes, firstPlace } = this.#geometry;
    const table = readTable(sector, new Uint8Array(sectorBytes).fill(erasedByte), this.#geometry);
    if (typeof table === "number") return;
    const { open, tables, interruption } = this.#ring;
    this.#ring = { tables: tables.with(sector, table), open, interruption };
    if (sector !== open) return;
    this.#nextPlace = firstPlace;
    this.#dataEnd = 0;
  }
}
