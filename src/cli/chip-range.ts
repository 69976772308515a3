/** Ranges a person asked for, held against the chip that is there. */
import type { ByteRange, FlashGeometry } from "../../drivers/geometry.ts";
import { formatAddress, formatRange, formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";

/** `--offset` and `--length` as a range of the chip; without a length up to its end. Throws ERANGE. */
export function chipRange(
  geometry: FlashGeometry,
  offset: number,
  lengthBytes: number | undefined,
  operation: string,
): ByteRange {
  const { capacityBytes } = geometry;
  if (offset >= capacityBytes) {
    throw new NorbridgeError(
      "ERANGE",
      `--offset ${formatAddress(offset)} is after the end of the chip, which has ${formatSize(capacityBytes)}`,
      { operation },
    );
  }
  const range = { address: offset, lengthBytes: lengthBytes ?? capacityBytes - offset };
  checkInChip(geometry, range, operation);
  return range;
}

/** Throws ERANGE for a range that is not wholly on the chip. */
export function checkInChip(geometry: FlashGeometry, range: ByteRange, operation: string): void {
  const { capacityBytes } = geometry;
  if (range.address + range.lengthBytes <= capacityBytes) return;
  const excess = range.address + range.lengthBytes - capacityBytes;
  throw new NorbridgeError(
    "ERANGE",
    `${formatRange(range)} ends ${formatSize(excess)} after the end of the chip, which has ${formatSize(capacityBytes)}`,
    { operation },
  );
}

/** The whole chip. */
export function wholeChip(geometry: FlashGeometry): ByteRange {
  return { address: 0, lengthBytes: geometry.capacityBytes };
}
