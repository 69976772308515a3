/**
 * A descriptor from what a chip reports in its SFDP area: for parts without an entry in the catalogue, and
 * for the real times of parts that have one.
 *
 * What cannot be driven safely is refused with a reason: more than 16 MiB without a way to send four address bytes,
 * four address bytes and nothing else, erase sizes that depend on a setting of the chip.
 */
import type { At25Descriptor, At25EraseCommand, At25Protection } from "../chip-descriptor.ts";
import { CHIP_ERASE_UNIT_NAME, chipEraseUnit, eraseUnitName } from "../erase-units.ts";
import type { EraseRegion, EraseUnit, FlashGeometry } from "../geometry.ts";
import { type AddressWay, addressWayOf, sharedOpcode } from "./four-byte-ways.ts";
import { describeSectorMap } from "./other-tables.ts";
import { type BasicTable, parseBasicTable, type SfdpEraseType } from "./basic-table.ts";
import { findBasicTable, type Parsed, parseSfdpTables, refused, type SfdpTable, tableDwords } from "./sfdp-area.ts";

const KIB = 1024;
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
/**
 * What a poll can wait is an hour, and a poll waits half as long again as the longest time: no time of a table may be
 * beyond. Less than the least is not a time of a chip, and would give up on a sound one.
 */
const MAX_MAXIMUM_MS = 2_400_000;
const MIN_PROGRAM_MAXIMUM_US = 100;
const MIN_ERASE_MAXIMUM_MS = 20;

/** Facts of a part that the SFDP area does not contain. */
export interface SfdpPartIdentity {
  /** Name of the part. */
  readonly name: string;
  /** Manufacturer. */
  readonly vendor: string;
  /** Response to 9Fh: 3 bytes, manufacturer first. */
  readonly jedecId: readonly number[];
  /** How the part protects itself against program and erase. */
  readonly protection: At25Protection;
  /** Fastest clock for every command of the driver, Hz. */
  readonly maxSpiClockHz: number;
  /** Supply voltage range, millivolts. */
  readonly supplyMv: {
    /** Lowest supply voltage, millivolts. */
    readonly minimum: number;
    /** Highest supply voltage, millivolts. */
    readonly maximum: number;
  };
}

/** What is known of a chip by its ID, besides its area. */
export interface SfdpOptions {
  /** All parts with this ID have the mode of four address bytes (B7h enters, E9h leaves); see `FourByteMode`. */
  readonly hasFourByteMode?: boolean | undefined;
}

/** Name and careful limits for a part that only its SFDP area describes. */
export function unnamedSfdpPart(jedecId: readonly number[]): SfdpPartIdentity {
  const hex = jedecId.map((byte) => byte.toString(16).padStart(2, "0"));
  return {
    name: `SFDP ${hex.join("")}`,
    vendor: `JEDEC manufacturer ${hex[0] ?? ""}h`,
    jedecId,
    protection: { scheme: "unknown" },
    maxSpiClockHz: SFDP_CLOCK_HZ,
    // The area does not say it; 3 V parts are what bridges without a level shifter can drive at all.
    supplyMv: { minimum: 2700, maximum: 3600 },
  };
}

/**
 * Commands that erase, on all parts of five catalogues. A table that names another one (write status, program, one-time
 * registers) is damaged or lies, and what it names would be sent. Not 50h and 7Ch: they erase on AT45 only, which has no such
 * table, and elsewhere 50h lets the status be written.
 */
const ERASE_OPCODES: ReadonlySet<number> = new Set([
  ...[0x20, 0x52, 0x53, 0x81, 0xd7, 0xd8, 0xc4, 0xdb],
  // With four address bytes.
  ...[0x21, 0x5c, 0xdc],
]);

/**
 * Creates a descriptor from the SFDP area and the facts that it does not contain. Refused with a reason if the area is
 * damaged, or if the chip could not be operated safely: it supports only four address bytes, its erase sizes depend on
 * a setting, or it exceeds 16 MiB and has no known way to send four address bytes.
 */
