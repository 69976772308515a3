/** Builders for the erase units of catalogue entries, so that an entry reads as a table. */
import type { EraseUnit } from "./geometry.ts";

/** Typical and longest time of one block, milliseconds as datasheets give them. */
export interface EraseTimesMs {
  readonly typicalMs: number;
  readonly maximumMs: number;
}

/** A unit whose blocks of one size tile the chip. `capacityBytes` is a multiple of `unitBytes`. */
export function uniformEraseUnit(
  name: string,
  capacityBytes: number,
  unitBytes: number,
  times: EraseTimesMs,
): EraseUnit {
  return {
    name,
    regions: [
      {
        address: 0,
        unitBytes,
        count: capacityBytes / unitBytes,
        typicalUs: times.typicalMs * 1000,
        maximumUs: times.maximumMs * 1000,
      },
    ],
  };
}

/** The chip erase: one block. Its unit is always the last of a geometry. */
export function chipEraseUnit(capacityBytes: number, times: EraseTimesMs): EraseUnit {
  return uniformEraseUnit(CHIP_ERASE_UNIT_NAME, capacityBytes, capacityBytes, times);
}

export const CHIP_ERASE_UNIT_NAME = "chip";

const KIB = 1024;

/** "4 KiB sector", "64 KiB block", "256-byte page". */
export function eraseUnitName(sizeBytes: number): string {
  if (sizeBytes < KIB) return `${sizeBytes}-byte page`;
  return `${sizeBytes / KIB} KiB ${sizeBytes <= 4 * KIB ? "sector" : "block"}`;
}
