/**
 * What refuses programs and erases on AT25-like chips, and how SR1 shows and changes it (at25.md, sections 3 and 5). Pure
 * over the registers, which the model keeps.
 */
import { rangeIntersection, type ByteRange } from "../../../../drivers/geometry.ts";
import type { At25Part, FourBitKind, GuardKind } from "./part.ts";
import { allLocked, isLocked } from "./block-locks.ts";
import { fourBitRange, protectedRange, turnedRange } from "./block-protection.ts";

/** What the guards look at and change. */
export interface GuardState {
  liveSr1: number;
  liveSr2: number;
  liveSr3: number;
  /** One byte a sector or block, not 0 if it is protected; or the block-protection register. */
  locks: Uint8Array;
}

export interface At25Guard {
  /** Bits of SR1 that a write changes as they are sent. */
  readonly sr1Writable: number;
  /** As after power-up. */
  powerUp(state: GuardState): void;
  refuses(state: GuardState, range: ByteRange): boolean;
  /** SR1 without latch and busy. */
  shown(state: GuardState, isWpHigh: boolean): number;
  /** A write of SR1; "locked" where a lock refuses it, "pin" where the pin does and no register shows the pin. */
  write(state: GuardState, value: number, isWpHigh: boolean): "done" | "locked" | "pin";
}

const WPP = 0x10;
const SPRL = 0x80;
const SWP_SHIFT = 2;
const SWP_BITS = 0x3c;
const CMP = 0x40;
const SRP0 = 0x80;
const SRP1 = 0x01;
const BP0 = 0x04;
const BPL = 0x80;
/** In SR3: locks of blocks in the place of the BP bits. */
const WPS = 0x04;
const PLAIN_SR1 = 0xfc;

/** Whether 01h writes a second status register, which 35h reads. */
export function hasStatus2(guard: GuardKind): boolean {
  return guard.kind === "bp" && guard.lacksStatus2 !== true;
}

export function guardOf(part: At25Part): At25Guard {
  const { guard } = part;
  switch (guard.kind) {
    case "bp":
      return bpGuard(part, guard.isFourBit);
    case "mask":
      return statusGuard(guard.writableMask ?? PLAIN_SR1, ({ liveSr1 }) => (liveSr1 & guard.mask) !== 0);
    case "bp0":
      return bp0Guard();
    case "sectors":
      return sectorGuard(guard.sectorBytes);
    case "block-register":
      return {
        ...statusGuard(0, ({ locks }) => locks.some((byte) => byte !== 0)),
        powerUp: (state) => void (state.locks = new Uint8Array(guard.registerBytes).fill(0xff).fill(0x55, 0, 2)),
      };
  }
}

/** `srp1`: the bit of SR2 that locks the status registers, 0 on parts without one. */
function statusGuard(sr1Writable: number, refuses: At25Guard["refuses"], srp1 = SRP1): At25Guard {
  return {
    sr1Writable,
    powerUp: () => undefined,
    refuses,
    shown: ({ liveSr1 }) => liveSr1 & sr1Writable,
    write: (state, value, isWpHigh) => {
      const { liveSr1, liveSr2 } = state;
      if ((liveSr2 & srp1) !== 0) return "locked";
      if ((liveSr1 & SRP0) !== 0 && !isWpHigh) return "pin";
      state.liveSr1 = value & sr1Writable;
      return "done";
    },
  };
}

/** BP bits, or with WPS = 1 a lock a block. */
function bpGuard({ capacityBytes, hasBlockLocks }: At25Part, isFourBit: FourBitKind | undefined): At25Guard {
  const refuses: At25Guard["refuses"] = (state, range) =>
    hasBlockLocks === true && (state.liveSr3 & WPS) !== 0
      ? isLocked(state.locks, range, capacityBytes)
      : rangeIntersection(bpRange(state, capacityBytes, isFourBit), range) !== undefined;
  return {
    // The second byte of Macronix is the configuration register, which locks nothing.
    ...statusGuard(PLAIN_SR1, refuses, isFourBit === undefined || isFourBit === true ? SRP1 : 0),
    powerUp: (state) => {
      if (hasBlockLocks === true) state.locks = allLocked(capacityBytes);
    },
  };
}

