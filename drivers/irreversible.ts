/**
 * What cannot be undone on a chip, judged by the bytes that go to it, whichever layer compiled them: one-time bytes,
 * locks, the page size. The lowest layer checks every step with it and sends none without consent for its kind.
 *
 * Careful where families differ: an opcode that is harmless on one part and permanent on another counts as what it is on
 * this part; on an unknown part, as the worst it can be.
 */
import type { SpiStep, StepResult } from "../firmware-protocol/step.ts";
import type { At25Descriptor, ChipDescriptor } from "./chip-descriptor.ts";

/** What consent is given for: bytes that cannot be erased, locks that cannot be opened, the page size of an AT45. */
export type IrreversibleKind = "one-time-program" | "lock" | "page-size";

const WRITE_STATUS_1 = 0x01;
const WRITE_STATUS_2 = 0x31;
const READ_STATUS_2 = 0x35;
const PAGE_PROGRAM = 0x02;
const PROGRAM_REGISTER = 0x42;
const ENTER_SECURED = 0xb1;
const LEAVE_SECURED = 0xc1;
const READ_CONFIGURATION = 0x15;
/** What is read if nothing drives the line. */
const UNDRIVEN = 0xff;
/** LB3..1 and SRP1: once set they stay, or stay until power goes. */
const STATUS_2_LOCKS = 0x39;
/** TB in the configuration register of Macronix: once set it stays. */
const CONFIGURATION_LOCKS = 0x08;

/** On every part with AT25 commands, by opcode. */
const AT25_KINDS: ReadonlyMap<number, IrreversibleKind> = new Map([
  [0x9b, "one-time-program"],
  // Program and lock of the security ID on SST26.
  [0xa5, "one-time-program"],
  [0x85, "lock"],
  // Sector lockdown and its freeze on AT25DF.
  [0x33, "lock"],
  [0x34, "lock"],
  // Security register and the choice of protection on Macronix.
  [0x2f, "lock"],
  [0x68, "lock"],
]);

/** Watches the steps of one chip, in the order they are sent. */
export interface IrreversibleWatch {
  /** A new run of steps begins: results of the last one that never came do not come any more. */
  begin(): void;
  /** What this step would change permanently, or undefined. To be called once for every step. */
  judge(step: SpiStep): IrreversibleKind | undefined;
  /** Its result, in the same order. */
  took(result: StepResult): void;
}

/** The watch for a part. */
export function watchIrreversible(descriptor: ChipDescriptor): IrreversibleWatch {
  return descriptor.family === "at45" ? new At45Watch() : new At25Watch(descriptor);
}

class At45Watch implements IrreversibleWatch {
  judge(step: SpiStep): IrreversibleKind | undefined {
    const [first = 0, second = 0, third = 0, fourth = 0] = step.kind === "delay" ? [] : step.send;
    if (first === 0x9b) return "one-time-program";
    if (first === 0x34) return "lock";
    if (first !== 0x3d || second !== 0x2a) return undefined;
    if (third === 0x7f && fourth === 0x30) return "lock";
    return third === 0x80 ? "page-size" : undefined;
  }

  begin(): void {
    // There is nothing to remember.
  }

  took(): void {
    // Nothing an AT45 answers changes what its commands do.
  }
}

class At25Watch implements IrreversibleWatch {
  readonly #hasStatus2: boolean;
  /** How the register is read that is the second byte of 01h, and its bits that stay once they are set. */
  readonly #second: { readonly readOpcode: number; readonly locks: number } | undefined;
  readonly #hasBlockRegister: boolean;
  readonly #hasSecuredArea: boolean;
  #isSecured = false;
  /** The last reading of that register, and the last that two readings in a row agreed on: one alone may be wrong. */
  #lastRead: number | undefined;
  #secondRead = 0;
  /** Number of steps sent, and which of them asked for that register. */
  #sent = 0;
  #taken = 0;
  readonly #asked: number[] = [];

  constructor(part: At25Descriptor) {
    const { protection, oneTime } = part;
    this.#hasStatus2 = mayHaveStatus2(part);
    if (this.#hasStatus2) this.#second = { readOpcode: READ_STATUS_2, locks: STATUS_2_LOCKS };
    else if (hasConfiguration(part)) this.#second = { readOpcode: READ_CONFIGURATION, locks: CONFIGURATION_LOCKS };
    this.#hasBlockRegister = protection.scheme === "block-register";
    this.#hasSecuredArea = oneTime?.kind === "secured-area";
  }

  begin(): void {
    this.#sent = 0;
    this.#taken = 0;
    this.#asked.length = 0;
  }

  judge(step: SpiStep): IrreversibleKind | undefined {
    const index = this.#sent++;
    if (step.kind === "delay") return undefined;
    const { send } = step;
    const opcode = send[0] ?? 0;
    const kind = AT25_KINDS.get(opcode);
    if (kind !== undefined) return kind;
    switch (opcode) {
      case PAGE_PROGRAM:
        return this.#isSecured ? "one-time-program" : undefined;
      case this.#second?.readOpcode:
        if (step.kind === "transfer") this.#asked.push(index);
        return undefined;
      case WRITE_STATUS_1:
        return send.length > 2 ? this.#locking(send[2] ?? 0) : undefined;
      case WRITE_STATUS_2:
        return this.#hasStatus2 ? this.#locking(send[1] ?? 0) : undefined;
      case PROGRAM_REGISTER:
        return this.#hasBlockRegister ? undefined : "one-time-program";
      case ENTER_SECURED:
        this.#isSecured = this.#hasSecuredArea;
        // Elsewhere it writes what a part is set to at power-up.
        return this.#hasSecuredArea ? undefined : "lock";
      case LEAVE_SECURED:
        this.#isSecured = false;
        return undefined;
      default:
        return undefined;
    }
  }

  took(result: StepResult): void {
    const index = this.#taken++;
    if (this.#asked[0] !== index) return;
    this.#asked.shift();
    if (result.kind !== "transfer") return;
    const value = result.received.at(-1) ?? 0;
    if (value === this.#lastRead && value !== UNDRIVEN) this.#secondRead = value;
    this.#lastRead = value;
  }

  /** Only what was not set before is new. */
  #locking(value: number): IrreversibleKind | undefined {
    const locks = this.#second?.locks ?? 0;
    return (value & locks & ~this.#secondRead) === 0 ? undefined : "lock";
  }
}

/** If only bits of SR1 are known, what follows them is not: it counts as the worst. */
function mayHaveStatus2(part: At25Descriptor): boolean {
  const { protection } = part;
  if (protection.scheme === "bp-sec-tb-cmp") return protection.write !== "only-first";
  return protection.scheme === "unknown" || (protection.scheme === "bp-mask" && !hasConfiguration(part));
}

function hasConfiguration({ protection, moreRegisters = [] }: At25Descriptor): boolean {
  const map = protection.scheme === "bp-sec-tb-cmp" ? protection.map : undefined;
  const bits = map === undefined ? [] : [...map.bp, map.tb, map.sec, map.cmp];
  return moreRegisters.includes("CR") || bits.some((bit) => bit?.register === "CR");
}
