/**
 * From the bytes of one sector of an FCB2 to its entries. Pure; every input ends, and nothing outside of the bytes is
 * looked at.
 */
import { firstElementOffset } from "../circular-buffer/format.ts";
import { decodeDirectory, directoryOffset, isChecked, storedBytes } from "./format.ts";

export type Fcb2Item =
  | {
      readonly kind: "entry";
      /** Number in the directory, from 1. */
      readonly number: number;
      /** Where the data begins in the sector. */
      readonly offset: number;
      /** A view, not a copy. */
      readonly data: Uint8Array;
    }
  | { readonly kind: "damage"; readonly offset: number; readonly lengthBytes: number; readonly reason: string };

/** Entries and damage of a sector, in the order of its directory; `bytes` is the whole sector. */
export function* walkFcb2Sector(bytes: Uint8Array, alignBytes: number): Generator<Fcb2Item, void> {
  const start = firstElementOffset(alignBytes);
  // Behind the data so far: what lies before is not a directory.
  let dataEnd = start;
  for (let number = 1; ; number++) {
    const at = directoryOffset(bytes.length, number, alignBytes);
    if (at < dataEnd) return;
    const entry = decodeDirectory(bytes, at);
    if (entry === undefined) return;
    const lengthBytes = directoryOffset(bytes.length, number - 1, alignBytes) - at;
    if (entry.kind === "wrong") {
      yield { kind: "damage", offset: at, lengthBytes, reason: "a directory entry with a wrong check byte" };
      continue;
    }
    const { offset, length } = entry;
    if (offset < start || length === 0 || offset + storedBytes(length, alignBytes) > at) {
      yield { kind: "damage", offset: at, lengthBytes, reason: "a directory entry that points outside of the data" };
      continue;
    }
    dataEnd = Math.max(dataEnd, offset + storedBytes(length, alignBytes));
    if (isChecked(bytes, offset, length, alignBytes)) {
      yield { kind: "entry", number, offset, data: bytes.subarray(offset, offset + length) };
    } else {
      const reason = `an entry of ${length} bytes with a wrong check value`;
      yield { kind: "damage", offset, lengthBytes: storedBytes(length, alignBytes), reason };
    }
  }
}

/** What a sector holds, counted. */
export function tallyFcb2(bytes: Uint8Array, alignBytes: number): { readonly right: number; readonly wrong: number } {
  let [right, wrong] = [0, 0];
  for (const { kind } of walkFcb2Sector(bytes, alignBytes)) {
    if (kind === "entry") right++;
    else wrong++;
  }
  return { right, wrong };
}
