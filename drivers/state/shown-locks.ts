/** A part that shows a lock for each block in force, though no source of its entry lists such locks. */
import type { BlockLocks, ChipDescriptor } from "../chip-descriptor.ts";

/** WPS, bit 2 of status register 3, on the makers whose register is asked for it (`stateFamilyOf`). */
const WPS: BlockLocks = { inForce: [{ register: "SR3", mask: 0x04 }], readOpcode: 0x3d };

/**
 * The part with the locks that were found in force when the chip was opened: its protection reads and opens them. Without
 * them its block protection bits would count, which the chip ignores then.
 */
export function withShownLocks(part: ChipDescriptor): ChipDescriptor {
  if (part.family !== "at25" || part.blockLocks !== undefined) return part;
  const { moreRegisters = [] } = part;
  return {
    ...part,
    blockLocks: WPS,
    moreRegisters: moreRegisters.includes("SR3") ? moreRegisters : [...moreRegisters, "SR3"],
  };
}
