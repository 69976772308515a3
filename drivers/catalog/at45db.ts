/**
 * AT45 DataFlash, D and E revisions. A part has two page sizes; the entry under the plain name is the standard size,
 * the chip's status byte reports which one a real chip has.
 *
 * D and E of a density share three ID bytes and differ in the extended information after them. AT45DB642D and
 * AT45DB641E do so too, with unlike geometry.
 */
import type { At45Descriptor, At45Sectors } from "../chip-descriptor.ts";
import { chipEraseUnit, uniformEraseUnit } from "../erase-units.ts";
import type { EraseRegion, EraseUnit } from "../geometry.ts";
import { type CatalogRow, catalogRow } from "./catalog-row.ts";

/** One part, page sizes open. Sectors in pages. */
interface At45Row {
  readonly name: string;
  readonly jedecId: readonly number[];
  readonly revision: "D" | "E";
  readonly pageCount: number;
  readonly standardPageBytes: 264 | 528 | 1056;
  readonly sectors: At45Sectors;
  readonly bufferCount: 1 | 2;
  readonly statusDensityBits: number;
  readonly chipMaximumMs: number;
  readonly supplyMv: { readonly minimum: number; readonly maximum: number };
}

/** Pages that the block erase 50h takes. */
const BLOCK_PAGES = 8;
/** Of a sector, from which its time by size is reckoned: 0.7 s for 256 pages. */
const SECTOR_PAGE_TYPICAL_US = 2_700;
/** Of the chip erase: 3.5 s for the 2048 pages of AT45DB041E. */
const CHIP_PAGE_TYPICAL_US = 1_709;

const SOURCES = [
  "ID: Adesto's test bench, flashrom, Linux mtd_dataflash",
  "pages, addressing: Linux mtd_dataflash, flashrom",
  "sectors: flashrom",
  "times: typical of the class (page program 3 ms, page 13 ms, block 30 ms, sector 0.7 s); no AC table was at hand",
  "maxima: host limits as flashrom waits, not datasheet values",
] as const;

const SECTORS_011: At45Sectors = { pages0a: 8, pages0b: 120, otherCount: 3, otherPages: 128 };
const SECTORS_021: At45Sectors = { pages0a: 8, pages0b: 120, otherCount: 7, otherPages: 128 };
const SECTORS_041: At45Sectors = { pages0a: 8, pages0b: 248, otherCount: 7, otherPages: 256 };
const SECTORS_081: At45Sectors = { pages0a: 8, pages0b: 248, otherCount: 15, otherPages: 256 };
const SECTORS_321: At45Sectors = { pages0a: 8, pages0b: 120, otherCount: 63, otherPages: 128 };
const SECTORS_642: At45Sectors = { pages0a: 8, pages0b: 248, otherCount: 31, otherPages: 256 };
const SECTORS_641: At45Sectors = { pages0a: 8, pages0b: 1016, otherCount: 31, otherPages: 1024 };

const D = { revision: "D", bufferCount: 2, chipMaximumMs: 100_000 } as const;
const E = { revision: "E", bufferCount: 2, chipMaximumMs: 100_000 } as const;

