/**
 * The basic flash parameter table (BFPT) of SFDP: what the driver needs of it, decoded from its dwords.
 *
 * Dwords are numbered from 1 as in JESD216. Times: typical = (count + 1) x unit; longest = typical x 2 (m + 1). Tables
 * of 9 dwords have no times and no page size; those fields are then undefined. So they are if a dword of times is all
 * ones (beyond the end of the table) or all zeros (1 ms for every erase: it was not filled in). A table that contradicts
 * itself is refused with a reason, never half read.
 */
import { bit, bits, dword } from "./dwords.ts";
import { isGiven, type Parsed, refused } from "./sfdp-area.ts";

/** One erase command of the basic flash parameter table (JESD216, dwords 8 to 10). */
export interface SfdpEraseType {
  /** Number of the type in the table, 1 to 4. */
  readonly type: number;
  /** Size of one block, bytes: a power of two (dwords 8 and 9). */
  readonly sizeBytes: number;
  /** Opcode of the erase command (dwords 8 and 9). */
  readonly opcode: number;
  /** Typical time of one block, milliseconds (dword 10); undefined in a table of 9 dwords. */
  readonly typicalMs?: number | undefined;
  /**
   * Longest time of one block, milliseconds (dword 10: typical time and multiplier); undefined in a table of 9 dwords.
   */
  readonly maximumMs?: number | undefined;
}

/** The fields of the basic flash parameter table (JESD216) that a driver needs. */
export interface BasicTable {
  /** Size of the chip, bytes: a power of two from 1 KiB to 4 GiB (dword 2). */
  readonly capacityBytes: number;
  /** Number of address bytes that the chip supports (dword 1, bits 18:17). */
  readonly addressBytes: "3" | "3 or 4" | "4";
  /**
   * Bytes that one program command takes, a power of two. Without dword 11 it is 256, or 1 if the table specifies a
   * write granularity of one byte (dword 1, bit 2). A page below 64 bytes beside a granularity of 64 or more counts as 64.
   */
  readonly pageBytes: number;
  /** Erase commands, smallest block first. */
  readonly eraseTypes: readonly SfdpEraseType[];
  /** Program and chip erase times (dword 11); undefined in a table of fewer than 11 dwords. */
  readonly program?:
    | {
        /** Page size as dword 11 has it, bytes; `BasicTable.pageBytes` is the one to use. */
        readonly pageBytes: number;
        /** Typical time to program a page, microseconds. */
        readonly typicalUs: number;
        /** Longest time to program a page, microseconds. */
        readonly maximumUs: number;
        /** Typical time of the chip erase, milliseconds. */
        readonly chipEraseTypicalMs: number;
        /**
         * Longest time of the chip erase, milliseconds. It uses the larger multiplier of dwords 10 and 11, and is at
         * least twice the time of all blocks one by one.
         */
        readonly chipEraseMaximumMs: number;
      }
    | undefined;
}

/** Units of the times of dword 10. */
export const ERASE_UNITS_MS = [1, 16, 128, 1000] as const;
/** Units of the chip erase of dword 11. */
export const CHIP_ERASE_UNITS_MS = [16, 256, 4_000, 64_000] as const;
const ADDRESS_BYTES = ["3", "3 or 4", "4"] as const;
/** No known part erases less with a command. */
const SMALLEST_ERASE_BYTES = 256;
/** What a write granularity of "64 bytes or more" promises; and the page of all parts whose table has no page size. */
const GRANULE_BYTES = 64;
const USUAL_PAGE_BYTES = 256;
/** No opcode of an erase: an absent type. */
const NO_OPCODE = new Set([0x00, 0xff]);

/**
 * Decodes the basic flash parameter table from its dwords, at least 9 of them. A table that contradicts itself is
 * refused with a reason.
 */
export function parseBasicTable(dwords: readonly number[]): Parsed<BasicTable> {
  const capacityBytes = capacityOf(dword(dwords, 2));
  if (typeof capacityBytes === "string") return refused(capacityBytes);
  const addressBytes = ADDRESS_BYTES[bits(dword(dwords, 1), 18, 17)];
  if (addressBytes === undefined) return refused("the table's number of address bytes is a reserved value");
  const eraseTypes = eraseTypesOf(dwords);
  if (eraseTypes.length === 0) return refused("the table lists no erase command");
  const odd = eraseTypes.find((type) => capacityBytes % type.sizeBytes !== 0);
  if (odd !== undefined) return refused(`erase type ${odd.type} of ${odd.sizeBytes} bytes does not divide the chip`);
  const tiny = eraseTypes.find((type) => type.sizeBytes < SMALLEST_ERASE_BYTES);
  if (tiny !== undefined) return refused(`erase type ${tiny.type} of ${tiny.sizeBytes} bytes is not possible`);
  const program = hasTimes(dwords, 11) ? { program: programOf(dwords, capacityBytes, eraseTypes) } : {};
  return { ok: true, value: { capacityBytes, addressBytes, pageBytes: pageBytesOf(dwords), eraseTypes, ...program } };
}