export function descriptorFromSfdp(
  area: Uint8Array,
  part: SfdpPartIdentity,
  { hasFourByteMode = false }: SfdpOptions = {},
): Parsed<At25Descriptor> {
  const tables = parseSfdpTables(area);
  if (!tables.ok) return tables;
  const basic = findBasicTable(tables.value, area.length);
  if (!basic.ok) return basic;
  const dwords = tableDwords(area, basic.value);
  if (!dwords.ok) return dwords;
  const table = parseBasicTable(dwords.value);
  if (!table.ok) return table;
  const { value: bfpt } = table;
  const way = addressWayOf(area, bfpt, dwords.value, tables.value, {
    jedecId: part.jedecId,
    hasFourByteMode,
  });
  if (!way.ok) return way;
  const erases = eraseUnitsOf(area, bfpt, dwords.value, tables.value);
  if (!erases.ok) return erases;
  const usable = erases.value.flatMap(({ opcode, types, unit }) => {
    const own = way.value.kind === "dedicated" ? sharedOpcode(way.value.erases, types) : opcode;
    return own === undefined ? [] : [{ opcode: own, unit }];
  });
  const foreign = usable.find(({ opcode }) => !ERASE_OPCODES.has(opcode));
  if (foreign !== undefined) {
    const named = foreign.opcode.toString(16).padStart(2, "0").toUpperCase();
    return refused(`the table lists ${named}h as an erase command, which is not an erase command on any known chip`);
  }
  if (usable.length === 0) return refused("no erase command of the table works on the whole chip");
  return { ok: true, value: describe(part, bfpt, usable, way.value, basic.value) };
}

/** An erase command all over the chip: its opcode with three address bytes, and the types of the table it stands for. */
interface SfdpErase {
  readonly opcode: number;
  readonly types: readonly SfdpEraseType[];
  readonly unit: EraseUnit;
}

/** What every erase command does where: by the sector map if there is one. Smallest blocks first. */
function eraseUnitsOf(
  area: Uint8Array,
  table: BasicTable,
  dwords: readonly number[],
  tables: readonly SfdpTable[],
): Parsed<readonly SfdpErase[]> {
  const whole = { address: 0, sizeBytes: table.capacityBytes };
  const place = tables.find(({ id }) => id === SECTOR_MAP_ID);
  if (place === undefined) {
    return { ok: true, value: uniformEraseTypes(table, dwords).map((type) => eraseOf([type], [[whole, type]])) };
  }
  const mapDwords = tableDwords(area, place);
  if (!mapDwords.ok) return mapDwords;
  const map = describeSectorMap(mapDwords.value, table.capacityBytes);
  if (!map.ok) return map;
  const [only, ...others] = map.value;
  if (only?.kind !== "map" || others.length > 0) return refused("the chip's erase sizes depend on its configuration");
  const erases: SfdpErase[] = [];
  for (const opcode of new Set(table.eraseTypes.map((type) => type.opcode))) {
    const types = table.eraseTypes.filter((type) => type.opcode === opcode);
    const places = only.regions.map((region) => {
      const fitting = types.filter(({ type }) => region.eraseTypes.includes(type));
      const [type] = fitting;
      const address = Number(region.start);
      const tiles = type !== undefined && region.sizeBytes % type.sizeBytes === 0 && address % type.sizeBytes === 0;
      return fitting.length === 1 && tiles ? ([{ address, sizeBytes: region.sizeBytes }, type] as const) : undefined;
    });
    if (places.every((one) => one !== undefined)) erases.push(eraseOf(types, places));
  }
  return { ok: true, value: erases.toSorted((a, b) => largestBytes(a.unit) - largestBytes(b.unit)) };
}

function largestBytes({ regions }: EraseUnit): number {
  return Math.max(...regions.map(({ unitBytes }) => unitBytes));
}

type Place = readonly [region: { readonly address: number; readonly sizeBytes: number }, type: SfdpEraseType];

