/**
 * A row of the catalogue for parts with AT25 commands, and how it becomes a descriptor. In a row every value stands with
 * its sources (`sources.ts`); what a row leaves out no source has, and the descriptor says what was taken instead:
 * a limit that no sound chip reaches, a typical time of the class.
 */
import type { At25Descriptor, At25EraseCommand } from "../chip-descriptor.ts";
import { CHIP_ERASE_UNIT_NAME, eraseUnitName, uniformEraseUnit } from "../erase-units.ts";
import type { EraseUnit } from "../geometry.ts";
import { type At25FamilyName, familyTraits } from "./at25-families.ts";
import { type CatalogRow, catalogRow } from "./catalog-row.ts";
import { CAREFUL_CLOCK_MHZ, CHIP_ERASE_SLOWER, CLASS_PROGRAM, classEraseTimes } from "./class-times.ts";
import { SOURCES } from "./sources.ts";

/** A value and the short names of its sources, with spaces between. */
export type Sourced<T> = readonly [value: T, sources: string];

export interface EraseRow {
  readonly opcode: number;
  readonly sizeBytes: number;
  /** Sources of opcode and size. */
  readonly source: string;
  readonly typicalMs?: Sourced<number> | undefined;
  readonly maximumMs?: Sourced<number> | undefined;
}

export interface At25Row {
  readonly name: string;
  readonly vendor: string;
  readonly family: At25FamilyName;
  readonly jedecId: Sourced<readonly [number, number, number]>;
  readonly extendedId?: Sourced<readonly number[]> | undefined;
  readonly capacityBytes: Sourced<number>;
  readonly supplyMv: Sourced<readonly [number, number]>;
  /** Of the fast read 0Bh. */
  readonly clockMhz?: Sourced<number> | undefined;
  readonly sfdp: Sourced<At25Descriptor["sfdp"]>;
  readonly programTypicalMs?: Sourced<number> | undefined;
  readonly programMaximumMs?: Sourced<number> | undefined;
  /** Without the chip erase, smallest first. */
  readonly erases: readonly EraseRow[];
  readonly chipErase: {
    readonly opcode: number;
    readonly source: string;
    readonly typicalMs?: Sourced<number> | undefined;
    readonly maximumMs?: Sourced<number> | undefined;
    /** How long the host waits where no source has a maximum. */
    readonly limitMs: number;
  };
  /** Opcodes of suspend and resume. */
  readonly suspend?: Sourced<readonly [number, number]> | undefined;
  readonly notes?: readonly string[] | undefined;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const PAGE_BYTES = 256;
/** Three address bytes reach so far. */
const THREE_BYTES_REACH = 16 * MIB;
/** Collects, line by line, where each value comes from. */
class Provenance {
  readonly lines: string[] = [];

  note(what: string, sources: string): void {
    this.lines.push(`${what}: ${spelledOut(sources)}`);
  }