const ROWS: readonly At45Row[] = [
  {
    ...D,
    name: "AT45DB011D",
    jedecId: [0x1f, 0x22, 0x00],
    pageCount: 512,
    standardPageBytes: 264,
    sectors: SECTORS_011,
    bufferCount: 1,
    statusDensityBits: 0x0c,
    supplyMv: { minimum: 2700, maximum: 3600 },
  },
  {
    ...D,
    name: "AT45DB021D",
    jedecId: [0x1f, 0x23, 0x00],
    pageCount: 1024,
    standardPageBytes: 264,
    sectors: SECTORS_021,
    bufferCount: 1,
    statusDensityBits: 0x14,
    supplyMv: { minimum: 2700, maximum: 3600 },
  },
  {
    ...E,
    name: "AT45DB021E",
    jedecId: [0x1f, 0x23, 0x00],
    pageCount: 1024,
    standardPageBytes: 264,
    sectors: SECTORS_021,
    bufferCount: 1,
    statusDensityBits: 0x14,
    supplyMv: { minimum: 1650, maximum: 3600 },
  },
  {
    ...D,
    name: "AT45DB041D",
    jedecId: [0x1f, 0x24, 0x00],
    pageCount: 2048,
    standardPageBytes: 264,
    sectors: SECTORS_041,
    statusDensityBits: 0x1c,
    supplyMv: { minimum: 2500, maximum: 3600 },
  },
  {
    ...E,
    name: "AT45DB041E",
    jedecId: [0x1f, 0x24, 0x00],
    pageCount: 2048,
    standardPageBytes: 264,
    sectors: SECTORS_041,
    statusDensityBits: 0x1c,
    supplyMv: { minimum: 1650, maximum: 3600 },
  },
  {
    ...D,
    name: "AT45DB081D",
    jedecId: [0x1f, 0x25, 0x00],
    pageCount: 4096,
    standardPageBytes: 264,
    sectors: SECTORS_081,
    statusDensityBits: 0x24,
    supplyMv: { minimum: 2500, maximum: 3600 },
  },
  {
    ...E,
    name: "AT45DB081E",
    jedecId: [0x1f, 0x25, 0x00],
    pageCount: 4096,
    standardPageBytes: 264,
    sectors: SECTORS_081,
    statusDensityBits: 0x24,
    supplyMv: { minimum: 1700, maximum: 3600 },
  },
  {
    ...D,
    name: "AT45DB161D",
    jedecId: [0x1f, 0x26, 0x00],
    pageCount: 4096,
    standardPageBytes: 528,
    sectors: SECTORS_081,
    statusDensityBits: 0x2c,
    supplyMv: { minimum: 2500, maximum: 3600 },
  },
  {
    ...E,
    name: "AT45DB161E",
    jedecId: [0x1f, 0x26, 0x00],
    pageCount: 4096,
    standardPageBytes: 528,
    sectors: SECTORS_081,
    statusDensityBits: 0x2c,
    supplyMv: { minimum: 2300, maximum: 3600 },
  },
  {
    ...E,
    name: "AT45DQ161",
    jedecId: [0x1f, 0x26, 0x00],
    pageCount: 4096,
    standardPageBytes: 528,
    sectors: SECTORS_081,
    statusDensityBits: 0x2c,
    supplyMv: { minimum: 2300, maximum: 3600 },
  },
  {
    ...D,
    name: "AT45DB321D",
    jedecId: [0x1f, 0x27, 0x01],
    pageCount: 8192,
    standardPageBytes: 528,
    sectors: SECTORS_321,
    statusDensityBits: 0x34,
    chipMaximumMs: 160_000,
    supplyMv: { minimum: 2500, maximum: 3600 },
  },
  {
    ...E,
    name: "AT45DB321E",
    jedecId: [0x1f, 0x27, 0x01],
    pageCount: 8192,
    standardPageBytes: 528,
    sectors: SECTORS_321,
    statusDensityBits: 0x34,
    chipMaximumMs: 160_000,
    supplyMv: { minimum: 2300, maximum: 3600 },
  },
  {
    ...E,
    name: "AT45DQ321",
    jedecId: [0x1f, 0x27, 0x01],
    pageCount: 8192,
    standardPageBytes: 528,
    sectors: SECTORS_321,
    statusDensityBits: 0x34,
    chipMaximumMs: 160_000,
    supplyMv: { minimum: 2300, maximum: 3600 },
  },
  {
    ...D,
    name: "AT45DB642D",
    jedecId: [0x1f, 0x28, 0x00],
    pageCount: 8192,
    standardPageBytes: 1056,
    sectors: SECTORS_642,
    statusDensityBits: 0x3c,
    chipMaximumMs: 320_000,
    supplyMv: { minimum: 2700, maximum: 3600 },
  },
  {
    ...E,
    name: "AT45DB641E",
    jedecId: [0x1f, 0x28, 0x00],
    pageCount: 32768,
    standardPageBytes: 264,
    sectors: SECTORS_641,
    statusDensityBits: 0x3c,
    chipMaximumMs: 320_000,
    supplyMv: { minimum: 1700, maximum: 3600 },
  },
];

