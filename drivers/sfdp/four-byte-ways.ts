/**
 * How a chip above 16 MiB takes addresses of four bytes, by what its SFDP area reports and what all parts with its ID share.
 *
 * In this order: the table of 4-byte commands (FF84h); dedicated commands by dword 16 of the basic table; the mode of
 * four address bytes, by dword 16 or by the ID; otherwise none, and the chip is refused. Addresses of three bytes are
 * never a way out: above 16 MiB they begin again at 0.
 */
import type { FourByteMode } from "../chip-descriptor.ts";
import { fourByteModeOf } from "../four-byte-mode.ts";
import { bit, bits, dword } from "./dwords.ts";
import type { BasicTable } from "./basic-table.ts";
import { isGiven, type Parsed, refused, type SfdpTable, tableDwords } from "./sfdp-area.ts";

const MIB = 1024 * 1024;
/** What three address bytes reach. */
const MAX_CAPACITY_BYTES = 16 * MIB;
const FOUR_BYTE_TABLE_ID = 0xff84;
/** Dword 1 of the table of 4-byte commands: fast read 0Ch, page program 12h, then a bit an erase type. */
const FOUR_BYTE_READ_BIT = 1;
const FOUR_BYTE_PROGRAM_BIT = 6;
const FOUR_BYTE_ERASE_BIT = 9;
/** Dword 16, bits 31:24 and 23:14: how four address bytes are entered and left. */
const ENTER_MODE = 0b11;
const DEDICATED_BIT = 5;
const LEAVE_MODE = 0b11;
/** The erase with four address bytes of the one with three, on every part of five catalogues that has both. */
const DEDICATED_ERASES: ReadonlyMap<number, number> = new Map([
  [0x20, 0x21],
  [0x52, 0x5c],
  [0xd8, 0xdc],
]);

/** How addresses are sent. */
export type AddressWay =
  | {
      /** Three bytes reach all of the chip. */
      readonly kind: "three";
    }
  | {
      /** Commands that take four bytes in every mode: opcodes by number of the erase type. */
      readonly kind: "dedicated";
      readonly erases: ReadonlyMap<number, number>;
      /** Whether a table names these erases with their types; otherwise they are those of all other parts. */
      readonly isListed: boolean;
    }
  | {
      /** The commands of three bytes take four in this mode. */
      readonly kind: "mode";
      readonly mode: FourByteMode;
    };

/** What is known of the chip besides its area. */
export interface KnownOfPart {
  /** Manufacturer, and two bytes of device. */
  readonly jedecId: readonly number[];
  /** All parts with this ID have the mode of four address bytes (B7h, E9h). */
  readonly hasFourByteMode: boolean;
}

/** The way for the chip of this area; refused with a reason if there is none. */
export function addressWayOf(
  area: Uint8Array,
  table: BasicTable,
  dwords: readonly number[],
  tables: readonly SfdpTable[],
  known: KnownOfPart,
): Parsed<AddressWay> {
  if (table.capacityBytes <= MAX_CAPACITY_BYTES) {
    return table.addressBytes === "4"
      ? refused("the chip supports only four address bytes")
      : { ok: true, value: { kind: "three" } };
  }
  const listed = listedCommands(area, table, tables);
  if (listed.ok && listed.value.size > 0) {
    return { ok: true, value: { kind: "dedicated", erases: listed.value, isListed: true } };
  }
  const ways = isGiven(dwords[15]) ? dwords[15] : 0;
  const enter = bits(ways, 31, 24);
  const usable = enter === 0xff ? 0 : enter;
  if (bit(usable, DEDICATED_BIT)) {
    const erases = new Map<number, number>();
    for (const { type, opcode } of table.eraseTypes) {
      const own = DEDICATED_ERASES.get(opcode);
      if (own !== undefined) erases.set(type, own);
    }
    if (erases.size > 0) return { ok: true, value: { kind: "dedicated", erases, isListed: false } };
  }
  const hasMode = (usable & ENTER_MODE) !== 0 && (bits(ways, 23, 14) & LEAVE_MODE) !== 0;
  if (hasMode || known.hasFourByteMode) {
    return { ok: true, value: { kind: "mode", mode: fourByteModeOf(known.jedecId) } };
  }
  const missing = `the chip has ${table.capacityBytes / MIB} MiB, but three address bytes address only 16 MiB`;
  return refused(`${missing}, and ${listed.ok ? "no erase command with four is listed" : listed.reason}`);
}

/** Opcodes with four address bytes by number of the erase type, or the end of a sentence that says why there are none. */
function listedCommands(
  area: Uint8Array,
  table: BasicTable,
  tables: readonly SfdpTable[],
): Parsed<ReadonlyMap<number, number>> {
  const places = tables.filter(({ id }) => id === FOUR_BYTE_TABLE_ID);
  if (places.length === 0) return refused("it lists no commands with four");
  const read = places.map((place) => tableDwords(area, place));
  const found = read.find((dwords) => dwords.ok && isGiven(dwords.value[0]) && dwords.value[1] !== undefined);
  if (found?.ok !== true) return refused("its list of commands with four cannot be read");
  const support = dword(found.value, 1);
  if (!bit(support, FOUR_BYTE_READ_BIT) || !bit(support, FOUR_BYTE_PROGRAM_BIT)) {
    return refused("read 0Ch and program 12h with four are not listed");
  }
  const opcodes = dword(found.value, 2);
  const commands = new Map<number, number>();
  for (const { type } of table.eraseTypes) {
    const opcode = bits(opcodes, 8 * type - 1, 8 * (type - 1));
    if (bit(support, FOUR_BYTE_ERASE_BIT + type - 1) && opcode !== 0xff) commands.set(type, opcode);
  }
  return { ok: true, value: commands };
}

/** The one opcode that all these types have with four address bytes. */
export function sharedOpcode(
  commands: ReadonlyMap<number, number>,
  types: readonly { readonly type: number }[],
): number | undefined {
  const opcodes = new Set(types.map(({ type }) => commands.get(type)));
  return opcodes.size === 1 ? [...opcodes][0] : undefined;
}
