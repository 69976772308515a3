/** What the sector protection and lockdown registers of an AT45 cover. */
import type { At45Sectors } from "../chip-descriptor.ts";
import type { ProtectionState } from "../chip-driver.ts";
import { type ByteRange, rangeEnd } from "../geometry.ts";
import { STATUS_1_PROTECT } from "./status.ts";

/** Byte 0 of both registers holds sector 0a in bits 7..6 and 0b in bits 5..4; each further byte is one sector. */
const SECTOR_0A_BITS = 0xc0;
const SECTOR_0B_BITS = 0x30;

/** Length of the protection and of the lockdown register: 0a and 0b share a byte. */
export function sectorRegisterBytes(sectors: At45Sectors): number {
  return 1 + sectors.otherCount;
}

/**
 * The protection register counts only while status bit 1 says that protection is enabled; lockdown always counts.
 * Anything but 0 in a sector's bits counts as set: a damaged register must not look like no protection.
 */
export function protectionFromRegisters(
  sectors: At45Sectors,
  pageBytes: number,
  status1: number,
  protection: Uint8Array,
  lockdown: Uint8Array,
): ProtectionState {
  const enabled = (status1 & STATUS_1_PROTECT) !== 0;
  const ranges = sectorRanges(sectors, pageBytes).filter(
    (_, index) => (enabled && sectorBits(protection, index) !== 0) || sectorBits(lockdown, index) !== 0,
  );
  return {
    ranges: mergeNeighbours(ranges),
    registers: [{ name: "status", value: status1 }, ...named("protection", protection), ...named("lockdown", lockdown)],
    heldBy: enabled
      ? "sector protection, enabled by command or by the WP# pin, and sector lockdown"
      : "sector lockdown, which nothing can undo",
  };
}

function sectorRanges(sectors: At45Sectors, pageBytes: number): ByteRange[] {
  const ranges: ByteRange[] = [
    { address: 0, lengthBytes: sectors.pages0a * pageBytes },
    { address: sectors.pages0a * pageBytes, lengthBytes: sectors.pages0b * pageBytes },
  ];
  const first = (sectors.pages0a + sectors.pages0b) * pageBytes;
  const lengthBytes = sectors.otherPages * pageBytes;
  for (let index = 0; index < sectors.otherCount; index += 1) {
    ranges.push({ address: first + index * lengthBytes, lengthBytes });
  }
  return ranges;
}

/** Sector 0 is 0a, 1 is 0b, 2 is the sector that data sheets call 1. */
function sectorBits(register: Uint8Array, index: number): number {
  if (index === 0) return (register[0] ?? 0) & SECTOR_0A_BITS;
  if (index === 1) return (register[0] ?? 0) & SECTOR_0B_BITS;
  return register[index - 1] ?? 0;
}

function mergeNeighbours(ranges: readonly ByteRange[]): ByteRange[] {
  const merged: ByteRange[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && rangeEnd(last) === range.address) {
      merged[merged.length - 1] = { address: last.address, lengthBytes: last.lengthBytes + range.lengthBytes };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

function named(register: string, bytes: Uint8Array): { name: string; value: number }[] {
  return Array.from(bytes, (value, index) => ({ name: `${register} byte ${index}`, value }));
}
