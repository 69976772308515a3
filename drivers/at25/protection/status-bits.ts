/**
 * Protection that counts as all or nothing: bits of SR1 whose extent no source gives (any of them set
 * counts as the whole chip), and the one bit of the small AT25DN.
 */
import type { At25Protection } from "../../chip-descriptor.ts";
import type { ProtectableRanges, ProtectionAttempt, ProtectionChange, ProtectionState } from "../../chip-driver.ts";
import type { ByteRange } from "../../geometry.ts";
import { outcomeOf } from "../../step-answers.ts";
import { STATUS_1_BP_SHIFT, STATUS_1_LIKELY_PROTECTION, STATUS_1_SRP0 } from "../status.ts";
import { acceptsEnable, type ProtectionScheme, registerValue, writeRegister } from "./register-write.ts";
import {
  bankChange,
  readBank,
  SR1,
  type StatusRegister,
  type StatusRegisterBank,
  termsOf,
} from "./status-registers.ts";

const BP0 = 1 << STATUS_1_BP_SHIFT;
const LOCK = 0x80;
/** 0 while the WP# pin is low. */
const WP_PIN = 0x10;

/** Bits whose place is known and their extent is not. `more`: registers that no change may move. */
export function bpMaskScheme(
  capacityBytes: number,
  { mask, globalUnlockOpcode }: Omit<Extract<At25Protection, { scheme: "bp-mask" }>, "scheme">,
  more: readonly StatusRegister[] = [],
): ProtectionScheme {
  const whole = { address: 0, lengthBytes: capacityBytes };
  const bank: StatusRegisterBank = { registers: [SR1, ...more], write: "only-first", hasVolatileWrite: false };
  const set = (state: ProtectionState, bits: number): ProtectionChange =>
    bankChange(bank, state, new Map([["SR1", (registerValue(state, "SR1") & ~mask) | bits]]), "lasting");
  return {
    read: readBank(bank, ([status1 = 0]) => ({
      ranges: (status1 & mask) === 0 ? [] : [whole],
      heldBy: "BP bits in status register 1, which may cover less than the whole chip",
      lockedBy: "",
      ifRefused:
        (status1 & STATUS_1_SRP0) === 0 ? undefined : "SRWD in status register 1 is set, so the WP# pin is low",
    })),
    control: {
      terms: termsOf(bank),
      lift: (state) => afterUnlock(set(state, 0), globalUnlockOpcode),
      restore: (before) => bankChange(bank, before, new Map(), "lasting"),
      protect: (state, range) => wholeOnly(whole, range) ?? set(state, mask),
      acceptsEnable,
    },
  };
}

/** Individual locks that a part has as well are opened before its bits are cleared. */
function afterUnlock({ expected, attempts }: ProtectionChange, opcode: number | undefined): ProtectionChange {
  if (opcode === undefined) return { expected, attempts };
  const [first, ...others] = attempts;
  const unlock = writeRegister([Uint8Array.of(opcode)]).steps;
  const both: ProtectionAttempt = {
    commands: `${opcode.toString(16)}h and ${first.commands}`,
    write: (now) => {
      const program = first.write(now);
      return program === undefined ? undefined : { steps: [...unlock, ...program.steps], decode: outcomeOf };
    },
  };
  return { expected, attempts: [both, ...others] };
}

/** BP0 for the whole chip, BPL to lock it while WP# is low. All other bits of SR1 are the chip's. */
export function bp0Scheme(capacityBytes: number): ProtectionScheme {
  const whole = { address: 0, lengthBytes: capacityBytes };
  const bank: StatusRegisterBank = {
    registers: [{ ...SR1, ownBits: ~(LOCK | BP0) & 0xff }],
    write: "only-first",
    hasVolatileWrite: false,
  };
  const set = (state: ProtectionState, bits: number): ProtectionChange =>
    bankChange(bank, state, new Map([["SR1", (registerValue(state, "SR1") & LOCK) | bits]]), "lasting");
  return {
    read: readBank(bank, ([status1 = 0]) => ({
      ranges: (status1 & BP0) === 0 ? [] : [whole],
      heldBy: "BP0 in status register 1",
      lockedBy: (status1 & (LOCK | WP_PIN)) === LOCK ? "the WP# pin, which is low" : "",
    })),
    control: {
      terms: termsOf(bank),
      lift: (state) => set(state, 0),
      restore: (before) => set(before, registerValue(before, "SR1") & BP0),
      protect: (state, range) => wholeOnly(whole, range) ?? set(state, BP0),
      acceptsEnable,
    },
  };
}

/** A part whose layout is not known: any bit where others protect counts as "all of it may be protected". */
export function unknownScheme(capacityBytes: number): ProtectionScheme {
  const bank: StatusRegisterBank = { registers: [SR1], write: "only-first", hasVolatileWrite: false };
  return {
    read: readBank(bank, ([status1 = 0]) => ({
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
