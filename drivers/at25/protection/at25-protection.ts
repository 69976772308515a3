/** The scheme of protection that a part has. */
import type { At25Protection } from "../../chip-descriptor.ts";
import { blockRegisterScheme } from "./block-register.ts";
import { bpBitsScheme } from "./bp-bits.ts";
import type { ProtectionScheme } from "./register-write.ts";
import { sectorRegistersScheme } from "./sector-registers.ts";
import { bp0Scheme, bpMaskScheme, unknownScheme } from "./status-bits.ts";

export function at25Protection(protection: At25Protection, capacityBytes: number): ProtectionScheme {
  switch (protection.scheme) {
    case "bp-sec-tb-cmp":
      return bpBitsScheme(capacityBytes, protection.write, protection.hasVolatileWrite);
    case "bp-mask":
      return bpMaskScheme(capacityBytes, protection.mask, protection.globalUnlockOpcode);
    case "bp0":
      return bp0Scheme(capacityBytes);
    case "sector-registers":
      return sectorRegistersScheme(protection.sectors);
    case "block-register":
      return blockRegisterScheme(capacityBytes, protection.registerBytes);
    case "unknown":
      return unknownScheme(capacityBytes);
  }
}
