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
  readonly settle?: () => StepProgram<ChipOutcome>;
  /** Erases the one block of `unit` that starts at `address`. */
  erase(address: number, unit: EraseUnit): StepProgram<ChipOutcome>;
  /** CRC-32 of a range as the chip reads it. */
  digest(range: ByteRange): StepProgram<ChipAnswer<number>>;
  /** Reads what protects the chip against program and erase. */
  protection(): StepProgram<ChipAnswer<ProtectionState>>;
}

/** What keeps a program or erase from happening. `ranges` is empty when nothing is protected. */
export interface ProtectionState {
  readonly ranges: readonly ByteRange[];
  /** Status or protection registers as read, for people and bug reports. */
  readonly registers: readonly { readonly name: string; readonly value: number }[];
  /** What holds the protection, in words: "BP bits in status register 1", "WP# pin". */
  readonly heldBy: string;
}
