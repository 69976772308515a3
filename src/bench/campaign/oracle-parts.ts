/** What all parts of the oracle share: what it knows, what it says, and where a chip differs from what it was. */
import { type ByteRange, eraseBlockAt, rangeEnd } from "../../../drivers/geometry.ts";
import { sameBytes } from "../../bytes.ts";
import type { KeptPiece } from "../../jobs/run-job.ts";
import type { ReadJournal } from "../../journal/read-journal.ts";
import type { ChipCounters, ChipModel } from "../../sim/chip/core/chip-model.ts";
import type { Simulation } from "../../sim/simulation.ts";
import type { Memory } from "./attempt.ts";
import type { Scene } from "./scene.ts";
import type { Attempt } from "./tamper.ts";

export type Invariant = "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8" | "I9" | "I10";

export interface Complaint {
  readonly invariant: Invariant;
  /** A sentence. */
  readonly what: string;
}

/** What the oracle knows of a scene that ran. */
export interface Ran {
  readonly scene: Scene;
  readonly result: Attempt;
  readonly simulation: Simulation;
  readonly memory: Memory;
  /** The chip before, and as it is now. */
  readonly before: ChipModel;
  readonly chip: ChipModel;
  readonly countersBefore: ChipCounters;
  readonly wasKilled: boolean;
  /** What the next program finds; undefined if the job keeps no journal. */
  readonly left: ReadJournal | undefined;
}

/**
 * The first address outside of `touched` where `chip` is not as `before` and `kept` has not the old byte; undefined if there is
 * none. As many single bits may be cleared as there were power cuts, and a stuck cell is not a fault of norbridge.
 */
export function firstDifference(
  before: ChipModel,
  chip: ChipModel,
  touched: readonly ByteRange[],
  kept: readonly KeptPiece[],
  scene: Scene,
  cuts: number,
): number | undefined {
  const { chipFaults } = scene;
  const free = [...touched, ...unsettledRanges(scene)];
  let disturbed = cuts;
  for (const { address: at, lengthBytes } of chip.changedSince(before)) {
    const old = before.peek(at, lengthBytes);
    const now = chip.peek(at, lengthBytes);
    if (sameBytes(old, now)) continue;
    for (let i = 0; i < lengthBytes; i++) {
      const address = at + i;
      const was = old[i] ?? 0;
      const is = now[i] ?? 0;
      if (was === is || address === chipFaults.stuckAt?.address) continue;
      if (free.some((range) => address >= range.address && address < rangeEnd(range))) continue;
      if (mayShowItsSize(scene, was)) continue;
      if (kept.some((piece) => piece.data[address - piece.address] === was)) continue;
      const isOneBitCleared = (is & was) === is && isPowerOfTwo(was ^ is);
      if (isOneBitCleared && disturbed-- > 0) continue;
      return address;
    }
  }
  return undefined;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

const PAGE_BYTES = 256;

/** The cells that a suspended operation was in the middle of: their content is unknown once it is resumed. */
function unsettledRanges({ found, chip }: Scene): readonly ByteRange[] {
  const suspended = found?.found.suspended;
  if (suspended === undefined) return [];
  if (suspended.kind === "program")
    return [{ address: suspended.address & ~(PAGE_BYTES - 1), lengthBytes: PAGE_BYTES }];
  // The page erase of some parts cannot be suspended.
  const unit = chip.geometry.eraseUnits.find(({ regions }) => regions.every(({ unitBytes }) => unitBytes > PAGE_BYTES));
  const block = unit === undefined ? undefined : eraseBlockAt(unit, suspended.address);
  return block === undefined ? [] : [block];
}

/** Whether a blank cell may have been programmed: a chip with fewer cells, blank in both halves, shows it by that alone. */
function mayShowItsSize({ found }: Scene, was: number): boolean {
  return found?.odd.cellsBytes !== undefined && was === 0xff;
}

/** An error with its place in the program. */
export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
