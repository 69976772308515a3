/**
 * Status registers that are written and read back, and the two ways to write them: all of them with one 01h, or each by
 * its own command. Parts with the same ID differ in that. Some clear status register 2 on a 01h with one byte, some
 * ignore the second byte of one with two (W25Q..RV), some take one byte only (GD25Q..C), some lack 31h (W25Q..BV) or 50h.
 * None of them reports it. So every register is compared afterwards, and what is not as expected goes the other way.
 *
 * Sources: raspberrypi/pico-sdk#3159 (RV), at25.md section 3 (AT25SF), flashrom and flashprog (bytes of 01h, 31h, 11h).
 */
import type { StepResult } from "../../../firmware-protocol/step.ts";
import type {
  ChipAnswer,
  ExpectedRegister,
  ProtectionAttempt,
  ProtectionChange,
  ProtectionState,
  ProtectionTerm,
  StepProgram,
} from "../../chip-driver.ts";
import { answerOf, asking, receivedByte } from "../../step-answers.ts";
import { READ_STATUS_1, READ_STATUS_2, READ_STATUS_3 } from "../status.ts";
import { readsAs } from "../../protection-change.ts";
import { writeRegister } from "./register-write.ts";

const WRITE_STATUS_1 = 0x01;
const WRITE_STATUS_2 = 0x31;
const WRITE_STATUS_3 = 0x11;

/** A register that is compared after every change. */
export interface StatusRegister {
  readonly name: string;
  readonly readOpcode: number;
  /** Writes this register alone. Absent: only as a further byte of 01h, or never. */
  readonly writeOpcode?: number | undefined;
  /** Bits that the chip sets itself or that are not to be touched: neither written nor compared. */
  readonly ownBits: number;
  /** Whether 01h with two bytes writes it after SR1. */
  readonly isSecondByte?: true | undefined;
}

/** Busy and the latch are the chip's. */
export const SR1: StatusRegister = {
  name: "SR1",
  readOpcode: READ_STATUS_1,
  writeOpcode: WRITE_STATUS_1,
  ownBits: 0x03,
};
/** Bit 7 reports that an erase is suspended. */
export const SR2: StatusRegister = {
  name: "SR2",
  readOpcode: READ_STATUS_2,
  writeOpcode: WRITE_STATUS_2,
  ownBits: 0x80,
  isSecondByte: true,
};
/** Bit 0 reports whether the chip takes four address bytes. */
export const SR3: StatusRegister = {
  name: "SR3",
  readOpcode: READ_STATUS_3,
  writeOpcode: WRITE_STATUS_3,
  ownBits: 0x01,
};
/** Macronix: the second byte of 01h. Bit 5 reports whether the chip takes four address bytes. */
export const CONFIGURATION: StatusRegister = {
  name: "CR",
  readOpcode: READ_STATUS_3,
  ownBits: 0x20,
  isSecondByte: true,
};
/** Macronix: read only here. 2Fh writes it, once. */
export const SECURITY: StatusRegister = { name: "security register", readOpcode: 0x2b, ownBits: 0xff };

/** The status registers of a part. */
export interface StatusRegisterBank {
  /** SR1 first; at most one that is the second byte of 01h. */
  readonly registers: readonly [StatusRegister, ...StatusRegister[]];
  /**
   * Which way is tried first. `together`: one 01h for SR1 and the register that is its second byte. `apart`: a command for
   * each. `only-first`: there is nothing to write but SR1; a second register that moved is restored by 01h with two bytes.
   */
  readonly write: "together" | "apart" | "only-first";
  /** Whether 50h instead of 06h changes the bits only until power-off. */
  readonly hasVolatileWrite: boolean;
}

