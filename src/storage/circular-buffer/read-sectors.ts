/** Entries of several sectors of a circular buffer, read in one stream and one sector at a time in memory. */
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { LogDamage, LogRecord } from "../record-log.ts";
import type { CircularBufferOptions } from "./format.ts";
import { walkSector } from "./sector-walk.ts";

/**
 * Entries of `sectors`, in their order. `lastBytes`: what the last of them holds, where that is known. `isFromOldest`:
 * whether the first of them is the oldest of the log, the only one in which an erase can have been cut.
 */
export async function* readSectors(
  region: FlashRegion,
  options: CircularBufferOptions,
  sectors: readonly number[],
  lastBytes: Uint8Array | undefined,
  isFromOldest: boolean,
): AsyncGenerator<LogRecord | LogDamage> {
  const { sectorBytes } = options;
  const isLastKnown = lastBytes !== undefined && lastBytes.length > 0;
  const unread = isLastKnown ? sectors.slice(0, -1) : sectors;
  const ranges = unread.map((sector) => ({ offset: sector * sectorBytes, lengthBytes: sectorBytes }));
  let index = 0;
  if (ranges.length > 0) {
    for await (const bytes of region.readMany(ranges)) {
      const isOldest = isFromOldest && index === 0;
      yield* itemsOf(bytes, sectors[index] ?? 0, options, region.erasedByte, isOldest, index === sectors.length - 1);
      index++;
    }
  }
  const last = sectors.at(-1);
  if (isLastKnown && last !== undefined) {
    yield* itemsOf(lastBytes, last, options, region.erasedByte, isFromOldest && sectors.length === 1, true);
  }
}

/**
 * An erase that was cut leaves garbage in the oldest sector, and once in 256 an 8-bit CRC fits garbage: where no more entries
 * are right than are not, all of them are unconfirmed. A damaged entry among many right ones is an append that was cut.
 */
function* itemsOf(
  bytes: Uint8Array,
  sector: number,
  options: CircularBufferOptions,
  erasedByte: number,
  isOldest: boolean,
  isLast: boolean,
): Generator<LogRecord | LogDamage> {
  const isDoubtful = isOldest && isSpoiled(bytes, options, erasedByte, isLast);
  for (const item of walkSector(bytes, options, erasedByte)) {
    if (item.kind === "end") return;
    const { offset } = item;
    if (item.kind === "damage") {
      yield { kind: "damage", sector, offset, lengthBytes: item.lengthBytes, reason: item.reason };
    } else {
      const isUnconfirmed = item.isUnconfirmed || isDoubtful;
      yield { kind: "record", sector, offset, dataOffset: item.dataOffset, data: item.data.slice(), isUnconfirmed };
    }
  }
}

function isSpoiled(bytes: Uint8Array, options: CircularBufferOptions, erasedByte: number, isLast: boolean): boolean {
  const kinds = [...walkSector(bytes, options, erasedByte)].map(({ kind }) => kind).filter((kind) => kind !== "end");
  // The last of the sector that is written to may have been cut.
  const isCut = isLast && kinds.at(-1) === "damage";
  const damaged = kinds.filter((kind) => kind === "damage").length - (isCut ? 1 : 0);
  return damaged > 0 && 2 * damaged >= kinds.length;
}
