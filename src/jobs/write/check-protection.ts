/** Refuses a job before anything is changed, if its target touches a protected range. */
import { rangeIntersection, smallestEraseUnit } from "../../../drivers/geometry.ts";
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { blocksTouched, type Target } from "../target.ts";

const LIFT_HINT = advice(
  "Nothing was changed. Lift the protection, or choose another range.",
  "allow-lifting-protection",
  "remove-protection",
);

/** Throws EROFS; CHIP_MISSING or CHIP_CHANGED if the chip is gone. */
export async function checkProtection(device: FlashDevice, target: Target, operation: string): Promise<void> {
  const { ranges, heldBy } = await device.protectedRanges();
  if (ranges.length === 0) return;
  for (const block of blocksTouched(target, smallestEraseUnit(device.geometry))) {
    for (const range of ranges) {
      const shared = rangeIntersection(range, block);
      if (shared === undefined) continue;
      // A chip that is gone reads FF, which looks like every protection bit set.
      await device.checkIdentity();
      throw new NorbridgeError("EROFS", `${operation}: ${formatRange(range)} is protected by ${heldBy}`, {
        operation,
        range: { address: range.address, lengthBytes: range.lengthBytes },
        hint: device.services?.protection.control === undefined ? undefined : LIFT_HINT,
      });
    }
  }
}