/** Reads all registers of the bank, and makes a state of their values, in the order of the bank. */
export function readBank(
  { registers }: StatusRegisterBank,
  decode: (values: readonly number[], read: ProtectionState["registers"]) => Omit<ProtectionState, "registers">,
): StepProgram<ChipAnswer<ProtectionState>> {
  return {
    steps: registers.map(({ readOpcode }) => asking(1, readOpcode)),
    decode: (results: readonly StepResult[]) =>
      answerOf(results, () => {
        const values = registers.map((_, index) => receivedByte(results, index));
        const read = registers.map(({ name }, index) => ({ name, value: values[index] ?? 0 }));
        return { ...decode(values, read), registers: read };
      }),
  };
}

/** The terms of changes of a bank. */
export function termsOf({ hasVolatileWrite }: StatusRegisterBank): readonly [ProtectionTerm, ...ProtectionTerm[]] {
  return hasVolatileWrite ? ["until-power-off", "lasting"] : ["lasting"];
}

/**
 * Every register as in `state`, but those in `wanted`. A register that `state` does not have (a record of an earlier
 * version) is not touched and not compared.
 */
export function bankChange(
  bank: StatusRegisterBank,
  state: ProtectionState,
  wanted: ReadonlyMap<string, number>,
  term: ProtectionTerm,
): ProtectionChange {
  const expected = bank.registers.flatMap(({ name, ownBits }): ExpectedRegister[] => {
    const mask = ~ownBits & 0xff;
    const value = wanted.get(name) ?? state.registers.find((register) => register.name === name)?.value;
    return value === undefined || mask === 0 ? [] : [{ name, value: value & mask, mask }];
  });
  const latch = term === "until-power-off" && bank.hasVolatileWrite ? "volatile" : "lasting";
  const together = togetherWrite(bank, expected, latch);
  const apart = apartWrite(bank, expected, latch);
  return { expected, attempts: bank.write === "together" ? [together, apart] : [apart, together] };
}

/** One 01h for two registers, the others by themselves. */
function togetherWrite(
  bank: StatusRegisterBank,
  expected: readonly ExpectedRegister[],
  latch: "volatile" | "lasting",
): ProtectionAttempt {
  const [first] = bank.registers;
  const second = bank.registers.find(({ isSecondByte }) => isSecondByte === true);
  const values = [first, second].map((register) => expected.find(({ name }) => name === register?.name));
  const others = bank.registers.filter((register) => register !== first && register !== second);
  return {
    commands: `01h with two bytes after ${latchName(latch)}`,
    write: (now) => {
      const [value1, value2] = values;
      if (value1 === undefined || value2 === undefined) return undefined;
      const isDue = !readsAs(now, value1) || !readsAs(now, value2);
      const both = isDue ? [Uint8Array.of(WRITE_STATUS_1, value1.value, value2.value)] : [];
      const commands = [...both, ...commandsFor(others, expected, now)];
      return commands.length === 0 ? undefined : writeRegister(commands, latch);
    },
  };
}

/** Only what differs is written: SR2 holds bits that can never be cleared again, and not every line is checked. */
function apartWrite(
  bank: StatusRegisterBank,
  expected: readonly ExpectedRegister[],
  latch: "volatile" | "lasting",
): ProtectionAttempt {
  return {
    commands: `${bank.write === "only-first" ? "01h" : "a command for each register"} after ${latchName(latch)}`,
    write: (now) => {
      const commands = commandsFor(bank.registers, expected, now);
      return commands.length === 0 ? undefined : writeRegister(commands, latch);
    },
  };
}

function commandsFor(
  registers: readonly StatusRegister[],
  expected: readonly ExpectedRegister[],
  now: ProtectionState,
): Uint8Array[] {
  return registers.flatMap(({ name, writeOpcode }) => {
    const wanted = expected.find((register) => register.name === name);
    if (wanted === undefined || writeOpcode === undefined || readsAs(now, wanted)) return [];
    return [Uint8Array.of(writeOpcode, wanted.value)];
  });
}

function latchName(latch: "volatile" | "lasting"): string {
  return latch === "volatile" ? "50h" : "06h";
}
