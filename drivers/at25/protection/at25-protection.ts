/** The scheme of protection that a part has. */
import type { At25Descriptor, MoreRegister } from "../../chip-descriptor.ts";
import { withBlockLocks } from "./block-locks.ts";
import { blockRegisterScheme } from "./block-register.ts";
import { bpBitsScheme } from "./bp-bits.ts";
import { liftHazard } from "./lift-hazard.ts";
import type { ProtectionScheme } from "./register-write.ts";
import { sectorRegistersScheme } from "./sector-registers.ts";
import { bp0Scheme, bpMaskScheme, unknownScheme } from "./status-bits.ts";
import { CONFIGURATION, SECURITY, SR3, type StatusRegister } from "./status-registers.ts";

/** What of a part its protection depends on. */
export type ProtectedPart = Pick<
  At25Descriptor,
  "jedecId" | "addressBytes" | "protection" | "moreRegisters" | "blockLocks" | "liftErases"
>;

const MORE: Readonly<Record<MoreRegister, StatusRegister>> = {
  SR3,
  CR: CONFIGURATION,
  "security register": SECURITY,
};

/** How a part of this size is asked for its protection, and what changes it. */
export function at25Protection(part: ProtectedPart, capacityBytes: number): ProtectionScheme {
  const { blockLocks } = part;
  const base = baseScheme(part, capacityBytes);
  const scheme = blockLocks === undefined ? base : withBlockLocks(base, blockLocks, part.addressBytes, capacityBytes);
  const hazard = liftHazard(part);
  return hazard === undefined ? scheme : { read: scheme.read, detail: scheme.detail, hazard };
}

function baseScheme({ protection, moreRegisters = [] }: ProtectedPart, capacityBytes: number): ProtectionScheme {
  const more = moreRegisters.map((name) => MORE[name]);
  switch (protection.scheme) {
    case "bp-sec-tb-cmp":
      return bpBitsScheme(capacityBytes, protection, more);
    case "bp-mask":
      return bpMaskScheme(capacityBytes, protection, more);
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
