/** Protection by one call: what is protected, this range and nothing else, or nothing at all. */
import type { ProtectionState } from "../../drivers/chip-driver.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { formatRange } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";

/** Throws EINVAL if there is no chip, ERANGE if the chip cannot protect just that, EROFS if it cannot be changed. */
export async function changeProtection(
  device: FlashDevice,
  wanted: ByteRange | "lift" | "read",
): Promise<ProtectionState> {
  const operation = "change protection";
  const service = device.services?.protection;
  if (service === undefined) {
    throw new NorbridgeError("EINVAL", "there is no chip at this port, and so no protection", { operation });
  }
  const before = await service.read();
  if (wanted === "read") return before;
  const { control, noControl } = service;
  const hint = "Nothing was changed.";
  if (control === undefined) {
    throw new NorbridgeError("EROFS", `the protection of ${device.identity.name} cannot be changed`, {
      operation,
      hint: noControl ?? hint,
    });
  }
  if (before.lockedBy !== "") {
    throw new NorbridgeError("EROFS", `the protection is locked by ${before.lockedBy}`, { operation, hint });
  }
  const terms = before.terms ?? control.terms;
  const term = terms.includes("lasting") ? "lasting" : terms[0];
  const after = wanted === "lift" ? await control.lift(term) : await control.protect(wanted, term);
  const expected = wanted === "lift" || wanted.lengthBytes === 0 ? [] : [wanted];
  if (listOf(after.ranges) === listOf(expected)) return after;
  // Every register is as asked: what is left no register can change.
  throw new NorbridgeError("EROFS", `${listOf(after.ranges)} is still protected by ${after.heldBy}`, { operation });
}

function listOf(ranges: readonly ByteRange[]): string {
  return ranges.length === 0 ? "nothing" : ranges.map(formatRange).join(", ");
}
