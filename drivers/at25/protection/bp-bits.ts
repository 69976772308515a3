/**
 * What the protection bits of an AT25-like part cover.
 *
 * BP2..0 count blocks that double with every step: 64 KiB (or 1/64 of a chip above 4 MiB) for 1, twice that for 2, and
 * so on; 7 is the whole chip. With SEC the count is in 4 KiB sectors, at most 32 KiB. TB turns top into bottom, CMP
 * turns what is covered into what is not.
 */
import type {
  ChipOutcome,
  ProtectableRanges,
  ProtectionControl,
  ProtectionState,
  ProtectionTerm,
  StepProgram,
} from "../../chip-driver.ts";
import type { ByteRange } from "../../geometry.ts";
import { READ_STATUS_1, READ_STATUS_2 } from "../status.ts";
import {
  STATUS_1_BP_MASK,
  STATUS_1_BP_SHIFT,
  STATUS_1_SEC,
  STATUS_1_TB,
  STATUS_1_SRP0,
  STATUS_2_CMP,
  STATUS_2_SRP1,
} from "../status.ts";
import { registersOf, registerValue, writeRegister, type ProtectionScheme } from "./register-write.ts";

const KIB = 1024;
const WRITE_STATUS_1 = 0x01;
const WRITE_STATUS_2 = 0x31;
/** SEC, TB, BP2..0. */
const STATUS_1_PROTECTION = 0x7c;
/** What a change leaves as it is: SRP0. Busy and the write-enable latch are not written. */
const STATUS_1_KEPT = STATUS_1_SRP0;

/** Protection by BP, SEC, TB and CMP bits. */
export function protectionFromBpBits(capacityBytes: number, status1: number, status2: number): ProtectionState {
  const covered = coveredBytes(capacityBytes, status1);
  const complement = (status2 & STATUS_2_CMP) !== 0;
  const atBottom = ((status1 & STATUS_1_TB) !== 0) !== complement;
  const lengthBytes = complement ? capacityBytes - covered : covered;
  const range: ByteRange = { address: atBottom ? 0 : capacityBytes - lengthBytes, lengthBytes };
  return {
    ranges: lengthBytes === 0 ? [] : [range],
    registers: [
      { name: "SR1", value: status1 },
      { name: "SR2", value: status2 },
    ],
    lockedBy: lockOf(status1, status2),
    heldBy: complement ? "BP bits in status register 1 and CMP in status register 2" : "BP bits in status register 1",
  };
}

/** SRP1 locks the registers until power goes, with SRP0 for good; SRP0 alone while the pin is low, which nobody can read. */
function lockOf(status1: number, status2: number): string {
  if ((status2 & STATUS_2_SRP1) === 0) return "";
  return (status1 & STATUS_1_SRP0) === 0
    ? "SRP1 in status register 2, until the next power-up"
    : "SRP1 and SRP0 in the status registers, permanently";
}

/** Reads and changes the bits. `write` and `hasVolatileWrite` as in `At25Protection`. */
export function bpBitsScheme(
  capacityBytes: number,
  write: "together" | "apart" | "only-first",
  hasVolatileWrite: boolean,
): ProtectionScheme {
  /** Only what changes is written: SR2 holds bits that can never be cleared again, and not every line is checked. */
  const set = (now: ProtectionState, bits: Bits, term: ProtectionTerm): StepProgram<ChipOutcome> => {
    const [status1, status2] = [registerValue(now, "SR1"), registerValue(now, "SR2")];
    const new1 = (status1 & STATUS_1_KEPT) | bits.status1;
    const new2 = (status2 & ~STATUS_2_CMP & 0xff) | bits.status2;
    const isSame1 = new1 === (status1 & (STATUS_1_KEPT | STATUS_1_PROTECTION));
    const apart = [
      ...(isSame1 ? [] : [Uint8Array.of(WRITE_STATUS_1, new1)]),
      ...(new2 === status2 ? [] : [Uint8Array.of(WRITE_STATUS_2, new2)]),
    ];
    const together = apart.length === 0 ? [] : [Uint8Array.of(WRITE_STATUS_1, new1, new2)];
    return writeRegister(
      write === "together" ? together : apart,
      term === "until-power-off" && hasVolatileWrite ? "volatile" : "lasting",
    );
  };
  const control: ProtectionControl = {
    terms: hasVolatileWrite ? ["until-power-off", "lasting"] : ["lasting"],
    lift: (state, term) => set(state, NOTHING, term),
    restore: (before, now, term) => set(now, bitsOf(before), term),
    protect: (state, range, term) => {
      const bits = bitsFor(capacityBytes, range);
      return "status1" in bits ? set(state, bits, term) : bits;
    },
  };
  return {
    read: registersOf(["SR1", "SR2"], [READ_STATUS_1, READ_STATUS_2], ([status1 = 0, status2 = 0]) =>
      protectionFromBpBits(capacityBytes, status1, status2),
    ),
    control,
  };
}

/** Of SR1: SEC, TB, BP2..0; of SR2: CMP. */
interface Bits {
  readonly status1: number;
  readonly status2: number;
}

const NOTHING: Bits = { status1: 0, status2: 0 };

function bitsOf(state: ProtectionState): Bits {
  return {
    status1: registerValue(state, "SR1") & STATUS_1_PROTECTION,
    status2: registerValue(state, "SR2") & STATUS_2_CMP,
  };
}

/** The bits that cover exactly `range`; where there are none, all ranges that bits can cover. */
function bitsFor(capacityBytes: number, range: ByteRange): Bits | ProtectableRanges {
  const choices = new Map<string, ByteRange>();
  // Without CMP first, and fewer bits before more.
  for (const status2 of [0, STATUS_2_CMP]) {
    for (let status1 = 0; status1 <= STATUS_1_PROTECTION; status1 += 1 << STATUS_1_BP_SHIFT) {
      const [covered] = protectionFromBpBits(capacityBytes, status1, status2).ranges;
      if (covered === undefined) continue;
      if (covered.address === range.address && covered.lengthBytes === range.lengthBytes) return { status1, status2 };
      choices.set(`${covered.address},${covered.lengthBytes}`, covered);
    }
  }
  return { choices: [...choices.values()].toSorted((a, b) => a.lengthBytes - b.lengthBytes || a.address - b.address) };
}

function coveredBytes(capacityBytes: number, status1: number): number {
  const count = (status1 >> STATUS_1_BP_SHIFT) & STATUS_1_BP_MASK;
  if (count === 0) return 0;
  if (count === STATUS_1_BP_MASK) return capacityBytes;
  if ((status1 & STATUS_1_SEC) !== 0) return Math.min(32 * KIB, (4 * KIB) << (count - 1));
  const blockBytes = Math.max(64 * KIB, capacityBytes / 64);
  return Math.min(capacityBytes, blockBytes * 2 ** (count - 1));
}
