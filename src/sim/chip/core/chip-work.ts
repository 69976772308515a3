/**
 * What a simulated chip carries out by itself: until when it is busy, with which operation, and which one is suspended.
 * What that means for commands is the family's.
 */
import { type ByteRange, rangeIntersection } from "../../../../drivers/geometry.ts";
import type { Random } from "../../random.ts";
import type { CellArray } from "./cell-array.ts";
import type { TornState } from "./chip-model.ts";
import { type OldCells, tearErase, tearProgram } from "./torn-operation.ts";

/** An operation the chip carries out by itself. */
interface Running {
  readonly kind: "program" | "erase" | "other";
  readonly range: ByteRange;
  /** The cells as they were. */
  readonly before: OldCells;
}

export type WorkKind = Running["kind"];

/** An operation that was interrupted. */
interface Suspended {
  readonly running: Running;
  /** What it still needs, nanoseconds. */
  readonly restNs: number;
  /** Its cells are still to be erased. */
  readonly isUnfinished: boolean;
}

/** What a fork of the chip carries over. */
export interface ChipWorkState {
  readonly busyUntilNs: number;
  readonly running: Running | undefined;
  readonly suspended: Suspended | undefined;
  /** Time at work that starts with the first window: what a host finds does not depend on when it comes. */
  readonly foundBusyNs: number | undefined;
}

const IDLE: ChipWorkState = {
  busyUntilNs: Number.NEGATIVE_INFINITY,
  running: undefined,
  suspended: undefined,
  foundBusyNs: undefined,
};
const COPY_BYTES = 64 * 1024;

export class ChipWork {
  #state: ChipWorkState = IDLE;

  get state(): ChipWorkState {
    return this.#state;
  }

  /** For forks. */
  takeState({ busyUntilNs, running, suspended, foundBusyNs }: ChipWorkState): void {
    this.#state = { busyUntilNs, running, suspended, foundBusyNs };
  }

  get busyUntilNs(): number {
    return this.#state.busyUntilNs;
  }

  isBusy(nowNs: number): boolean {
    return nowNs < this.#state.busyUntilNs;
  }

  /** The chip works from now on. Call it before the cells change, so that a power cut can tear the operation. */
  start(kind: WorkKind, range: ByteRange, untilNs: number, cells: CellArray): void {
    const running = { kind, range, before: remember(cells, range) };
    this.#state = { ...this.#state, busyUntilNs: untilNs, running };
  }

  /** At work for ever, as a broken chip is. */
  stayBusy(): void {
    this.#state = { ...this.#state, busyUntilNs: Number.POSITIVE_INFINITY };
  }

  /** The power is gone. */
  clear(): void {
    this.#state = IDLE;
  }

  // --- as it was found ----------------------------------------------------------------------------------------------

  /** At work for so long from the first window on, as it was left. */
  findBusy(forNs: number): void {
    this.#state = { ...this.#state, foundBusyNs: forNs };
  }

  /** With an operation that was suspended before: an erase whose cells are as before it, or a program. */
  findSuspended(kind: "program" | "erase", range: ByteRange, restNs: number, cells: CellArray): void {
    const running = { kind, range, before: remember(cells, range) };
    this.#state = { ...this.#state, suspended: { running, restNs, isUnfinished: kind === "erase" } };
  }

  /** A window begins. */
  onSelect(nowNs: number): void {
    const { foundBusyNs } = this.#state;
    if (foundBusyNs === undefined) return;
    this.#state = { ...this.#state, busyUntilNs: nowNs + foundBusyNs, foundBusyNs: undefined };
  }

  // --- suspended operations -----------------------------------------------------------------------------------------

  get isSuspended(): boolean {
    return this.#state.suspended !== undefined;
  }

  /** What kind of operation is suspended. */
  get suspendedKind(): "program" | "erase" | undefined {
    const kind = this.#state.suspended?.running.kind;
    return kind === "other" ? undefined : kind;
  }

  /** Whether a suspended operation is in the middle of some of the range. */
  isInSuspended(range: ByteRange): boolean {
    const open = this.#state.suspended?.running.range;
    return open !== undefined && rangeIntersection(open, range) !== undefined;
  }

  /** Interrupts a program or erase; the chip listens again after `latencyNs`. Does nothing if there is none. */
  suspend(nowNs: number, latencyNs: number, capacityBytes: number): void {
    const { running, busyUntilNs } = this.#state;
    if (!this.isBusy(nowNs) || running === undefined || running.kind === "other" || this.isSuspended) return;
    if (running.range.lengthBytes === capacityBytes) return;
    this.#state = {
      ...this.#state,
      suspended: { running, restNs: Math.max(0, busyUntilNs - nowNs), isUnfinished: false },
      busyUntilNs: nowNs + latencyNs,
      running: undefined,
    };
  }

  /** Continues what was interrupted. */
  resume(nowNs: number, cells: CellArray): void {
    const { suspended } = this.#state;
    if (suspended === undefined) return;
    const { running, restNs, isUnfinished } = suspended;
    this.#state = { ...this.#state, running, busyUntilNs: nowNs + restNs, suspended: undefined };
    if (isUnfinished) cells.erase(running.range);
  }

  /** The power is cut: cells of an operation that has not ended are in between. */
  tear(nowNs: number, cells: CellArray, random: Random, torn: TornState | undefined): void {
    const running = this.#state.suspended?.running ?? this.#state.running;
    if (running === undefined || (!this.isBusy(nowNs) && !this.isSuspended)) return;
    if (running.kind === "program") tearProgram(cells, running.before, running.range, random, torn);
    if (running.kind === "erase") tearErase(cells, running.before, running.range, random, torn);
  }
}

/** A copy of the range where that is small, else a fork of all cells, which shares what does not change. */
function remember(cells: CellArray, range: ByteRange): OldCells {
  if (range.lengthBytes > COPY_BYTES) return cells.fork();
  const bytes = cells.peek(range.address, range.lengthBytes);
  return {
    peek: (address, lengthBytes) => bytes.slice(address - range.address, address - range.address + lengthBytes),
  };
}
