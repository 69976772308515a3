/** Reads the entries of a mounted buffer; sectors that are not needed are not read. Changes nothing. */
import type { RegionOp } from "../../flash/flash-region.ts";
import { noSector } from "../no-sector.ts";
import type { LogDamage, LogRecord, LogSector, LogSectorState } from "../record-log.ts";
import { readSectors } from "./read-sectors.ts";
import type { RingState } from "./ring-state.ts";
import { erasedSectorCheck } from "./sector-tally.ts";

/** The reader of one buffer. */
export class RingReader {
  readonly #state: RingState;

  constructor(state: RingState) {
    this.#state = state;
  }

  /** Sectors of the ring that are neither free nor part of the log. */
  *strangeSectors(): Generator<LogDamage> {
    const lengthBytes = this.#state.options.sectorBytes;
    for (const { sector, header } of this.#state.strangeSectors) {
      const reason =
        header.kind === "used"
          ? `a sector with id ${header.id}, which is out of order`
          : "a sector that is not free and belongs to another log";
      yield { kind: "damage", sector, offset: 0, lengthBytes, reason };
    }
  }

  /** All entries, oldest first, with damage where it lies. */
  all(): AsyncIterable<LogRecord | LogDamage> {
    const { region, options, sectors, activeBytes } = this.#state;
    return readSectors(region, options, [...sectors], activeBytes, true);
  }

  /** The newest entries and the damage among them; sectors are read from the newest on, as many at a time as seem needed. */
  async newest(count: number): Promise<readonly (LogRecord | LogDamage)[]> {
    const { region, options } = this.#state;
    const sectors = [...this.#state.sectors];
    let found: (LogRecord | LogDamage)[] = [];
    let records = 0;
    let read = 0;
    while (records < count && read < sectors.length) {
      const perSector = Math.max(1, records / Math.max(1, read));
      const needed = read === 0 ? 1 : Math.ceil((count - records) / perSector);
      const group = sectors.slice(Math.max(0, sectors.length - read - needed), sectors.length - read);
      const activeBytes = read === 0 ? this.#state.activeBytes : undefined;
      const items: (LogRecord | LogDamage)[] = [];
      const isOldest = group[0] === sectors[0];
      for await (const item of readSectors(region, options, group, activeBytes, isOldest)) {
        items.push(item);
        if (item.kind === "record") records++;
      }
      found = [...items, ...found];
      read += group.length;
    }
    let left = count;
    const first = found.findLastIndex((item) => item.kind === "record" && --left === 0);
    return found.slice(Math.max(0, first));
  }

  /** The entries of one sector, also of one out of order; none of one that is not in use. Throws ERANGE if there is none. */
  ofSector(sector: number): AsyncIterable<LogRecord | LogDamage> {
    const state = this.#state;
    const { region, options, headers, sectorsOutOfOrder } = state;
    if (!Number.isInteger(sector) || sector < 0 || sector >= headers.length) throw noSector(sector, headers.length);
    const isInUse = state.has(sector) || sectorsOutOfOrder.includes(sector);
    const activeBytes = sector === state.active ? state.activeBytes : undefined;
    const isOldest = sector === state.sectors[0];
    return readSectors(region, options, isInUse ? [sector] : [], activeBytes, isOldest);
  }

  /** What each sector of the region is, in their order. */
  async sectorStates(): Promise<readonly LogSector[]> {
    const { region, options, sectors, headers, active, isBlank } = this.#state;
    const { sectorBytes } = options;
    const isHeld = new Set(sectors);
    const others = [...headers.keys()].filter((sector) => !isHeld.has(sector));
    const states = new Map<number, LogSectorState>(sectors.map((sector) => [sector, "used"]));
    if (!isBlank) states.set(active, "active");
    const erasedCheck = erasedSectorCheck(region, sectorBytes);
    const digests = others.map(
      (sector): RegionOp => ({ kind: "digest", offset: sector * sectorBytes, lengthBytes: sectorBytes }),
    );
    let index = 0;
    for await (const result of region.run(digests)) {
      const sector = others[index++] ?? 0;
      const isFree = result.kind === "digest" && result.check === erasedCheck;
      states.set(sector, isFree ? "free" : headers[sector]?.kind === "used" ? "bad" : "torn");
    }
    return [...states].map(([sector, state]) => ({ sector, state })).sort((a, b) => a.sector - b.sector);
  }
}
