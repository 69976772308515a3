/**
 * The shapes of the AT45 parts, as data: pages, blocks, sectors, times. From the datasheet facts (at45.md sections 2, 3,
 * 7, 9), not from the driver.
 */
import type { EraseUnit, FlashGeometry } from "../../../../drivers/geometry.ts";
import type { OperationTime } from "../core/chip-times.ts";

export const BLOCK_PAGES = 8;
const MS = 1000;

export interface At45Part {
  readonly name: string;
  /** What 9Fh answers. */
  readonly id: readonly number[];
  readonly pages: number;
  /** 264, 528 or 1056; binary pages are 256, 512 or 1024. */
  readonly standardPageBytes: number;
  readonly densityBits: number;
  /** Sector 0a is 8 pages and 0b the rest of the first sector; all further ones are of this size. */
  readonly sectorPages: number;
  readonly bufferCount: 1 | 2;
  /** E parts have a second status byte, and go back to standard pages; D parts go to binary pages once. */
  readonly isE: boolean;
}

/** Name, bytes 2 and 3 of the ID, pages, standard page, density bits, pages of a sector, buffers. */
const ROWS: readonly (readonly [string, number, number, number, number, number, 1 | 2])[] = [
  ["AT45DB011D", 0x2200, 512, 264, 0x0c, 128, 1],
  ["AT45DB021D", 0x2300, 1024, 264, 0x14, 128, 1],
  ["AT45DB021E", 0x2300, 1024, 264, 0x14, 128, 1],
  ["AT45DB041D", 0x2400, 2048, 264, 0x1c, 256, 2],
  ["AT45DB041E", 0x2400, 2048, 264, 0x1c, 256, 2],
  ["AT45DB081D", 0x2500, 4096, 264, 0x24, 256, 2],
  ["AT45DB081E", 0x2500, 4096, 264, 0x24, 256, 2],
  ["AT45DB161D", 0x2600, 4096, 528, 0x2c, 256, 2],
  ["AT45DB161E", 0x2600, 4096, 528, 0x2c, 256, 2],
  ["AT45DQ161", 0x2600, 4096, 528, 0x2c, 256, 2],
  ["AT45DB321D", 0x2701, 8192, 528, 0x34, 128, 2],
  ["AT45DB321E", 0x2701, 8192, 528, 0x34, 128, 2],
  ["AT45DQ321", 0x2701, 8192, 528, 0x34, 128, 2],
  ["AT45DB642D", 0x2800, 8192, 1056, 0x3c, 256, 2],
  ["AT45DB641E", 0x2800, 32768, 264, 0x3c, 1024, 2],
];

export const AT45_PARTS: readonly At45Part[] = ROWS.map(
  ([name, id, pages, standardPageBytes, densityBits, sectorPages, bufferCount]) => {
    const isE = !name.endsWith("D");
    const extended = isE ? [0x01, 0x00] : [0x00];
    return {
      name,
      id: [0x1f, id >> 8, id & 0xff, ...extended],
      pages,
      standardPageBytes,
      densityBits,
      sectorPages,
      bufferCount,
      isE,
    };
  },
);

/** 256, 512 or 1024. */
export function binaryPageBytes({ standardPageBytes }: At45Part): number {
  return (standardPageBytes / 33) * 32;
}

/** Page erase, block, sector and chip: the class of times in at45.md section 9; longest ones from chips.json, sane. */
export const TIMES = {
  transfer: { typicalUs: 200, maximumUs: 400 },
  program: { typicalUs: 1500, maximumUs: 3000 },
  programWithErase: { typicalUs: 14 * MS, maximumUs: 35 * MS },
  pageErase: { typicalUs: 12 * MS, maximumUs: 35 * MS },
  blockErase: { typicalUs: 30 * MS, maximumUs: 75 * MS },
  sectorErase: { typicalUs: 700 * MS, maximumUs: 2000 * MS },
  register: { typicalUs: 14 * MS, maximumUs: 35 * MS },
} as const satisfies Record<string, OperationTime>;

/** 3.5 s for the 2048 pages of AT45DB041E, at most 10 s. */
export function chipEraseTime({ pages }: At45Part): OperationTime {
  return { typicalUs: (pages / 2048) * 3500 * MS, maximumUs: (pages / 2048) * 10_000 * MS };
}

/** Pages in a row. */
export interface PageRange {
  readonly first: number;
  readonly count: number;
}

export function pagesRange(first: number, count: number): PageRange {
  return { first, count };
}

/** Sector 0a is 8 pages, 0b the rest of the first sector. */
export function sectorOf({ sectorPages }: At45Part, page: number): PageRange {
  if (page < BLOCK_PAGES) return pagesRange(0, BLOCK_PAGES);
  if (page < sectorPages) return pagesRange(BLOCK_PAGES, sectorPages - BLOCK_PAGES);
  return pagesRange(page - (page % sectorPages), sectorPages);
}

/** First pages of 0a, 0b and all further sectors. */
export function sectorStarts({ pages, sectorPages }: At45Part): readonly number[] {
  return [0, BLOCK_PAGES, ...Array.from({ length: pages / sectorPages - 1 }, (_, i) => (i + 1) * sectorPages)];
}

/** Bytes of the protection register: 0a and 0b share one. */
export function registerBytes({ pages, sectorPages }: At45Part): number {
  return pages / sectorPages;
}

/** With pages of either size. */
export function geometryOf(part: At45Part, pageBytes: number): FlashGeometry {
  const { pages, sectorPages } = part;
  const even = (name: string, unitPages: number, time: OperationTime): EraseUnit => ({
    name,
    regions: [{ address: 0, unitBytes: unitPages * pageBytes, count: pages / unitPages, ...time }],
  });
  const sector = (firstPage: number, unitPages: number, count: number): EraseUnit["regions"][number] => ({
    address: firstPage * pageBytes,
    unitBytes: unitPages * pageBytes,
    count,
    ...TIMES.sectorErase,
  });
  const sectors: EraseUnit = {
    name: "sector",
    regions: [
      sector(0, BLOCK_PAGES, 1),
      sector(BLOCK_PAGES, sectorPages - BLOCK_PAGES, 1),
      sector(sectorPages, sectorPages, pages / sectorPages - 1),
    ],
  };
  return {
    capacityBytes: pages * pageBytes,
    pageBytes,
    erasedByte: 0xff,
    eraseUnits: [
      even("page", 1, TIMES.pageErase),
      even("block", BLOCK_PAGES, TIMES.blockErase),
      sectors,
      even("chip", pages, chipEraseTime(part)),
    ],
    programTypicalUs: TIMES.program.typicalUs,
    programMaximumUs: TIMES.program.maximumUs,
  };
}
