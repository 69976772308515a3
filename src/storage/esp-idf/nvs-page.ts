/** The header of a page of ESP-IDF's NVS; see FORMAT.md. Pure. */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { isFilledWith } from "../../bytes.ts";
import { u32 } from "../little-endian.ts";

/** A page, bytes. */
export const PAGE_BYTES = 4096;
/** Its header, bytes. */
export const PAGE_HEADER_BYTES = 32;

const STATES = new Set([0xfffffffe, 0xfffffffc, 0xfffffff8, 0xfffffff0]);
const VERSIONS: ReadonlyMap<number, number> = new Map([
  [0xff, 1],
  [0xfe, 2],
]);
const RESERVED = { from: 9, to: 28 };

/** The version of the format, 1 or 2, if these bytes are the header of a page in use; else undefined. */
export function versionOfPage(header: Uint8Array): number | undefined {
  if (!STATES.has(u32(header, 0)) || !isFilledWith(header.subarray(RESERVED.from, RESERVED.to), 0xff)) return undefined;
  const isProved = crc32(header.subarray(4, RESERVED.to), 0xffffffff) === u32(header, RESERVED.to);
  return isProved ? VERSIONS.get(header[8] ?? 0) : undefined;
}