/** Whether a dword of times is there and was filled in. */
export function hasTimes(dwords: readonly number[], number: number): boolean {
  const value = dwords[number - 1];
  return isGiven(value) && value !== 0;
}

function pageBytesOf(dwords: readonly number[]): number {
  const takes64 = bit(dword(dwords, 1), 2);
  if (!hasTimes(dwords, 11)) return takes64 ? USUAL_PAGE_BYTES : 1;
  return Math.max(takes64 ? GRANULE_BYTES : 1, 2 ** bits(dword(dwords, 11), 7, 4));
}

/** Dword 2: bits minus one, or with bit 31 set an exponent. A sentence where it gives no size of a real chip. */
export function capacityOf(density: number): number | string {
  const bitCount = bits(density, 31, 31) === 1 ? 2 ** bits(density, 30, 0) : bits(density, 30, 0) + 1;
  const bytes = bitCount / 8;
  const isPowerOfTwo = Number.isSafeInteger(bytes) && bytes > 0 && Number.isInteger(Math.log2(bytes));
  if (!isPowerOfTwo || bytes < 1024 || bytes > 2 ** 32) return "the table's density is not possible for a flash chip";
  return bytes;
}

function eraseTypesOf(dwords: readonly number[]): SfdpEraseType[] {
  const fields = [8, 9].flatMap((number) => [bits(dword(dwords, number), 15, 0), bits(dword(dwords, number), 31, 16)]);
  const types: SfdpEraseType[] = [];
  fields.forEach((field, index) => {
    const exponent = field & 0xff;
    const opcode = field >>> 8;
    if (exponent === 0 || exponent > 31 || NO_OPCODE.has(opcode)) return;
    if (types.some((type) => type.sizeBytes === 2 ** exponent)) return;
    types.push({ type: index + 1, sizeBytes: 2 ** exponent, opcode, ...eraseTimes(dwords, index) });
  });
  return types.toSorted((a, b) => a.sizeBytes - b.sizeBytes);
}

/** Dword 10: multiplier in bits 3:0, then seven bits a type. */
function eraseTimes(
  dwords: readonly number[],
  index: number,
): { typicalMs?: number | undefined; maximumMs?: number | undefined } {
  if (!hasTimes(dwords, 10)) return {};
  const times = dword(dwords, 10);
  const low = 4 + 7 * index;
  const typicalMs = (bits(times, low + 4, low) + 1) * (ERASE_UNITS_MS[bits(times, low + 6, low + 5)] ?? 1);
  return { typicalMs, maximumMs: typicalMs * multiplier(times) };
}

/** Dword 11. */
function programOf(dwords: readonly number[], capacityBytes: number, eraseTypes: readonly SfdpEraseType[]) {
  const times = dword(dwords, 11);
  const typicalUs = (bits(times, 12, 8) + 1) * (bits(times, 13, 13) === 1 ? 64 : 8);
  const chipEraseTypicalMs = (bits(times, 28, 24) + 1) * (CHIP_ERASE_UNITS_MS[bits(times, 30, 29)] ?? 16);
  const largest = eraseTypes.at(-1);
  const oneByOneMs = largest === undefined ? 0 : (capacityBytes / largest.sizeBytes) * (largest.typicalMs ?? 0);
  const factor = Math.max(multiplier(times), hasTimes(dwords, 10) ? multiplier(dword(dwords, 10)) : 0);
  return {
    pageBytes: 2 ** bits(times, 7, 4),
    typicalUs,
    maximumUs: typicalUs * multiplier(times),
    chipEraseTypicalMs,
    chipEraseMaximumMs: Math.max(chipEraseTypicalMs * factor, 2 * oneByOneMs),
  };
}

/** From a typical time to the longest, as dwords 10 and 11 have it. */
export function multiplier(value: number): number {
  return 2 * (bits(value, 3, 0) + 1);
}
