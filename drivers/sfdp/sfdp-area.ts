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

/** One table of the area. */
export interface SfdpTable {
  /** FF00h is the basic flash parameter table. */
  readonly id: number;
  readonly major: number;
  readonly minor: number;
  readonly lengthDwords: number;
  /** From the start of the area, bytes. */
  readonly pointer: number;
}

/** Meaning, or the reason why there is none: a part of a sentence, "the SFDP area ends in its header". */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

export function refused(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** Whether an answer to 5Ah at address 0 starts an SFDP area. */
export function hasSfdpSignature(area: Uint8Array): boolean {
  return SFDP_SIGNATURE.every((byte, index) => area[index] === byte);
}

/** The tables that the area lists, in its order. Counts strictly: what lies behind the last header is none. */
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

/** The basic table's place: of several the highest revision, then the longest. */
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

/** The dwords of a table. */
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
