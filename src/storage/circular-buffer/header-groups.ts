/** Sector headers that were met on a flash, by their magic. Pure; its memory is bounded, whatever the flash holds. */
import { decodeHeader, ERASED_MAGIC } from "./format.ts";
import type { Start } from "./sector-size.ts";

/** Headers that are remembered, and magics that are distinguished: a dump of anything has many. */
const MAX_STARTS = 65_536;
const MAX_MAGICS = 4096;

/** The sectors of one magic. */
export interface HeaderGroup {
  /** Of the first of them. */
  readonly version: number;
  count: number;
  /** The first of them, in order of place. */
  readonly starts: Start[];
}

export class HeaderGroups {
  /** By magic. */
  readonly groups = new Map<number, HeaderGroup>();
  readonly #erasedByte: number;
  readonly #wanted: number | undefined;
  #kept = 0;

  /** `wanted`: the only magic that counts; all do if it is undefined. */
  constructor(erasedByte: number, wanted?: number) {
    this.#erasedByte = erasedByte;
    this.#wanted = wanted;
  }

  /** Takes the 8 bytes at the start of block `block`; blocks come in order. */
  note(block: number, bytes: Uint8Array): void {
    // Every header has the erased byte in its sixth place, and something in version or number.
    if (bytes[5] !== this.#erasedByte || bytes.subarray(4, 8).every((byte) => byte === this.#erasedByte)) return;
    const header = decodeHeader(bytes, ERASED_MAGIC, this.#erasedByte);
    if (header.kind !== "foreign" || (this.#wanted !== undefined && this.#wanted !== header.magic)) return;
    let group = this.groups.get(header.magic);
    if (group === undefined && this.groups.size < MAX_MAGICS) {
      group = { version: bytes[4] ?? 0, count: 0, starts: [] };
      this.groups.set(header.magic, group);
    }
    if (group === undefined) return;
    group.count++;
    if (this.#kept++ < MAX_STARTS) group.starts.push({ block, id: (bytes[6] ?? 0) | ((bytes[7] ?? 0) << 8) });
  }
}
