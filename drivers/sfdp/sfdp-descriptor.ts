/**
 * A descriptor from what a chip says of itself in its SFDP area: for parts that nobody has written an entry for, and
 * for the real times of parts that have one.
 *
 * What cannot be driven safely is refused with a reason: chips above 16 MiB, four address bytes, erase sizes that differ
 * over the chip.
 */
import type { At25Descriptor, At25EraseCommand, At25StatusLayout } from "../chip-descriptor.ts";
import { CHIP_ERASE_UNIT_NAME, chipEraseUnit, uniformEraseUnit } from "../erase-units.ts";
import type { FlashGeometry } from "../geometry.ts";
import { type BasicTable, parseBasicTable, type SfdpEraseType } from "./basic-table.ts";
import { findBasicTable, type Parsed, parseSfdpTables, refused, type SfdpTable, tableDwords } from "./sfdp-area.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** What three address bytes reach. */
const MAX_CAPACITY_BYTES = 16 * MIB;
/** Longest program command that all families here take. */
const MAX_PAGE_BYTES = 256;
const SECTOR_MAP_ID = 0xff81;
/** The standard demands that the area itself can be read at this clock; more is not promised. */
const SFDP_CLOCK_HZ = 50_000_000;

/** For tables of 9 dwords, which have no times: slower than any sound chip. A tenth of it counts as typical. */
const DEFAULT_PROGRAM_MAXIMUM_US = 10_000;
const DEFAULT_ERASE_MAXIMUM_MS_PER_64_KIB = 8_000;
const DEFAULT_ERASE_MINIMUM_MS = 1_000;
const TYPICAL_SHARE = 10;

/** Name and limits that the area does not hold. */
export interface SfdpPartIdentity {
  readonly name: string;
  readonly vendor: string;
  readonly jedecId: readonly number[];
  readonly statusLayout: At25StatusLayout;
  readonly maxSpiClockHz: number;
  readonly supplyMv: { readonly minimum: number; readonly maximum: number };
}

/** Name and careful limits for a part that only its SFDP area describes. */
export function unnamedSfdpPart(jedecId: readonly number[]): SfdpPartIdentity {
  const hex = jedecId.map((byte) => byte.toString(16).padStart(2, "0"));
  return {
    name: `SFDP ${hex.join("")}`,
    vendor: `JEDEC manufacturer ${hex[0] ?? ""}h`,
    jedecId,
    statusLayout: "busy-only",
    maxSpiClockHz: SFDP_CLOCK_HZ,
    // The area does not say it; 3 V parts are what bridges without a level shifter can drive at all.
    supplyMv: { minimum: 2700, maximum: 3600 },
  };
}

/** Reads the area's tables and makes a descriptor of them, or says in part of a sentence why that is not safe. */
export function descriptorFromSfdp(area: Uint8Array, part: SfdpPartIdentity): Parsed<At25Descriptor> {
  const tables = parseSfdpTables(area);
  if (!tables.ok) return tables;
  const basic = findBasicTable(tables.value);
  if (!basic.ok) return basic;
  const dwords = tableDwords(area, basic.value);
  if (!dwords.ok) return dwords;
  const table = parseBasicTable(dwords.value);
  if (!table.ok) return table;
  const objection = objectionTo(table.value, tables.value);
  if (objection !== undefined) return refused(objection);
  const eraseTypes = uniformEraseTypes(table.value, dwords.value);
  if (eraseTypes.length === 0) return refused("no erase command of the table works all over the chip");
  return { ok: true, value: describe(part, table.value, eraseTypes, basic.value) };
}

function objectionTo(table: BasicTable, tables: readonly SfdpTable[]): string | undefined {
  if (table.capacityBytes > MAX_CAPACITY_BYTES) {
    return `the chip has ${table.capacityBytes / MIB} MiB and three address bytes reach only 16 MiB`;
  }
  if (table.addressBytes === "4") return "the chip takes only four address bytes";
  if (tables.some((other) => other.id === SECTOR_MAP_ID)) {
    return "the chip's erase sizes differ over its addresses (it has a sector map)";
  }
  return undefined;
}

/** Leaves out an opcode that is listed with several sizes, and 4 KiB where dword 1 says that it is not uniform. */
function uniformEraseTypes(table: BasicTable, dwords: readonly number[]): readonly SfdpEraseType[] {
  const uniform4Kib = ((dwords[0] ?? 0) & 0x03) === 0x01;
  return table.eraseTypes.filter(
    (type) =>
      table.eraseTypes.filter((other) => other.opcode === type.opcode).length === 1 &&
      (uniform4Kib || type.sizeBytes !== 4 * KIB),
  );
}

function describe(
  part: SfdpPartIdentity,
  table: BasicTable,
  eraseTypes: readonly SfdpEraseType[],
  place: SfdpTable,
): At25Descriptor {
  return {
    ...part,
    family: "at25",
    geometry: geometryOf(table, eraseTypes),
    eraseCommands: [
      ...eraseTypes.map(
        (type): At25EraseCommand => ({ unitName: unitName(type), opcode: type.opcode, addressBytes: 3 }),
      ),
      { unitName: CHIP_ERASE_UNIT_NAME, opcode: 0xc7, addressBytes: 0 },
    ],
    reportsErrors: false,
    sfdp: "present",
    sources: [`geometry and times: the chip's SFDP area, revision ${place.major}.${place.minor}`],
  };
}

function geometryOf(table: BasicTable, eraseTypes: readonly SfdpEraseType[]): FlashGeometry {
  const { capacityBytes, program } = table;
  const chipMaximumMs = program?.chipEraseMaximumMs ?? defaultMaximumMs(capacityBytes);
  return {
    capacityBytes,
    pageBytes: Math.min(MAX_PAGE_BYTES, program?.pageBytes ?? MAX_PAGE_BYTES),
    erasedByte: 0xff,
    eraseUnits: [
      ...eraseTypes.map((type) => {
        const maximumMs = type.maximumMs ?? defaultMaximumMs(type.sizeBytes);
        const typicalMs = type.typicalMs ?? maximumMs / TYPICAL_SHARE;
        return uniformEraseUnit(unitName(type), capacityBytes, type.sizeBytes, { typicalMs, maximumMs });
      }),
      chipEraseUnit(capacityBytes, {
        typicalMs: program?.chipEraseTypicalMs ?? chipMaximumMs / TYPICAL_SHARE,
        maximumMs: chipMaximumMs,
      }),
    ],
    programTypicalUs: program?.typicalUs ?? DEFAULT_PROGRAM_MAXIMUM_US / TYPICAL_SHARE,
    programMaximumUs: program?.maximumUs ?? DEFAULT_PROGRAM_MAXIMUM_US,
  };
}

function defaultMaximumMs(sizeBytes: number): number {
  return Math.max(DEFAULT_ERASE_MINIMUM_MS, (sizeBytes / (64 * KIB)) * DEFAULT_ERASE_MAXIMUM_MS_PER_64_KIB);
}

function unitName(type: SfdpEraseType): string {
  if (type.sizeBytes < KIB) return `${type.sizeBytes}-byte page`;
  return `${type.sizeBytes / KIB} KiB ${type.sizeBytes <= 4 * KIB ? "sector" : "block"}`;
}
