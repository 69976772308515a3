/**
 * What every chip family offers: operations compiled to SPI steps, and how to read the results. No port and no clock. No
 * state, with one exception: a driver whose programs overlap remembers what the last one used, until `settle`. Whatever a
 * chip may lack (protection, suspend, page-size switch) is a capability object beside the driver, not a method that throws.
 */
import type { SpiStep, StepResult } from "../firmware-protocol/step.ts";
import type { ByteRange, EraseUnit, FlashGeometry } from "./geometry.ts";

/** An operation as steps for a bridge, together with the function that decodes their results. */
export interface StepProgram<T> {
  /** The steps, to be run in this order in one run. */
  readonly steps: readonly SpiStep[];
  /**
   * Decodes exactly one result for each step, in order. Results `failed` and `skipped` are allowed and give an outcome.
   * Throws TypeError if a result is of another kind than its step.
   */
  decode(results: readonly StepResult[]): T;
}

/**
 * How a program or erase ended, as the chip reported it.
 *
 * - `done`: the chip was ready in time and reported no error. Only a checksum or a read shows whether the cells are
 *   right.
 * - `timeout`: still busy after the longest time that an undamaged chip takes.
 * - `no-answer`: the same, but the status was all ones or all zeros: nothing drives the line any more.
 * - `program-failed`, `erase-failed`: the chip's own error bit (families that have one).
 * - `aborted`: the bridge was stopped before this had run completely, or it lacks this kind of step.
 * - `lost`: the link failed during the operation. It is unknown whether the chip received it.
 * - `skipped`: an earlier step of the run failed; nothing of this was run.
 */
export type ChipOutcome =
  | "done"
  | "timeout"
  | "no-answer"
  | "program-failed"
  | "erase-failed"
  | "aborted"
  | "lost"
  | "skipped";

/** A value read from the chip, or the reason why there is none. */
export type ChipAnswer<T> =
  | {
      /** All steps have run. */
      readonly outcome: "done";
      /** The value that was read. */
      readonly value: T;
    }
  | {
      /** Why there is no value. */
      readonly outcome: Exclude<ChipOutcome, "done">;
    };

/** Limits of the bridge that a driver compiles for. */
export interface BridgeLimits {
  /** Longest `send` of one transfer, bytes. */
  readonly maxSendBytes: number;
  /** Longest `receiveBytes` of one transfer, bytes. */
  readonly maxReceiveBytes: number;
}

/**
 * The operations of one chip, compiled to steps. A capability that a chip may lack is an optional object, not a method
 * that throws.
 *
 * A driver does not check ranges and pages against the geometry. The caller does.
 */
export interface ChipDriver {
  /**
   * Geometry as the driver uses it. The page may be smaller than that of the chip, if the bridge cannot send a whole
   * one.
   */
  readonly geometry: FlashGeometry;
  /**
   * Wakes the chip from power-down and waits until it is ready. To be run once when a device is opened. An AT25 is waited for
   * some seconds only: who runs it says that it takes longer, and waits on.
   */
  wake(): StepProgram<ChipAnswer<void>>;
  /** Reads a range, divided into transfers within the limits of the bridge. */
  read(range: ByteRange): StepProgram<ChipAnswer<Uint8Array>>;
  /** Programs 1 byte up to one page; the first and the last byte lie in the same page. Bits change only from 1 to 0. */
  programPage(address: number, data: Uint8Array): StepProgram<ChipOutcome>;
  /**
   * For a chip that loads one buffer while it programs from another. `programPage` then ends while the chip is still
   * busy, and waits for the page before it. Run this after the last page of a sequence and before any other operation.
   * Absent if every program waits for its own end.
   */
  readonly settle?: (() => StepProgram<ChipOutcome>) | undefined;
  /**
   * Erases the one block of `unit` that starts at `address`. Throws RangeError if the unit has no block there or the
   * part has no such erase.
   */
  erase(address: number, unit: EraseUnit): StepProgram<ChipOutcome>;
  /**
   * Reads whether a change is still enabled. A chip clears that latch at the end of every program and erase; if it is set
   * then, the chip ignored the command. Absent for families without such a latch.
   */
  readonly writeLatch?: (() => StepProgram<ChipAnswer<boolean>>) | undefined;
  /** Reads a range and returns its block check, computed by the bridge. */
  digest(range: ByteRange): StepProgram<ChipAnswer<number>>;
  /** Reads the protection against program and erase. */
  protection(): StepProgram<ChipAnswer<ProtectionState>>;
  /**
   * For a chip that has to be asked more if the first answer calls for it, such as one lock for each block. Returns the
   * program that reads the whole state, or undefined if `state` is complete. Absent if it always is.
   */
  readonly protectionDetail?:
    | ((state: ProtectionState) => StepProgram<ChipAnswer<ProtectionState>> | undefined)
    | undefined;
  /** Changes the protection; absent if it is not known how. */
  readonly protectionControl?: ProtectionControl | undefined;
  /** Why `protectionControl` is absent although the protection is known, as text. */
  readonly protectionHazard?: string | undefined;
  /** Reads the factory's unique ID; absent if the part has none or its command is not known. */
  readonly uniqueId?: (() => StepProgram<ChipAnswer<Uint8Array>>) | undefined;
  /** Bytes that can be written once; absent if the part has none or they are not known. */
  readonly oneTime?: OneTimeControl | undefined;
  /** Erases without waiting. */
  readonly background: BackgroundErase;
  /** Page size of an AT45; absent for all other families. */
  readonly pageSize?: PageSizeControl | undefined;
  /** For a chip whose `read`, `programPage`, `erase` and `digest` work only in its mode of four address bytes. */
  readonly addressMode?: AddressModeControl | undefined;
}

