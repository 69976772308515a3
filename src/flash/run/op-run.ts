/**
 * A stretch of a device's `run`: operations become step programs, and results of steps become results of operations, in order.
 * It ends with the operations, or if another call requires the chip: what was requested has its result then, and the rest belongs
 * to the next stretch.
 */
import type { ChipDriver, ChipOutcome, StepProgram } from "../../../drivers/chip-driver.ts";
import type { SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import { NorbridgeError } from "../../errors.ts";
import { type Stream, settlesSoon } from "../../stream.ts";
import type { Turn } from "../../turns.ts";
import type { EraseTrust } from "../erase-trust.ts";
import type { FlashOp, FlashResult } from "../flash-device.ts";
import { checkOp, erasePieces, rangeOfOp } from "../op-parts.ts";
import type { PageProof } from "../page-proof.ts";
import type { SizeProof } from "../size-proof.ts";
import { AddressMode } from "./address-mode.ts";
import type { OpSource } from "./op-source.ts";
import { OpSteps } from "./op-steps.ts";
import { OpsInProgress } from "./ops-in-progress.ts";
import { PagePrograms } from "./page-programs.ts";
import { ProgramQueue } from "./program-queue.ts";
import { SizeLook, type SizeWatch } from "./size-look.ts";
import { TrialReads } from "./trial-reads.ts";
import { Wakeup } from "./wakeup.ts";

/** Operations that a stretch has at least, so that two who take turns do not pay a turnaround for each. */
const MIN_OPS = 32;
const STOPPED = Symbol("stopped");

/** What a run needs to know of link and chip. */
export interface OpRunConditions {
  /** The bridge takes no digests: bytes are read, and the digest is taken here. */
  readonly digestsTravel: boolean;
  /** Every read is made a second time in pieces shorter than this; 0: once is enough. */
  readonly triedPieceBytes: number;
  /** The ID of the chip must read as when it was found. */
  readonly presence: StepProgram<ChipOutcome>;
  /** Shows whether an erase has to be watched. */
  readonly trust: EraseTrust;
  /** Shows whether the halves of the chip have to be compared before a change. */
  readonly sizeProof: SizeProof;
  /** Shows whether a program has to be watched or cut. */
  readonly pageProof: PageProof;
}

/** One stretch: which operations it takes, and in which order things are sent. */
export class OpRun {
  /** Woken if an operation may be complete although no result has come. */
  readonly completed = new Wakeup();
  readonly #driver: ChipDriver;
  readonly #conditions: OpRunConditions;
  readonly #turn: Pick<Turn, "isWanted" | "whenWanted">;
  readonly #ops = new OpsInProgress();
  readonly #queue: ProgramQueue;
  readonly #mode: AddressMode;
  readonly #pages: PagePrograms;
  readonly #trials: TrialReads;
  readonly #sizeLook: SizeLook;
  readonly #steps: OpSteps;
  /** Ends the wait for the next operation. */
  readonly #stopped = new Wakeup();

  constructor(driver: ChipDriver, conditions: OpRunConditions, turn: Pick<Turn, "isWanted" | "whenWanted">) {
    const { digestsTravel, presence, sizeProof, pageProof } = conditions;
    this.#driver = driver;
    this.#conditions = conditions;
    this.#turn = turn;
    const ops = this.#ops;
    const queue = new ProgramQueue(digestsTravel ? presence.steps : []);
    this.#queue = queue;
    this.#mode = new AddressMode(driver.addressMode, queue);
    this.#pages = new PagePrograms(driver, pageProof, queue);
    this.#trials = new TrialReads(driver, queue, ops);
    this.#sizeLook = new SizeLook({ proof: sizeProof, queue, ops });
    const [mode, pages, trials] = [this.#mode, this.#pages, this.#trials];
    this.#steps = new OpSteps({ ...conditions, driver, queue, ops, mode, pages, trials });
  }

  /** A result was not what was requested. */
  get hasFailed(): boolean {
    return this.#ops.hasFailed;
  }

  /** What ends the run after its results: an operation that made no sense, or a chip that is smaller than it claims. */
  get error(): NorbridgeError | undefined {
    return this.#ops.error;
  }

  /** Whether the chip is known to be out of the mode that its operations need. */
  get isModeLeft(): boolean {
    return this.#mode.isLeft;
  }

  /** No further operation is taken. What was handed over still has its result. */
  stop(): void {
    this.#ops.stop();
    this.#stopped.wake();
  }

  /** Another call requires the chip: does not wait any longer for an operation that is not there. */
  hurry(): void {
    this.#stopped.wake();
  }

  /** Steps for the bridge, made as it requests them. */
  steps(source: OpSource): Stream<SpiStep> {
    // What has to be read again shows only when results come, and that has to be waited for; so has a look at size or pages.
    const { triedPieceBytes, sizeProof, pageProof } = this.#conditions;
    const mayWait = source.mayWait || triedPieceBytes > 0 || sizeProof.isOpen || pageProof.isOpen;
    return mayWait ? this.#stepsLater(source) : this.#stepsNow(source);
  }

  *#stepsNow(source: OpSource): Generator<SpiStep> {
    while (!this.#hasEnough()) {
      const op = this.#orHeldBack(source, source.takeNow());
      if (op === undefined) break;
      yield* this.#steps.of(op);
    }
    yield* this.#pages.settle();
    yield* this.#mode.leave();
  }

  async *#stepsLater(source: OpSource): AsyncGenerator<SpiStep> {
    while (!this.#hasEnough()) {
      const coming = source.coming();
      if (this.#pages.isUnsettled && !(await settlesSoon(coming))) yield* this.#pages.settle();
      if (this.#ops.hasUnsure && !(await settlesSoon(coming))) yield* this.#trials.settle(coming);
      const next = await this.#orStopped(coming);
      if (next === STOPPED) break;
      const op = this.#orHeldBack(source, source.took(next));
      if (op === undefined) break;
      yield* this.#stepsOfProved(op);
    }
    yield* this.#pages.settle();
    yield* this.#trials.settle();
    yield* this.#mode.leave();
  }

  /** The operation; undefined if it is an erase to be watched, which is given back: that is not done in a stretch. */
  #orHeldBack(source: OpSource, op: FlashOp | undefined): FlashOp | undefined {
    if (op === undefined || !this.#isWatchedErase(op)) return op;
    source.putBack(op);
    return undefined;
  }

  /** Before the first change above half of the chip its halves are compared, or the change is watched. */
  async *#stepsOfProved(op: FlashOp): AsyncGenerator<SpiStep> {
    const { sizeProof } = this.#conditions;
    if (!sizeProof.isOpen || !this.#makesSense(op) || !sizeProof.concerns(op)) {
      yield* this.#stepsOfNext(op);
      return;
    }
    yield* this.#pages.settle();
    yield* this.#mode.enter();
    const watch = yield* this.#sizeLook.before(op);
    if (watch === "failed") return;
    yield* this.#stepsOfNext(op, watch);
    if (watch !== undefined) await this.#queue.until(() => watch.isOver);
  }

  /** The first programs of a device are watched; everything else is sent as it is. */
  async *#stepsOfNext(op: FlashOp, watch?: SizeWatch): AsyncGenerator<SpiStep> {
    const isWatched = op.kind === "program" && this.#conditions.pageProof.isOpen && this.#makesSense(op);
    if (!isWatched) {
      yield* this.#steps.of(op, watch);
      return;
    }
    yield* this.#steps.ofWatched(op, watch);
    // Its last result may be in already: the next one comes only if there is another operation.
    this.completed.wake();
  }

  #hasEnough(): boolean {
    const { error, isStopped, count } = this.#ops;
    return error !== undefined || isStopped || (count >= MIN_OPS && this.#turn.isWanted);
  }

  /** The next operation, or STOPPED if it is not there and another call requires the chip. */
  async #orStopped(coming: Promise<IteratorResult<FlashOp>>): Promise<IteratorResult<FlashOp> | typeof STOPPED> {
    if (this.#turn.isWanted && !(await settlesSoon(coming))) return STOPPED;
    return new Promise((resolve, reject) => {
      void this.#stopped.wait().then(() => resolve(STOPPED));
      coming.then(resolve, reject);
      if (this.#ops.isStopped) resolve(STOPPED);
    });
  }

  /** The bridge's next result. */
  onResult(result: StepResult): void {
    this.#queue.onResult(result);
  }

  /** Results of operations that are complete, in order. */
  results(): Generator<FlashResult> {
    return this.#ops.results();
  }

  /** Whether an operation is an erase that still has to show what it erases. */
  #isWatchedErase(op: FlashOp): boolean {
    if (!this.#makesSense(op) || op.kind !== "erase") return false;
    const { trust } = this.#conditions;
    return erasePieces(this.#driver.geometry, rangeOfOp(op)).some((block) => trust.isOpen(block));
  }

  /** An operation that makes none is refused where all operations are. */
  #makesSense(op: FlashOp): boolean {
    try {
      checkOp(this.#driver.geometry, op);
      if (op.kind === "erase") erasePieces(this.#driver.geometry, rangeOfOp(op));
      return true;
    } catch (error) {
      if (error instanceof NorbridgeError) return false;
      throw error;
    }
  }
}
