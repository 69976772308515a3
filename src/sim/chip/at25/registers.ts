/** What an AT25-like chip keeps beside its cells: status registers, locks, latches, modes, sleep. */

/** Bit 0 of SR1: at work. */
export const BUSY = 0x01;
/** Bits of SR2 that lock security registers: one-time. */
export const LOCK_BITS = 0x38;

/** What power loss and power-up change or keep. */
export interface Registers {
  /** As stored in cells. */
  sr1: number;
  sr2: number;
  sr3: number;
  /** As in force: a volatile write (50h) changes only these. */
  liveSr1: number;
  liveSr2: number;
  liveSr3: number;
  isWriteEnabled: boolean;
  isVolatileEnabled: boolean;
  isResetArmed: boolean;
  /** One byte a sector, or the block-protection register. */
  locks: Uint8Array;
  hasFailed: boolean;
  /** Status register 2 bit 4 of the families that reset by F0h. */
  isResetEnabled: boolean;
  /** Array commands reach the secured area. */
  isSecured: boolean;
  /** Other commands than the twins take four address bytes. */
  isFourByteMode: boolean;
  /** Upper address bits of commands with three address bytes. */
  bank: number;
  failed: "none" | "program" | "erase";
  wasProtected: boolean;
  /** Ultra-deep: any pulse of chip select wakes it. */
  isDeepAsleep: boolean;
  /** From when it is asleep; infinite while awake. */
  sleepsFromNs: number;
  awakeFromNs: number;
}

/** As a new chip is powered up the first time. */
export function freshRegisters(): Registers {
  return {
    sr1: 0,
    sr2: 0,
    sr3: 0,
    liveSr1: 0,
    liveSr2: 0,
    liveSr3: 0,
    isWriteEnabled: false,
    isVolatileEnabled: false,
    isResetArmed: false,
    locks: new Uint8Array(0),
    hasFailed: false,
    isResetEnabled: false,
    isSecured: false,
    isFourByteMode: false,
    bank: 0,
    failed: "none",
    wasProtected: false,
    isDeepAsleep: false,
    sleepsFromNs: Number.POSITIVE_INFINITY,
    awakeFromNs: Number.NEGATIVE_INFINITY,
  };
}