/** Every part at its standard page size. */
export const AT45DB_ROWS: readonly CatalogRow<At45Descriptor>[] = ROWS.map((row) =>
  catalogRow(row.name, row.jedecId, () => describe(row, row.standardPageBytes)),
);

/**
 * The same part at another page size, or undefined if it knows no such size. Content does not survive a switch on a
 * real chip; this only describes what the chip reports it is set to.
 */
export function at45WithPageBytes(part: At45Descriptor, pageBytes: number): At45Descriptor | undefined {
  const row = ROWS.find((candidate) => candidate.name === part.name);
  if (row === undefined || (pageBytes !== part.standardPageBytes && pageBytes !== part.binaryPageBytes)) {
    return undefined;
  }
  return describe(row, pageBytes);
}

function describe(row: At45Row, pageBytes: number): At45Descriptor {
  const capacityBytes = row.pageCount * pageBytes;
  const isE = row.revision === "E";
  return {
    family: "at45",
    name: row.name,
    vendor: isE ? "Adesto" : "Atmel",
    jedecId: row.jedecId,
    extendedId: isE ? [0x01, 0x00] : [0x00],
    geometry: {
      capacityBytes,
      pageBytes,
      erasedByte: 0xff,
      eraseUnits: [
        uniformEraseUnit("page", capacityBytes, pageBytes, { typicalMs: 13, maximumMs: 100 }),
        uniformEraseUnit("8-page block", capacityBytes, BLOCK_PAGES * pageBytes, { typicalMs: 30, maximumMs: 300 }),
        sectorUnit(row.sectors, pageBytes),
        chipEraseUnit(capacityBytes, {
          typicalMs: Math.round((row.pageCount * CHIP_PAGE_TYPICAL_US) / 1000),
          maximumMs: row.chipMaximumMs,
        }),
      ],
      programTypicalUs: 3_000,
      programMaximumUs: 100_000,
    },
    pageBytes,
    standardPageBytes: row.standardPageBytes,
    binaryPageBytes: binaryPageBytes(row.standardPageBytes),
    pageCount: row.pageCount,
    sectors: row.sectors,
    bufferCount: row.bufferCount,
    statusDensityBits: row.statusDensityBits,
    reportsErrors: isE,
    maxSpiClockHz: isE ? 85_000_000 : 66_000_000,
    supplyMv: row.supplyMv,
    sources: SOURCES,
  };
}

function binaryPageBytes(standardPageBytes: 264 | 528 | 1056): 256 | 512 | 1024 {
  switch (standardPageBytes) {
    case 264:
      return 256;
    case 528:
      return 512;
    case 1056:
      return 1024;
  }
}

/** 0a and 0b are sectors of their own: each takes a command of its own. */
function sectorUnit(sectors: At45Sectors, pageBytes: number): EraseUnit {
  const region = (firstPage: number, pages: number, count: number): EraseRegion => ({
    address: firstPage * pageBytes,
    unitBytes: pages * pageBytes,
    count,
    typicalUs: Math.max(30_000, pages * SECTOR_PAGE_TYPICAL_US),
    maximumUs: 20_000_000,
  });
  return {
    name: "sector",
    regions: [
      region(0, sectors.pages0a, 1),
      region(sectors.pages0a, sectors.pages0b, 1),
      region(sectors.pages0a + sectors.pages0b, sectors.otherPages, sectors.otherCount),
    ],
  };
}
