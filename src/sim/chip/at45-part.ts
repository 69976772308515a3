/**
 * The shape of an AT45DB041E, as data: pages, blocks, sectors, times. From the data sheet facts (at45.md sections 3, 7, 9),
 * not from the driver.
 */
import type { EraseUnit, FlashGeometry } from "../../../drivers/geometry.ts";
import type { OperationTime } from "./chip-times.ts";

export const PAGES = 2048;
export const BLOCK_PAGES = 8;
export const SECTOR_PAGES = 256;
export const SECTORS = 8;
const MS = 1000;

/** Page erase, block, sector and chip: the class of times in at45.md section 9; longest ones from chips.json, sane. */
export const TIMES = {
  transfer: { typicalUs: 200, maximumUs: 400 },
  program: { typicalUs: 1500, maximumUs: 3000 },
  programWithErase: { typicalUs: 14 * MS, maximumUs: 35 * MS },
  pageErase: { typicalUs: 12 * MS, maximumUs: 35 * MS },
  blockErase: { typicalUs: 30 * MS, maximumUs: 75 * MS },
  sectorErase: { typicalUs: 700 * MS, maximumUs: 2000 * MS },
  chipErase: { typicalUs: 3500 * MS, maximumUs: 10_000 * MS },
  register: { typicalUs: 14 * MS, maximumUs: 35 * MS },
} as const satisfies Record<string, OperationTime>;

/** Pages in a row. */
export interface PageRange {
  readonly first: number;
  readonly count: number;
}

export function pagesRange(first: number, count: number): PageRange {
  return { first, count };
}

/** Sector 0a is 8 pages, 0b the other 248, each further sector 256. */
export function sectorOf(page: number): PageRange {
  if (page < BLOCK_PAGES) return pagesRange(0, BLOCK_PAGES);
  if (page < SECTOR_PAGES) return pagesRange(BLOCK_PAGES, SECTOR_PAGES - BLOCK_PAGES);
  return pagesRange(page - (page % SECTOR_PAGES), SECTOR_PAGES);
}

export const SECTOR_STARTS: readonly number[] = [
  0,
  BLOCK_PAGES,
  ...Array.from({ length: 7 }, (_, i) => (i + 1) * SECTOR_PAGES),
];

/** With pages of 256 or 264 bytes. */
export function geometryOf(pageBytes: number): FlashGeometry {
  const capacityBytes = PAGES * pageBytes;
  const even = (name: string, pages: number, time: OperationTime): EraseUnit => ({
    name,
    regions: [{ address: 0, unitBytes: pages * pageBytes, count: PAGES / pages, ...time }],
  });
  const sector = (firstPage: number, pages: number, count: number): EraseUnit["regions"][number] => ({
    address: firstPage * pageBytes,
    unitBytes: pages * pageBytes,
    count,
    ...TIMES.sectorErase,
  });
  const sectors: EraseUnit = {
    name: "sector",
    regions: [sector(0, 8, 1), sector(8, 248, 1), sector(SECTOR_PAGES, SECTOR_PAGES, 7)],
  };
  return {
    capacityBytes,
    pageBytes,
    erasedByte: 0xff,
    eraseUnits: [
      even("page", 1, TIMES.pageErase),
      even("block", BLOCK_PAGES, TIMES.blockErase),
      sectors,
      even("chip", PAGES, TIMES.chipErase),
    ],
    programTypicalUs: TIMES.program.typicalUs,
    programMaximumUs: TIMES.program.maximumUs,
  };
}
