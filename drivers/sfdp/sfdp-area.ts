/**
 * The SFDP area (JESD216) as bytes: its header, the list of parameter tables, and where the basic table lies.
 *
 * Byte map, all little-endian:
 *
 *     0..3    "SFDP" (53 46 44 50)
 *     4, 5    minor, major revision; major 1 is known
 *     6       number of parameter headers minus one
 *     7       access protocol, FFh on most parts; not used
 *     8 + 8n  header n: ID low byte, minor, major, length in dwords, 24-bit byte pointer, ID high byte
 *
 * Example: `53464450 060101ff 00060110 300000ff 1f000102 800000 01` has the basic table FF00h, revision 1.6, 16 dwords
 * at 000030h, and a vendor's table 011Fh that is passed over.
 */

export const SFDP_SIGNATURE = Uint8Array.of(0x53, 0x46, 0x44, 0x50);
/** Signature, revisions and the count of headers. */
export const SFDP_HEADER_BYTES = 8;
const PARAMETER_HEADER_BYTES = 8;
const BASIC_TABLE_ID = 0xff00;
/** The first edition of the basic table has 9 dwords; fewer are not a table. */
const BASIC_TABLE_MIN_DWORDS = 9;
/**
 * Dwords of the basic table by its minor revision: JESD216 (1.0), A and B (1.5, 1.6), C (1.7), D and later (1.8). Some
 * areas declare more than they have; what follows the table then reads FF or belongs to another table.
 */
const BASIC_TABLE_DWORDS: readonly (readonly [firstMinor: number, dwords: number])[] = [
  [8, 23],
  [7, 20],
  [5, 16],
  [0, 9],
];
/** The standard gives the table of 4-byte commands two dwords. */
const FOUR_BYTE_TABLE_ID = 0xff84;
const FOUR_BYTE_TABLE_DWORDS = 2;
const NOT_GIVEN = 0xffffffff;

/** One parameter header of the SFDP area (JESD216): a table and where it is. */
export interface SfdpTable {
  /** Table ID, 16 bits. FF00h is the basic flash parameter table. */
  readonly id: number;
  /** Major revision of the table. */
  readonly major: number;
  /** Minor revision of the table. */
  readonly minor: number;
  /** Length of the table in dwords of 4 bytes. */
  readonly lengthDwords: number;
  /** Position of the table from the start of the area, bytes. */
  readonly pointer: number;
}

/** A parsed value, or the reason why there is none. */
export type Parsed<T> =
  | {
      /** The value is valid. */
      readonly ok: true;
      /** The parsed value. */
      readonly value: T;
    }
  | {
      /** There is no valid value. */
      readonly ok: false;
      /** Why, as a part of a sentence: "the SFDP area ends in its header". */
      readonly reason: string;
    };

export function refused(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** Whether a response to 5Ah at address 0 starts with the SFDP signature, 53 46 44 50. */
export function hasSfdpSignature(area: Uint8Array): boolean {
  return SFDP_SIGNATURE.every((byte, index) => area[index] === byte);
}

/**
 * Lists the tables of the SFDP area, in its order. Refused without the signature, with a major revision other than 1,
 * or if the area ends before its last header.
 */
export function parseSfdpTables(area: Uint8Array): Parsed<readonly SfdpTable[]> {
  if (!hasSfdpSignature(area)) return refused("the SFDP signature is missing");
  if (area.length < SFDP_HEADER_BYTES) return refused("the SFDP area ends in its header");
  const view = viewOf(area);
  const major = view.getUint8(5);
  if (major !== 1) return refused(`SFDP revision ${major}.${view.getUint8(4)} is not supported`);
  const count = view.getUint8(6) + 1;
  const tables: SfdpTable[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = SFDP_HEADER_BYTES + index * PARAMETER_HEADER_BYTES;
    if (at + PARAMETER_HEADER_BYTES > area.length) {
      return refused(`the SFDP area declares ${count} parameter headers but ends in header ${index + 1}`);
    }
    tables.push({
      id: view.getUint8(at) | (view.getUint8(at + 7) << 8),
      minor: view.getUint8(at + 1),
      major: view.getUint8(at + 2),
      lengthDwords: view.getUint8(at + 3),
      pointer: view.getUint8(at + 4) | (view.getUint8(at + 5) << 8) | (view.getUint8(at + 6) << 16),
    });
  }
  return { ok: true, value: tables };
}

/**
 * Finds the basic flash parameter table (ID FF00h, major revision 1). Of several, takes the highest minor revision,
 * then the longest; one that cannot be in the `areaBytes` that were read comes after all that can. Refused if there is
 * none or it has fewer than 9 dwords.
 */
export function findBasicTable(tables: readonly SfdpTable[], areaBytes = Infinity): Parsed<SfdpTable> {
  const isThere = (table: SfdpTable): number => (tableEnd(table) <= areaBytes ? 1 : 0);
  const isWhole = (table: SfdpTable): number => (table.lengthDwords < BASIC_TABLE_MIN_DWORDS ? 0 : 1);
  const found = tables
    .filter((table) => table.id === BASIC_TABLE_ID && table.major === 1)
    .toSorted(
      (a, b) =>
        isThere(b) - isThere(a) || isWhole(b) - isWhole(a) || b.minor - a.minor || usedDwords(b) - usedDwords(a),
    )[0];
  if (found === undefined) return refused("the SFDP area lists no basic flash parameter table of a known revision");
  if (found.lengthDwords < BASIC_TABLE_MIN_DWORDS) {
    return refused(`the basic flash parameter table has ${found.lengthDwords} dwords; the minimum is 9`);
  }
  return { ok: true, value: found };
}

/** How many dwords of a table count: as many as it declares, and no more than its revision has. */
function usedDwords({ id, minor, lengthDwords }: SfdpTable): number {
  if (id === FOUR_BYTE_TABLE_ID) return Math.min(lengthDwords, FOUR_BYTE_TABLE_DWORDS);
  if (id !== BASIC_TABLE_ID) return lengthDwords;
  const most = BASIC_TABLE_DWORDS.find(([firstMinor]) => minor >= firstMinor)?.[1] ?? BASIC_TABLE_MIN_DWORDS;
  return Math.min(lengthDwords, most);
}

/** Where the used part of a table ends, bytes from the start of the area. */
export function tableEnd(table: SfdpTable): number {
  return table.pointer + 4 * usedDwords(table);
}

/**
 * The dwords of a table, 32 bits each, and no more of them than its revision has. Refused if the table ends after the
 * bytes that were read.
 */
export function tableDwords(area: Uint8Array, table: SfdpTable): Parsed<readonly number[]> {
  const end = tableEnd(table);
  if (end > area.length) {
    return refused(`the basic flash parameter table ends at byte ${end} and only ${area.length} bytes were read`);
  }
  const view = viewOf(area);
  const dwords = Array.from({ length: usedDwords(table) }, (_, index) =>
    view.getUint32(table.pointer + 4 * index, true),
  );
  return { ok: true, value: dwords };
}

/** Whether a dword has a value: all ones is what lies beyond the end of a table, and no value of any field. */
export function isGiven(value: number | undefined): value is number {
  return value !== undefined && value !== NOT_GIVEN;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
