/**
 * Protection that is all or nothing as far as anybody knows: bits of SR1 whose extent no source gives (any of them set
 * counts as the whole chip), and the one bit of the small AT25DN.
 */
import type { ByteRange } from "../../geometry.ts";
import type { ChipOutcome, ProtectableRanges, ProtectionState, StepProgram } from "../../chip-driver.ts";
import { READ_STATUS_1, STATUS_1_BP_SHIFT, STATUS_1_LIKELY_PROTECTION } from "../status.ts";
import { type ProtectionScheme, registersOf, registerValue, writeRegister } from "./register-write.ts";

const WRITE_STATUS = 0x01;
const BUSY_AND_LATCH = 0x03;
const BP0 = 1 << STATUS_1_BP_SHIFT;
const LOCK = 0x80;
/** 0 while the WP# pin is low. */
const WP_PIN = 0x10;

/** Bits whose place is known and their extent is not. */
export function bpMaskScheme(capacityBytes: number, mask: number, globalUnlockOpcode?: number): ProtectionScheme {
  const whole = { address: 0, lengthBytes: capacityBytes };
  const set = (state: ProtectionState, bits: number): StepProgram<ChipOutcome> => {
    const kept = registerValue(state, "SR1") & ~mask & ~BUSY_AND_LATCH & 0xff;
    const unlock = globalUnlockOpcode !== undefined && bits === 0 ? [Uint8Array.of(globalUnlockOpcode)] : [];
    return writeRegister([...unlock, Uint8Array.of(WRITE_STATUS, kept | bits)]);
  };
  return {
    read: registersOf(["SR1"], [READ_STATUS_1], ([status1 = 0]) => ({
      ranges: (status1 & mask) === 0 ? [] : [whole],
      heldBy: "BP bits in status register 1, which may cover less than the whole chip",
      lockedBy: "",
    })),
    control: {
      terms: ["lasting"],
      lift: (state) => set(state, 0),
      restore: (before, now) => set(now, registerValue(before, "SR1") & mask),
      protect: (state, range) => wholeOnly(whole, range) ?? set(state, mask),
    },
  };
}

/** BP0 for the whole chip, BPL to lock it while WP# is low. */
export function bp0Scheme(capacityBytes: number): ProtectionScheme {
  const whole = { address: 0, lengthBytes: capacityBytes };
  const set = (value: number): StepProgram<ChipOutcome> => writeRegister([Uint8Array.of(WRITE_STATUS, value)]);
  return {
    read: registersOf(["SR1"], [READ_STATUS_1], ([status1 = 0]) => ({
      ranges: (status1 & BP0) === 0 ? [] : [whole],
      heldBy: "BP0 in status register 1",
      lockedBy: (status1 & (LOCK | WP_PIN)) === LOCK ? "the WP# pin, which is low" : "",
    })),
    control: {
      terms: ["lasting"],
      lift: () => set(0),
      restore: (before) => set(registerValue(before, "SR1") & (LOCK | BP0)),
      protect: (state, range) => wholeOnly(whole, range) ?? set((registerValue(state, "SR1") & LOCK) | BP0),
    },
  };
}

/** A part whose layout is not known: any bit where others protect counts as "all of it may be protected". */
export function unknownScheme(capacityBytes: number): ProtectionScheme {
  return {
    read: registersOf(["SR1"], [READ_STATUS_1], ([status1 = 0]) => ({
      ranges: (status1 & STATUS_1_LIKELY_PROTECTION) === 0 ? [] : [{ address: 0, lengthBytes: capacityBytes }],
      heldBy: "bits 5..2 of status register 1, whose meaning is unknown for this part",
      lockedBy: "",
    })),
  };
}

/** What to answer where a chip protects all or nothing and was asked for less. */
export function wholeOnly(whole: ByteRange, range: ByteRange): ProtectableRanges | undefined {
  return range.address === whole.address && range.lengthBytes === whole.lengthBytes ? undefined : { choices: [whole] };
}
