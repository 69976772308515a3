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
/** The first edition of the basic table has 9 dwords; fewer are no table. */
const BASIC_TABLE_MIN_DWORDS = 9;

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
 * then the longest. Refused if there is none or it has fewer than 9 dwords.
 */
export function findBasicTable(tables: readonly SfdpTable[]): Parsed<SfdpTable> {
  const found = tables
    .filter((table) => table.id === BASIC_TABLE_ID && table.major === 1)
    .toSorted((a, b) => b.minor - a.minor || b.lengthDwords - a.lengthDwords)[0];
  if (found === undefined) return refused("the SFDP area lists no basic flash parameter table of a known revision");
  if (found.lengthDwords < BASIC_TABLE_MIN_DWORDS) {
    return refused(`the basic flash parameter table has ${found.lengthDwords} dwords; the minimum is 9`);
  }
  return { ok: true, value: found };
}

/** The dwords of a table, 32 bits each. Refused if the table ends after the bytes that were read. */
export function tableDwords(area: Uint8Array, table: SfdpTable): Parsed<readonly number[]> {
  const end = table.pointer + 4 * table.lengthDwords;
  if (end > area.length) {
    return refused(`the basic flash parameter table ends at byte ${end} and only ${area.length} bytes were read`);
  }
  const view = viewOf(area);
  const dwords = Array.from({ length: table.lengthDwords }, (_, index) =>
    view.getUint32(table.pointer + 4 * index, true),
  );
  return { ok: true, value: dwords };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
