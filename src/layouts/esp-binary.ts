/** The partition table of ESP-IDF in binary form: alone, or in the image of a flash. Pure. */
import {
  DEFAULT_TABLE_OFFSET,
  decodeEspTable,
  type EspTable,
  MAX_ROWS_BYTES,
  startsTable,
} from "./esp-partition-table.ts";
import { espTypeText } from "./esp-types.ts";
import type { Layout, LayoutBytes } from "./layout.ts";

/** Tables begin at multiples of this. */
const STEP_BYTES = 4096;
/** The last place that is searched: a project can move the table, but keeps it before the first app. */
const LAST_PLACE = 0x40000;
const MAGIC_BYTES = 2;

/** A table and where it stands. */
export interface FoundEspTable {
  readonly offset: number;
  readonly table: EspTable;
}

/**
 * The table at the start (a table alone), at 0x8000, or at another place before 256 KiB with a valid MD5; undefined
 * without one.
 */
export async function findEspTable(bytes: LayoutBytes): Promise<FoundEspTable | undefined> {
  const usual = [0, DEFAULT_TABLE_OFFSET];
  for (let place = STEP_BYTES; place <= LAST_PLACE; place += STEP_BYTES) usual.push(place);
  for (const offset of new Set(usual)) {
    if (offset + MAGIC_BYTES > bytes.lengthBytes || !startsTable(await bytes.read(offset, MAGIC_BYTES))) continue;
    const rowBytes = Math.min(MAX_ROWS_BYTES, bytes.lengthBytes - offset);
    const table = decodeEspTable(await bytes.read(offset, rowBytes));
    if (offset === 0 || offset === DEFAULT_TABLE_OFFSET || table.isMd5Valid === true) return { offset, table };
  }
  return undefined;
}

/** Why a table cannot be used; undefined if it can. */
export function espTableProblem({ partitions, isMd5Valid, problem }: EspTable): string | undefined {
  if (problem !== undefined) return `the partition table is damaged: byte ${problem.offset}: ${problem.text}`;
  if (isMd5Valid === false) return "the partition table is damaged: its MD5 does not match";
  if (partitions.length === 0) return "the partition table is empty";
  const names = partitions.map(({ name }) => name);
  const second = names.find((one, index) => names.indexOf(one) < index);
  return second === undefined ? undefined : `the partition table has two partitions with the name ${second}`;
}

/** A table without a problem as a layout. */
export function espTableLayout({ partitions }: EspTable): Layout {
  const regions = partitions
    .filter(({ lengthBytes }) => lengthBytes > 0)
    .map(({ name, type, subtype, offset, lengthBytes }) => {
      return { name, address: offset, lengthBytes, about: espTypeText(type, subtype) };
    });
  return { kind: "esp-partitions", regions, notes: [] };
}