  /** The row's value, or the fallback, and a line for either. */
  take<T>(what: (value: T) => string, own: Sourced<T> | undefined, fallback: T, reason: string): T {
    if (own === undefined) {
      this.lines.push(`${what(fallback)}: ${reason}`);
      return fallback;
    }
    this.note(what(own[0]), own[1]);
    return own[0];
  }
}

/** "flashrom, ufprog": names as they stand in SOURCES. Throws RangeError for a name that does not. */
function spelledOut(sources: string): string {
  const names = sources.split(" ");
  for (const name of names) {
    if (!Object.hasOwn(SOURCES, name)) throw new RangeError(`no source is named ${name}`);
  }
  return names.map((name) => (name === "recall" ? "from memory, not checked" : name)).join(", ");
}

/** A row as part of the catalogue. */
export function at25CatalogRow(row: At25Row): CatalogRow<At25Descriptor> {
  return catalogRow(row.name, row.jedecId[0], () => at25FromRow(row));
}

/** The descriptor of a row. */
export function at25FromRow(row: At25Row): At25Descriptor {
  const from = new Provenance();
  const traits = familyTraits(row.family);
  const [capacityBytes] = row.capacityBytes;
  from.note("ID", row.jedecId[1]);
  if (row.extendedId !== undefined) from.note("bytes after the ID", row.extendedId[1]);
  from.note("capacity", row.capacityBytes[1]);
  const program = programTimes(row, from);
  const isLarge = capacityBytes > THREE_BYTES_REACH;
  const units: EraseUnit[] = [];
  const commands: At25EraseCommand[] = [];
  for (const erase of row.erases) {
    const opcode = isLarge ? traits.eraseWith4Bytes?.get(erase.opcode) : erase.opcode;
    // Left out: a command with three address bytes only reaches the first 16 MiB; one for all of the chip is its erase.
    if (opcode === undefined || erase.sizeBytes === capacityBytes) continue;
    const unit = uniformEraseUnit(
      eraseUnitName(erase.sizeBytes),
      capacityBytes,
      erase.sizeBytes,
      eraseTimes(erase, from),
    );
    units.push(unit);
    commands.push({ unitName: unit.name, opcode, addressBytes: isLarge ? 4 : 3 });
  }
  for (const extra of traits.moreErases?.(capacityBytes) ?? []) {
    units.push(extra.unit);
    commands.push({ unitName: extra.unit.name, opcode: extra.opcode, addressBytes: 3 });
    from.note(`${extra.unit.name}, opcode and places`, extra.sources);
  }
  units.push(chipErase(row, units, from));
  commands.push({ unitName: CHIP_ERASE_UNIT_NAME, opcode: row.chipErase.opcode, addressBytes: 0 });
  const mhz = from.take(
    (value) => `clock of ${value} MHz`,
    row.clockMhz,
    CAREFUL_CLOCK_MHZ,
    "no source; a careful limit",
  );
  from.note("supply", row.supplyMv[1]);
  from.note(`SFDP ${row.sfdp[0]}`, row.sfdp[1]);
  if (row.suspend !== undefined) from.note("suspend and resume", row.suspend[1]);
  return {
    family: "at25",
    name: row.name,
    vendor: row.vendor,
    jedecId: [...row.jedecId[0]],
    extendedId: row.extendedId === undefined ? undefined : row.extendedId[0],
    geometry: { capacityBytes, pageBytes: PAGE_BYTES, erasedByte: 0xff, eraseUnits: units, ...program },
    addressBytes: isLarge ? 4 : 3,
    eraseCommands: commands,
    maxSpiClockHz: mhz * 1_000_000,
    protection: traits.protection(row.name, capacityBytes),
    moreRegisters: traits.moreRegisters,
    blockLocks: traits.blockLocks,
    reportsErrors: traits.reportsErrors,
    uniqueId: traits.uniqueId,
    oneTime: traits.oneTime,
    suspend:
      row.suspend === undefined ? undefined : { suspendOpcode: row.suspend[0][0], resumeOpcode: row.suspend[0][1] },
    sfdp: row.sfdp[0],
    supplyMv: { minimum: row.supplyMv[0][0], maximum: row.supplyMv[0][1] },
    sources: [...from.lines, ...traits.sources, ...(row.notes ?? []).map((note) => `note: ${note}`)],
  };
}

function programTimes(row: At25Row, from: Provenance): { programTypicalUs: number; programMaximumUs: number } {
  const maximumMs = from.take(
    (value) => `page program, at most ${value} ms`,
    row.programMaximumMs,
    CLASS_PROGRAM.limitMs,
    "host limit",
  );
  const typicalMs = from.take(
    (value) => `page program, typical ${value} ms`,
    row.programTypicalMs,
    Math.min(CLASS_PROGRAM.typicalMs, maximumMs / 2),
    "of the class",
  );
  return { programTypicalUs: Math.round(typicalMs * 1000), programMaximumUs: Math.round(maximumMs * 1000) };
}

function eraseTimes(erase: EraseRow, from: Provenance): { typicalMs: number; maximumMs: number } {
  const known = classEraseTimes(erase.sizeBytes);
  const name = eraseUnitName(erase.sizeBytes);
  from.note(`${name}, opcode`, erase.source);
  return {
    typicalMs: from.take((value) => `${name}, typical ${value} ms`, erase.typicalMs, known.typicalMs, "of the class"),
    maximumMs: from.take((value) => `${name}, at most ${value} ms`, erase.maximumMs, known.limitMs, "host limit"),
  };
}

function chipErase(row: At25Row, units: readonly EraseUnit[], from: Provenance): EraseUnit {
  const [capacityBytes] = row.capacityBytes;
  const regions = units.at(-1)?.regions ?? [];
  const blocksUs = regions.reduce((sum, { typicalUs, count }) => sum + typicalUs * count, 0);
  const { chipErase: chip } = row;
  from.note("chip erase, opcode", chip.source);
  const typicalMs = from.take(
    (value) => `chip erase, typical ${value} ms`,
    chip.typicalMs,
    Math.round((blocksUs * CHIP_ERASE_SLOWER) / 1000),
    "as its blocks add up",
  );
  const limitMs = Math.max(chip.limitMs, 2 * typicalMs);
  const maximumMs = from.take((value) => `chip erase, at most ${value} ms`, chip.maximumMs, limitMs, "host limit");
  return uniformEraseUnit(CHIP_ERASE_UNIT_NAME, capacityBytes, capacityBytes, { typicalMs, maximumMs });
}