function bpRange(
  { liveSr1, liveSr2 }: GuardState,
  capacityBytes: number,
  isFourBit: FourBitKind | undefined,
): ByteRange {
  const cmp = (liveSr2 & CMP) !== 0;
  if (isFourBit === "micron") {
    const bp = ((liveSr1 >> 2) & 7) | ((liveSr1 & 0x40) === 0 ? 0 : 8);
    return fourBitRange(bp, (liveSr1 & 0x20) !== 0, false, capacityBytes);
  }
  if (isFourBit === "macronix") return fourBitRange((liveSr1 >> 2) & 15, false, false, capacityBytes);
  if (isFourBit === "macronix-turned") return turnedRange((liveSr1 >> 2) & 15, capacityBytes);
  if (isFourBit === true) return fourBitRange((liveSr1 >> 2) & 15, (liveSr1 & 0x40) !== 0, cmp, capacityBytes);
  const bits = { bp: (liveSr1 >> 2) & 7, tb: (liveSr1 & 0x20) !== 0, sec: (liveSr1 & 0x40) !== 0, cmp };
  return protectedRange(bits, capacityBytes);
}

function bp0Guard(): At25Guard {
  return {
    sr1Writable: BPL | BP0,
    powerUp: () => undefined,
    refuses: ({ liveSr1 }) => (liveSr1 & BP0) !== 0,
    shown: ({ liveSr1 }, isWpHigh) => (liveSr1 & (BPL | BP0)) | (isWpHigh ? WPP : 0),
    write: (state, value, isWpHigh) => {
      if ((state.liveSr1 & BPL) !== 0 && !isWpHigh) return "locked";
      state.liveSr1 = value & (BPL | BP0);
      return "done";
    },
  };
}

/** SPRL decides what a write does, as it was before the write. */
function sectorGuard(sectorBytes: readonly number[]): At25Guard {
  return {
    sr1Writable: SPRL,
    powerUp: (state) => {
      state.locks = new Uint8Array(sectorBytes.length).fill(0xff);
      state.liveSr1 &= ~SPRL;
    },
    refuses: ({ locks }, range) =>
      locks.some(
        (lock, index) => lock !== 0 && rangeIntersection(sectorRange(sectorBytes, index), range) !== undefined,
      ),
    shown: ({ liveSr1, locks }, isWpHigh) => {
      const set = locks.filter((lock) => lock !== 0).length;
      const some = set === 0 ? 0 : set === locks.length ? 3 : 1;
      return (liveSr1 & SPRL) | (some << SWP_SHIFT) | (isWpHigh ? WPP : 0);
    },
    write: (state, value, isWpHigh) => {
      const isLocked = (state.liveSr1 & SPRL) !== 0;
      if (isLocked && !isWpHigh) return "locked";
      state.liveSr1 = value & SPRL;
      if (isLocked) return "done";
      if ((value & SWP_BITS) === 0) state.locks = state.locks.map(() => 0);
      if ((value & SWP_BITS) === SWP_BITS) state.locks = state.locks.map(() => 0xff);
      return "done";
    },
  };
}

function sectorRange(sectorBytes: readonly number[], index: number): ByteRange {
  const address = sectorBytes.slice(0, index).reduce((sum, bytes) => sum + bytes, 0);
  return { address, lengthBytes: sectorBytes[index] ?? 0 };
}

/** Number of the sector at an address, for the commands of a single one. */
export function sectorAt(sectorBytes: readonly number[], address: number): number {
  let end = 0;
  return sectorBytes.findIndex((bytes) => address < (end += bytes));
}
