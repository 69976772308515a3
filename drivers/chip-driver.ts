/**
 * What every chip family offers: operations compiled to SPI steps, and how to read the answers. Pure: no port, no
 * clock, no state. Whatever a chip may lack (protection, suspend, page-size switch) is a capability object beside
 * the driver, not a method that throws.
 */
import type { SpiStep, StepResult } from "../firmware-protocol/step.ts";
import type { ByteRange, EraseUnit, FlashGeometry } from "./geometry.ts";

/** One question to the chip and how to read its answer, in one value: nobody else counts the answer's bytes. */
export interface StepProgram<T> {
  readonly steps: readonly SpiStep[];
  /** Takes exactly one result a step, in order; `failed` and `skipped` results are allowed and give an outcome. */
  decode(results: readonly StepResult[]): T;
}

/**
 * How a program or erase ended, as the chip said it.
 * - `done`: the chip was ready in time and reported no error. Whether the cells are right, only a digest or read says.
 * - `timeout`: still busy after the longest time a sound chip takes.
 * - `no-answer`: the same, but the status read all ones or all zeros: nobody drives the line any more.
 * - `program-failed`, `erase-failed`: the chip's own error bit (families that have one).
 * - `aborted`: the bridge was told to stop before this ran to its end.
 * - `lost`: the link slipped while this was under way; nobody knows whether the chip got it.
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

/** A value read from the chip, or why there is none. */
export type ChipAnswer<T> =
  | { readonly outcome: "done"; readonly value: T }
  | { readonly outcome: Exclude<ChipOutcome, "done"> };

/** Limits of the bridge a driver compiles for, as data. */
export interface BridgeLimits {
  /** Longest `send` of one transfer, bytes. */
  readonly maxSendBytes: number;
  /** Longest `receiveBytes` of one transfer. */
  readonly maxReceiveBytes: number;
}

/** Operations of one family compiled to steps. Ranges and pages are checked by the flash layer before. */
export interface ChipDriver {
  readonly geometry: FlashGeometry;
  /** Wakes the chip from power-down and waits until it listens; sent once when a device is opened. */
  wake(): StepProgram<ChipAnswer<void>>;
  /** Reads a range, cut to the bridge's limits. */
  read(range: ByteRange): StepProgram<ChipAnswer<Uint8Array>>;
  /** Programs 1 byte to one page; `address` and the end lie in the same page. Bits only go from 1 to 0. */
  programPage(address: number, data: Uint8Array): StepProgram<ChipOutcome>;
  /**
   * For a chip that loads one buffer while it programs from another: `programPage` then ends with the chip at work and
   * waits for the page before it. Whoever sends programs sends this behind the last of a row and before any other
   * operation. Absent where every program waits for itself.
   */
  readonly settle?: (() => StepProgram<ChipOutcome>) | undefined;
  /** Erases the one block of `unit` that starts at `address`. */
  erase(address: number, unit: EraseUnit): StepProgram<ChipOutcome>;
  /** CRC-32 of a range as the chip reads it. */
  digest(range: ByteRange): StepProgram<ChipAnswer<number>>;
  /** Reads what protects the chip against program and erase. */
  protection(): StepProgram<ChipAnswer<ProtectionState>>;
  /** Absent where nobody knows how to change it. */
  readonly protectionControl?: ProtectionControl | undefined;
  /** The factory's unique number; absent where the part has none or nobody knows the command. */
  readonly uniqueId?: (() => StepProgram<ChipAnswer<Uint8Array>>) | undefined;
  readonly oneTime?: OneTimeControl | undefined;
  readonly background: BackgroundErase;
  readonly pageSize?: PageSizeControl | undefined;
}

/** What keeps a program or erase from happening. `ranges` is empty when nothing is protected. */
export interface ProtectionState {
  /** In order of address, neighbours joined. */
  readonly ranges: readonly ByteRange[];
  /** Status or protection registers as read, for people and bug reports, and to put them back. */
  readonly registers: readonly { readonly name: string; readonly value: number }[];
  /** What holds the protection, in words: "BP bits in status register 1", "WP# pin". */
  readonly heldBy: string;
  /** Why the chip lets nobody change it now, in words; "" if it lets. */
  readonly lockedBy: string;
}

/** How long a change of protection holds: until power goes, or beyond. Parts that know only one do that one. */
export type ProtectionTerm = "until-power-off" | "lasting";

/**
 * Changes what protects the chip. Compiled from a state that was read before; after each, the chip is ready again. Whether
 * it did as told only a new `protection()` says: chips ignore what they do not want.
 */
export interface ProtectionControl {
  /** Which terms make a difference here: the first is what the chip does if it knows only one. */
  readonly terms: readonly [ProtectionTerm, ...ProtectionTerm[]];
  /** Frees all of the chip that can be freed. */
  lift(state: ProtectionState, term: ProtectionTerm): StepProgram<ChipOutcome>;
  /** As it was in `before`; `now` is what was read last. */
  restore(before: ProtectionState, now: ProtectionState, term: ProtectionTerm): StepProgram<ChipOutcome>;
  /** Protects exactly `range`, and nothing else; or the ranges that this chip can protect, if that is none of them. */
  protect(state: ProtectionState, range: ByteRange, term: ProtectionTerm): StepProgram<ChipOutcome> | ProtectableRanges;
}

/** What a chip can protect, where it was asked for something else. */
export interface ProtectableRanges {
  readonly choices: readonly ByteRange[];
}

/** Bytes beside the array that can be written once, or are the factory's. */
export interface OneTimeControl {
  readonly registers: readonly OneTimeRegister[];
  read(register: OneTimeRegister, offset: number, lengthBytes: number): StepProgram<ChipAnswer<Uint8Array>>;
  /** Programs within one register; `data` fits behind `offset`. For `allAtOnce` registers `data` is all of them. */
  program(register: OneTimeRegister, offset: number, data: Uint8Array): StepProgram<ChipOutcome>;
}

export interface OneTimeRegister {
  /** For people and `--register`: "1", "user", "factory". */
  readonly name: string;
  readonly lengthBytes: number;
  readonly isWritable: boolean;
  /** One program for the whole register in its life. */
  readonly allAtOnce: boolean;
}

/** An erase that is begun and not waited for, so that something else can be done, or served, in the meantime. */
export interface BackgroundErase {
  /** Begins to erase the block of `unit` at `address`; ends with the chip at work. */
  start(address: number, unit: EraseUnit): StepProgram<ChipOutcome>;
  /** How far the chip is; `failed` only from chips that report errors. */
  progress(): StepProgram<ChipAnswer<"busy" | "ready" | "failed">>;
  /** Absent where the chip cannot be interrupted. */
  readonly suspension?: SuspendControl | undefined;
}

export interface SuspendControl {
  /** Interrupts, and waits until the chip listens. Too late is no error: the chip is ready then as well. */
  suspend(): StepProgram<ChipOutcome>;
  /** Goes on with what was interrupted; nothing if there is nothing. */
  resume(): StepProgram<ChipOutcome>;
}

/** The page size of an AT45: what it can be set to. */
export interface PageSizeControl {
  readonly pageBytes: number;
  readonly standardPageBytes: number;
  readonly binaryPageBytes: number;
  /** The chip can be set to binary pages once and never back. */
  readonly isOneTime: boolean;
  /** Undefined where the chip cannot go to that size. */
  set(pageBytes: number): StepProgram<ChipOutcome> | undefined;
}