/**
 * The mode of four address bytes of a chip above 16 MiB that has no other way. It is to be on only while operations of the
 * array run: what else the chip has expects three bytes, and a board may not start from a chip that is left in it.
 */
export interface AddressModeControl {
  /** Enters the mode. Does nothing to a chip that is in it. A busy chip ignores it. */
  enter(): StepProgram<ChipOutcome>;
  /** Leaves the mode. Does nothing to a chip that is not in it. A busy chip ignores it. */
  leave(): StepProgram<ChipOutcome>;
}

/** What prevents a program or erase, as read from the chip. */
export interface ProtectionState {
  /** Protected ranges in order of address, adjacent ones joined. Empty if nothing is protected. */
  readonly ranges: readonly ByteRange[];
  /** Status or protection registers as read, for display, for bug reports and to restore them. */
  readonly registers: readonly {
    /** Name of the register. */
    readonly name: string;
    /** Its value as read, 0 to 255. */
    readonly value: number;
  }[];
  /** What holds the protection, as text: "BP bits in status register 1", "WP# pin". */
  readonly heldBy: string;
  /** Why the chip allows no change now, as text; empty if it allows one. */
  readonly lockedBy: string;
  /** What a change lasts in this state, if not what `terms` of the control says. */
  readonly terms?: readonly [ProtectionTerm, ...ProtectionTerm[]] | undefined;
  /** What it means in this state if the chip refuses a change, as text; absent if the registers do not show it. */
  readonly ifRefused?: string | undefined;
  /**
   * The chip responds as if all were protected, but perhaps it does not answer at all: `ranges` are the worst case, and
   * reading again does not show whether a change was made.
   */
  readonly isUncertain?: boolean | undefined;
}

/**
 * How long a change of protection lasts: until power-off, or permanently. A part that supports only one of them uses
 * that one.
 */
export type ProtectionTerm = "until-power-off" | "lasting";

/**
 * Changes the protection of the chip. Each method takes a state that was read before and returns what every register
 * should read afterwards, with the ways to write it: parts with the same ID take different commands, and a command for
 * one register may change another.
 */
export interface ProtectionControl {
  /** The terms that this chip distinguishes. If it supports only one, that is the only entry. */
  readonly terms: readonly [ProtectionTerm, ...ProtectionTerm[]];
  /** Removes the protection of the whole chip, as far as that is possible. */
  lift(state: ProtectionState, term: ProtectionTerm): ProtectionChange;
  /** Restores every register of `before`. `now` is the state that was read last. */
  restore(before: ProtectionState, now: ProtectionState, term: ProtectionTerm): ProtectionChange;
  /**
   * Protects exactly `range`, and nothing else. If this chip cannot protect that range, returns the ranges that it can
   * protect.
   */
  protect(state: ProtectionState, range: ByteRange, term: ProtectionTerm): ProtectionChange | ProtectableRanges;
  /**
   * Reads whether the chip accepts the command that enables a write, and disables it again. For the reason why a change
   * was refused. Absent if the chip has no such latch.
   */
  readonly acceptsEnable?: (() => StepProgram<ChipAnswer<boolean>>) | undefined;
}

