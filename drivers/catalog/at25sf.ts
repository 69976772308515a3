/**
 * AT25SF: 3 V parts with block protection bits, plain and B revision. Both revisions of a density answer the same ID;
 * only the B revision has an SFDP area, and its erases are faster.
 *
 * Typical times are those of the data sheets' front pages. The sheets' maxima could not be read: `maximumMs` are host
 * limits some ten times the typical time.
 */
import type { At25Descriptor } from "../chip-descriptor.ts";
import { CHIP_ERASE_UNIT_NAME, chipEraseUnit, type EraseTimesMs, uniformEraseUnit } from "../erase-units.ts";

const KIB = 1024;

interface At25SfRow {
  readonly name: string;
  readonly jedecId: readonly number[];
  readonly capacityBytes: number;
  readonly maxSpiClockHz: number;
  readonly supplyMv: { readonly minimum: number; readonly maximum: number };
  readonly sfdp: "present" | "absent";
  readonly programTypicalUs: number;
  /** Typical times of 4 KiB, 32 KiB, 64 KiB and chip, milliseconds. */
  readonly typicalMs: readonly [number, number, number, number];
  readonly chipMaximumMs: number;
  readonly sources: readonly string[];
}

const ORIGINAL_SOURCES = [
  "ID, opcodes, no SFDP area: flashrom, ufprog",
  "page and block times: data sheet front page",
  "chip erase: 5 s a 4 Mbit as the blocks add up",
  "clock: what ufprog trusts for plain SPI; the front page claims 104 MHz",
  "maxima: host limits, not data sheet values",
] as const;

const B_SOURCES = [
  "ID, opcodes, SFDP area: ufprog, OpenOCD",
  "block and chip times, clock: data sheet front page",
  "maxima: host limits, not data sheet values",
] as const;

/** Smallest first; the originals before their B revisions. */
export const AT25SF_PARTS: readonly At25Descriptor[] = [
  describe({
    name: "AT25SF041",
    jedecId: [0x1f, 0x84, 0x01],
    capacityBytes: 512 * KIB,
    maxSpiClockHz: 70_000_000,
    supplyMv: { minimum: 2500, maximum: 3600 },
    sfdp: "absent",
    programTypicalUs: 700,
    typicalMs: [70, 300, 600, 5_000],
    chipMaximumMs: 20_000,
    sources: ORIGINAL_SOURCES,
  }),
  describe({
    name: "AT25SF041B",
    jedecId: [0x1f, 0x84, 0x01],
    capacityBytes: 512 * KIB,
    maxSpiClockHz: 108_000_000,
    supplyMv: { minimum: 2700, maximum: 3600 },
    sfdp: "present",
    programTypicalUs: 400,
    typicalMs: [70, 150, 250, 2_000],
    chipMaximumMs: 20_000,
    sources: B_SOURCES,
  }),
  describe({
    name: "AT25SF081",
    jedecId: [0x1f, 0x85, 0x01],
    capacityBytes: 1024 * KIB,
    maxSpiClockHz: 70_000_000,
    supplyMv: { minimum: 2300, maximum: 3600 },
    sfdp: "absent",
    programTypicalUs: 700,
    typicalMs: [70, 300, 600, 10_000],
    chipMaximumMs: 40_000,
    sources: ORIGINAL_SOURCES,
  }),
  describe({
    name: "AT25SF081B",
    jedecId: [0x1f, 0x85, 0x01],
    capacityBytes: 1024 * KIB,
    maxSpiClockHz: 108_000_000,
    supplyMv: { minimum: 2700, maximum: 3600 },
    sfdp: "present",
    programTypicalUs: 700,
    typicalMs: [50, 150, 300, 4_000],
    chipMaximumMs: 40_000,
    sources: [...B_SOURCES, "times: those of AT25SF321B, until its own sheet is read"],
  }),
  describe({
    name: "AT25SF161",
    jedecId: [0x1f, 0x86, 0x01],
    capacityBytes: 2048 * KIB,
    maxSpiClockHz: 85_000_000,
    supplyMv: { minimum: 2500, maximum: 3600 },
    sfdp: "absent",
    programTypicalUs: 700,
    typicalMs: [70, 300, 600, 20_000],
    chipMaximumMs: 60_000,
    sources: ORIGINAL_SOURCES,
  }),
  describe({
    name: "AT25SF161B",
    jedecId: [0x1f, 0x86, 0x01],
    capacityBytes: 2048 * KIB,
    maxSpiClockHz: 108_000_000,
    supplyMv: { minimum: 2700, maximum: 3600 },
    sfdp: "present",
    programTypicalUs: 700,
    typicalMs: [60, 150, 250, 7_000],
    chipMaximumMs: 40_000,
    sources: B_SOURCES,
  }),
  describe({
    name: "AT25SF321",
    jedecId: [0x1f, 0x87, 0x01],
    capacityBytes: 4096 * KIB,
    maxSpiClockHz: 85_000_000,
    supplyMv: { minimum: 2500, maximum: 3600 },
    sfdp: "absent",
    programTypicalUs: 700,
    typicalMs: [70, 300, 600, 40_000],
    chipMaximumMs: 120_000,
    sources: ORIGINAL_SOURCES,
  }),
  describe({
    name: "AT25SF321B",
    jedecId: [0x1f, 0x87, 0x01],
    capacityBytes: 4096 * KIB,
    maxSpiClockHz: 108_000_000,
    supplyMv: { minimum: 2700, maximum: 3600 },
    sfdp: "present",
    programTypicalUs: 700,
    typicalMs: [50, 150, 300, 15_000],
    chipMaximumMs: 80_000,
    sources: B_SOURCES,
  }),
];

function describe(row: At25SfRow): At25Descriptor {
  const [sectorMs, halfBlockMs, blockMs, chipMs] = row.typicalMs;
  const unit = (name: string, unitBytes: number, times: EraseTimesMs) =>
    uniformEraseUnit(name, row.capacityBytes, unitBytes, times);
  return {
    family: "at25",
    name: row.name,
    vendor: "Adesto",
    jedecId: row.jedecId,
    geometry: {
      capacityBytes: row.capacityBytes,
      pageBytes: 256,
      erasedByte: 0xff,
      eraseUnits: [
        unit("4 KiB sector", 4 * KIB, { typicalMs: sectorMs, maximumMs: 1_000 }),
        unit("32 KiB block", 32 * KIB, { typicalMs: halfBlockMs, maximumMs: 3_000 }),
        unit("64 KiB block", 64 * KIB, { typicalMs: blockMs, maximumMs: 5_000 }),
        chipEraseUnit(row.capacityBytes, { typicalMs: chipMs, maximumMs: row.chipMaximumMs }),
      ],
      programTypicalUs: row.programTypicalUs,
      programMaximumUs: 10_000,
    },
    eraseCommands: [
      { unitName: "4 KiB sector", opcode: 0x20, addressBytes: 3 },
      { unitName: "32 KiB block", opcode: 0x52, addressBytes: 3 },
      { unitName: "64 KiB block", opcode: 0xd8, addressBytes: 3 },
      { unitName: CHIP_ERASE_UNIT_NAME, opcode: 0xc7, addressBytes: 0 },
    ],
    maxSpiClockHz: row.maxSpiClockHz,
    statusLayout: "bp-sec-tb-cmp",
    reportsErrors: false,
    sfdp: row.sfdp,
    supplyMv: row.supplyMv,
    sources: row.sources,
  };
}
