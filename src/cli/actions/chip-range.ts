/** A range of the command line on the chip that is there. */
import type { ByteRange, FlashGeometry } from "../../../drivers/geometry.ts";
import { formatAddress, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { checkInChip } from "../../jobs/target.ts";

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
  checkInChip(range, geometry, operation);
  return range;
}
