/**
 * A lock a block in the place of the BP bits (WPS in status register 3): 4 KiB each in the first and the last 64 KiB, 64 KiB
 * between. All are set at power-up (datasheets of W25Q64JV, W25Q128JV; at25.md names them for other families).
 */
import { type ByteRange, rangeIntersection } from "../../../../drivers/geometry.ts";
import type { Command } from "../core/spi-chip.ts";

const SECTOR = 4 * 1024;
const BLOCK = 64 * 1024;
const SET = 1;

/** What these commands need of the chip. */
export interface BlockLockHost {
  readonly capacityBytes: number;
  /** One byte a lock, 0 if it is open. */
  readonly state: { locks: Uint8Array };
  readonly addressBytes: 3 | 4;
  /** Address of a head within the chip. */
  addressOf(head: readonly number[], addressBytes: 3 | 4, nowNs: number): number;
  /** Takes the write-enable latch; false, and a broken rule noted, where it was clear. */
  takeLatch(opcode: number, nowNs: number): boolean;
}

/** The ranges of all locks, from address 0 on. */
function lockRanges(capacityBytes: number): readonly ByteRange[] {
  const ranges: ByteRange[] = [];
  for (let address = 0; address < capacityBytes; ) {
    const isEdge = address < BLOCK || address >= capacityBytes - BLOCK;
    const lengthBytes = isEdge ? SECTOR : BLOCK;
    ranges.push({ address, lengthBytes });
    address += lengthBytes;
  }
  return ranges;
}

/** As after power-up. */
export function allLocked(capacityBytes: number): Uint8Array {
  return new Uint8Array(lockRanges(capacityBytes).length).fill(SET);
}

/** Whether a lock that is set covers some of the range. */
export function isLocked(locks: Uint8Array, range: ByteRange, capacityBytes: number): boolean {
  return lockRanges(capacityBytes).some(
    (own, index) => locks[index] !== 0 && rangeIntersection(own, range) !== undefined,
  );
}

/** Adds what reads and changes the locks. */
export function addBlockLocks(table: Map<number, Command>, host: BlockLockHost): void {
  const ranges = lockRanges(host.capacityBytes);
  const lockAt = (address: number): number => ranges.findIndex((range) => address < range.address + range.lengthBytes);
  const headBytes = 1 + host.addressBytes;
  let address = 0;
  const begin = (head: readonly number[], nowNs: number): void => {
    address = host.addressOf(head, host.addressBytes, nowNs);
  };
  const one = (opcode: number, value: number): Command => ({
    headBytes,
    isRead: false,
    begin,
    end: (_, nowNs) => {
      if (host.takeLatch(opcode, nowNs)) host.state.locks = host.state.locks.with(lockAt(address), value);
    },
  });
  const all = (opcode: number, value: number): Command => ({
    headBytes: 1,
    isRead: false,
    end: (_, nowNs) => {
      if (host.takeLatch(opcode, nowNs)) host.state.locks = new Uint8Array(ranges.length).fill(value);
    },
  });
  table.set(0x36, one(0x36, SET));
  table.set(0x39, one(0x39, 0));
  table.set(0x3d, { headBytes, isRead: true, begin, answer: () => host.state.locks[lockAt(address)] ?? 0 });
  table.set(0x7e, all(0x7e, SET));
  table.set(0x98, all(0x98, 0));
}