/**
 * A change of protection. Send the attempts in their order, read the state after each, and stop when every register reads
 * as expected: a chip ignores what it does not know or allow, and reports no error.
 */
export interface ProtectionChange {
  /** What the registers should read afterwards. */
  readonly expected: readonly ExpectedRegister[];
  /** The ways to write them, the surest first. At least one. */
  readonly attempts: readonly [ProtectionAttempt, ...ProtectionAttempt[]];
  /** Sent once before them, whatever the registers read: for what the chip may not return. */
  readonly unread?: StepProgram<ChipOutcome> | undefined;
}

/** What a register should read. */
export interface ExpectedRegister {
  /** Name of the register, as in `ProtectionState.registers`. */
  readonly name: string;
  /** Its value, 0 to 255. */
  readonly value: number;
  /** The bits that count; the chip sets the others itself. */
  readonly mask: number;
}

/** One way to write registers. */
export interface ProtectionAttempt {
  /** Its commands, for messages: "01h with two bytes after 50h". */
  readonly commands: string;
  /** Writes what is not as expected in `now`; undefined if this way cannot write that. */
  write(now: ProtectionState): StepProgram<ChipOutcome> | undefined;
}

/** The ranges that a chip can protect, returned if it cannot protect the requested one. */
export interface ProtectableRanges {
  /** The ranges that the chip can protect. */
  readonly choices: readonly ByteRange[];
}

/** Reads and programs the bytes that can be written once or that the factory wrote. */
export interface OneTimeControl {
  /** The registers that the part has. */
  readonly registers: readonly OneTimeRegister[];
  /** Reads `lengthBytes` bytes of a register, from byte `offset` of it. */
  read(register: OneTimeRegister, offset: number, lengthBytes: number): StepProgram<ChipAnswer<Uint8Array>>;
  /**
   * Programs `data` into a register, from byte `offset` of it; it must fit. For a register with `allAtOnce`, `data` is
   * the whole register. This cannot be undone.
   */
  program(register: OneTimeRegister, offset: number, data: Uint8Array): StepProgram<ChipOutcome>;
}

/** One register of bytes that can be written once or that the factory wrote. */
export interface OneTimeRegister {
  /** Name for display and for `--register`: "1", "user", "factory". */
  readonly name: string;
  /** Length of the register, bytes. */
  readonly lengthBytes: number;
  /** Whether it is meant for the user. False: the factory wrote it. */
  readonly isWritable: boolean;
  /** Whether the register can be programmed only once, and only as a whole. */
  readonly allAtOnce: boolean;
}

/** An erase that is started and not waited for, so that the chip can serve other operations meanwhile. */
export interface BackgroundErase {
  /** Starts the erase of the block of `unit` at `address`. Ends while the chip is busy. */
  start(address: number, unit: EraseUnit): StepProgram<ChipOutcome>;
  /** Reads the state of the erase. `failed` is only returned by chips that report errors. */
  progress(): StepProgram<ChipAnswer<"busy" | "ready" | "failed">>;
  /** Suspends the erase; absent if the part cannot, or no source lists the commands. */
  readonly suspension?: SuspendControl | undefined;
}

/** Suspends an erase in progress, so that the rest of the chip can be read. */
export interface SuspendControl {
  /** Suspends the erase and waits until the chip is ready. If the erase has already ended, that is not an error. */
  suspend(): StepProgram<ChipOutcome>;
  /** Resumes what was suspended; does nothing if nothing was. */
  resume(): StepProgram<ChipOutcome>;
}

/** The page size of an AT45: what it is and what it can be set to. */
export interface PageSizeControl {
  /** Page size that the chip is set to, bytes. */
  readonly pageBytes: number;
  /** The larger, standard page size, bytes. */
  readonly standardPageBytes: number;
  /** The smaller page size, a power of two, bytes. */
  readonly binaryPageBytes: number;
  /** Whether the chip can be set to binary pages only once and never back (D parts). */
  readonly isOneTime: boolean;
  /** Sets the page size. Returns undefined if the chip cannot be set to that size. */
  set(pageBytes: number): StepProgram<ChipOutcome> | undefined;
}
