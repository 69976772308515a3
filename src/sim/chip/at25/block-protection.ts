/**
 * Which part of an AT25SF or W25Q chip its block-protection bits cover: BP2..0 select how much, TB from which end, SEC in
 * 4 KiB steps, CMP turns it round. The table is that of the datasheets of parts of this kind (AT25SF041, W25Q64JV).
 */
import type { ByteRange } from "../../../../drivers/geometry.ts";

export interface ProtectionBits {
  /** 0 to 7. */
  readonly bp: number;
  /** From the bottom instead of the top. */
  readonly tb: boolean;
  /** In sectors of 4 KiB instead of blocks. */
  readonly sec: boolean;
  /** Everything but what the others specify. */
  readonly cmp: boolean;
}

const SECTOR = 4096;
const BLOCK = 64 * 1024;

/** The protected range, empty if nothing is. */
export function protectedRange(bits: ProtectionBits, capacityBytes: number): ByteRange {
  const length = plainLength(bits, capacityBytes);
  const covered = bits.tb
    ? { address: 0, lengthBytes: length }
    : { address: capacityBytes - length, lengthBytes: length };
  if (!bits.cmp) return covered;
  return bits.tb
    ? { address: length, lengthBytes: capacityBytes - length }
    : { address: 0, lengthBytes: capacityBytes - length };
}

/**
 * The protected range of parts with BP3..0, TB and CMP: 64 KiB for 1, twice that with every step, at most the chip; 15 is the
 * whole chip (datasheet of W25Q256JV).
 */
export function fourBitRange(bp: number, tb: boolean, cmp: boolean, capacityBytes: number): ByteRange {
  const length = bp === 0 ? 0 : bp === 15 ? capacityBytes : Math.min(capacityBytes, BLOCK * 2 ** (bp - 1));
  const lengthBytes = cmp ? capacityBytes - length : length;
  return { address: tb !== cmp ? 0 : capacityBytes - lengthBytes, lengthBytes };
}

/**
 * The protected range of Macronix parts of 8 MiB and less with BP3..0: 1 to 7 from the top as with three bits; 8 and more the
 * whole chip but what 15 less the number covers (datasheets of MX25L3206E and MX25L6405D).
 */
export function turnedRange(bp: number, capacityBytes: number): ByteRange {
  const isTurned = bp > 7;
  return protectedRange({ bp: isTurned ? 15 - bp : bp, tb: false, sec: false, cmp: isTurned }, capacityBytes);
}

function plainLength({ bp, sec }: ProtectionBits, capacityBytes: number): number {
  if (bp === 0) return 0;
  if (bp === 7) return capacityBytes;
  if (sec) return SECTOR * 2 ** Math.min(bp - 1, 3);
  return Math.min(capacityBytes, Math.max(BLOCK, capacityBytes / 64) * 2 ** (bp - 1));
}