function eraseOf(types: readonly SfdpEraseType[], places: readonly Place[]): SfdpErase {
  const regions = places.map(([{ address, sizeBytes }, type]): EraseRegion => {
    const maximumMs = eraseMaximumMs(type.maximumMs ?? defaultMaximumMs(type.sizeBytes));
    const typicalMs = typicalOf(type.typicalMs, maximumMs);
    return {
      address,
      unitBytes: type.sizeBytes,
      count: sizeBytes / type.sizeBytes,
      typicalUs: typicalMs * 1000,
      maximumUs: maximumMs * 1000,
    };
  });
  const joined = joinRegions(regions);
  const sizes = joined.map(({ unitBytes }) => unitBytes);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const name = least === most ? eraseUnitName(most) : `${least / KIB} to ${most / KIB} KiB block`;
  return { opcode: types[0]?.opcode ?? 0, types, unit: { name, regions: joined } };
}

/** Neighbours with blocks of one size are one region. */
function joinRegions(regions: readonly EraseRegion[]): EraseRegion[] {
  const joined: EraseRegion[] = [];
  for (const region of regions) {
    const last = joined.at(-1);
    if (last?.unitBytes === region.unitBytes) {
      joined[joined.length - 1] = { ...last, count: last.count + region.count };
    } else {
      joined.push(region);
    }
  }
  return joined;
}

/** Leaves out an opcode that is listed with several sizes, and 4 KiB where dword 1 specifies that it is not uniform. */
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
  erases: readonly { readonly opcode: number; readonly unit: EraseUnit }[],
  way: AddressWay,
  place: SfdpTable,
): At25Descriptor {
  const addressBytes = way.kind === "three" ? 3 : 4;
  const isNamed = way.kind !== "dedicated" || way.isListed;
  return {
    ...part,
    family: "at25",
    addressBytes,
    fourByteMode: way.kind === "mode" ? way.mode : undefined,
    geometry: geometryOf(
      table,
      erases.map(({ unit }) => unit),
    ),
    eraseCommands: [
      ...erases.map(
        ({ opcode, unit }): At25EraseCommand => ({
          unitName: unit.name,
          opcode,
          addressBytes,
          unprovedBytes: isNamed ? undefined : largestBytes(unit),
        }),
      ),
      { unitName: CHIP_ERASE_UNIT_NAME, opcode: 0xc7, addressBytes: 0 },
    ],
    reportsErrors: false,
    sfdp: "present",
    sources: [`geometry and times: the chip's SFDP area, revision ${place.major}.${place.minor}`],
  };
}

function geometryOf(table: BasicTable, units: readonly EraseUnit[]): FlashGeometry {
  const { capacityBytes, pageBytes, program } = table;
  const chipMaximumMs = eraseMaximumMs(program?.chipEraseMaximumMs ?? defaultMaximumMs(capacityBytes));
  const programMaximumUs = Math.max(MIN_PROGRAM_MAXIMUM_US, program?.maximumUs ?? DEFAULT_PROGRAM_MAXIMUM_US);
  return {
    capacityBytes,
    pageBytes: Math.min(MAX_PAGE_BYTES, pageBytes),
    erasedByte: 0xff,
    eraseUnits: [
      ...units,
      chipEraseUnit(capacityBytes, {
        typicalMs: typicalOf(program?.chipEraseTypicalMs, chipMaximumMs),
        maximumMs: chipMaximumMs,
      }),
    ],
    programTypicalUs: program?.typicalUs ?? DEFAULT_PROGRAM_MAXIMUM_US / TYPICAL_SHARE,
    programMaximumUs,
  };
}

function eraseMaximumMs(saidMs: number): number {
  return Math.min(MAX_MAXIMUM_MS, Math.max(MIN_ERASE_MAXIMUM_MS, saidMs));
}

/** Never as long as the longest, which a clamp may have shortened. */
function typicalOf(saidMs: number | undefined, maximumMs: number): number {
  return saidMs === undefined ? maximumMs / TYPICAL_SHARE : Math.min(saidMs, maximumMs / 2);
}

function defaultMaximumMs(sizeBytes: number): number {
  return Math.max(DEFAULT_ERASE_MINIMUM_MS, (sizeBytes / (64 * KIB)) * DEFAULT_ERASE_MAXIMUM_MS_PER_64_KIB);
}
