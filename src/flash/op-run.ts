/**
 * A stretch of a device's `run`: operations become step programs, and results of steps become answers, in order. It ends with the
 * operations, or where another call wants the chip: what was asked for is answered then, and the rest is the next stretch's.
 */
import type { ChipAnswer, ChipDriver, ChipOutcome, StepProgram } from "../../drivers/chip-driver.ts";
import { type ByteRange, type FlashGeometry, pagesOf } from "../../drivers/geometry.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import { concatBytes } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { Stream } from "../stream.ts";
import type { Turn } from "../turns.ts";
import type { ChipFailure } from "./chip-failure.ts";
import type { FlashOp, FlashResult } from "./flash-device.ts";
import type { EraseTrust } from "./erase-trust.ts";
import { checkOp, erasePieces, rangeOfOp, readPieces } from "./op-parts.ts";
import type { OpSource } from "./op-source.ts";
import type { PageFinding, PageProof } from "./page-proof.ts";
import { ReadTrials } from "./read-trials.ts";
import type { SizeProof } from "./size-proof.ts";
import { watchedProgram } from "./watched-program.ts";

/** One operation on its way. */
interface Pending {
  readonly op: FlashOp;
  /** Programs handed to the bridge and not answered. */
  partsOpen: number;
  /** All of its programs have been handed over. */
  isFed: boolean;
  /** Its last page is programmed by itself, and its end has not been seen. */
  isUnsettled: boolean;
  failure: OpFailure | undefined;
  isSkipped: boolean;
  /** An error stands for its answer. */
  isRefused: boolean;
  readonly chunks: Uint8Array[];
  check: number;
  /** Bytes of its programs that were sent. */
  sentBytes: number;
  /** Reads that are compared with each other: the answer waits until two agree. */
  readonly trials: ReadTrials | undefined;
}

/** How an operation failed. */
interface OpFailure {
  readonly outcome: ChipFailure;
  readonly range: ByteRange;
  readonly reason?: NorbridgeError;
  readonly page?: PageFinding | undefined;
}

/** A step program on its way, and what to do with its answer. */
interface Part {
  /** The operation it belongs to; undefined for what frames them all. */
  readonly pending: Pending | undefined;
  readonly steps: readonly SpiStep[];
  readonly results: StepResult[];
  readonly finish: (results: readonly StepResult[]) => void;
}

type ProgramOp = FlashOp & { readonly kind: "program" };

/** What is known before a program that shows whether the upper half of the chip is there. */
interface Watch {
  readonly sizeProof: SizeProof;
  /** What was read half the size below. */
  readonly before: Uint8Array;
  isOver: boolean;
}

/** How often a waiting stream gets its turn before it counts as waiting for us. */
const TURNS = 8;

/** Operations that a stretch has at least, so that two who take turns do not pay a turnaround for each. */
const LEAST_OPS = 32;
const STOPPED = Symbol("stopped");

/** How a run reads. */
export interface Reading {
  /** The bridge takes no digests: bytes are read, and the digest is taken here. */
  readonly digestsTravel: boolean;
  /** Every read is made a second time in pieces shorter than this; 0: once is enough. */
  readonly triedPieceBytes: number;
  readonly presence: StepProgram<ChipOutcome>;
  readonly trust: EraseTrust;
  /** Says whether the halves of the chip have to be compared before a change; undefined if its size is sure. */
  readonly sizeProof?: SizeProof | undefined;
  /** Says whether a program has to be watched or cut; undefined if none has to. */
  readonly pageProof?: PageProof | undefined;
}

/** The state of one stretch. */
export class OpRun {
  /** An operation that made no sense: nothing of it was sent, and the run ends with it. */
  invalid: NorbridgeError | undefined;
  /** An answer was not what was asked for. */
  hasFailed = false;
  /** Called when an operation may be complete although no result has come. */
  onComplete: (() => void) | undefined;
  readonly #driver: ChipDriver;
  readonly #parts: Part[] = [];
  readonly #pending: Pending[] = [];
  /** The operation whose last page was not seen to end. */
  #unsettled: Pending | undefined;
  readonly #reading: Reading;
  /** Reads whose trials differ: read again before anything else. */
  readonly #again: Pending[] = [];
  /** Wakes the stream of steps when answers have come in. */
  #onAnswer: (() => void) | undefined;
  readonly #turn: Pick<Turn, "isWanted" | "whenWanted">;
  /** The mode of four address bytes was left again; so it is where the chip has none. */
  #isModeLeft = true;
  #fed = 0;
  #isStopped = false;
  /** Ends the wait for the next operation. */
  #onStop: (() => void) | undefined;

  constructor(driver: ChipDriver, reading: Reading, turn: Pick<Turn, "isWanted" | "whenWanted">) {
    this.#driver = driver;
    this.#reading = reading;
    this.#turn = turn;
  }

  /** Whether the chip is known to be out of the mode that its operations need. */
  get isModeLeft(): boolean {
    return this.#isModeLeft;
  }

  /** No further operation is asked for. What was handed over is still answered. */
  stop(): void {
    this.#isStopped = true;
    this.#onStop?.();
  }

  /** Another call wants the chip: does not wait any longer for an operation that is not there. */
  hurry(): void {
    this.#onStop?.();
  }

  /** Steps for the bridge, made as it asks for them. */
  steps(source: OpSource): Stream<SpiStep> {
    // What has to be read again shows only when answers come, and that has to be waited for; so has a look at size or pages.
    const { triedPieceBytes, sizeProof, pageProof } = this.#reading;
    const isProving = sizeProof?.isOpen === true || pageProof?.isOpen === true;
    const mayWait = source.mayWait || triedPieceBytes > 0 || isProving;
    return mayWait ? this.#stepsLater(source) : this.#stepsNow(source);
  }

  *#stepsNow(source: OpSource): Generator<SpiStep> {
    while (!this.#hasEnough()) {
      const op = this.#orHeldBack(source, source.takeNow());
      if (op === undefined) break;
      yield* this.#stepsOf(op);
    }
    yield* this.#settle();
    yield* this.#leaveMode();
  }

  async *#stepsLater(source: OpSource): AsyncGenerator<SpiStep> {
    while (!this.#hasEnough()) {
      const coming = source.coming();
      if (this.#unsettled !== undefined && !(await hasArrived(coming))) yield* this.#settle();
      if (this.#hasUnsure && !(await hasArrived(coming))) yield* this.#settleTrials(coming);
      const next = await this.#orStopped(coming);
      if (next === STOPPED) break;
      const op = this.#orHeldBack(source, source.took(next));
      if (op === undefined) break;
      yield* this.#stepsOfProved(op);
    }
    yield* this.#settle();
    yield* this.#settleTrials();
    yield* this.#leaveMode();
  }

  /** Before the first operation, where the chip needs its mode of four address bytes for all of them. */
  *#enterMode(): Generator<SpiStep> {
    const program = this.#driver.addressMode?.enter();
    if (program === undefined || !this.#isModeLeft) return;
    this.#isModeLeft = false;
    yield* this.#handPart(undefined, program.steps, () => undefined);
  }

  *#leaveMode(): Generator<SpiStep> {
    const program = this.#driver.addressMode?.leave();
    if (program === undefined || this.#isModeLeft) return;
    yield* this.#handPart(undefined, program.steps, (results) => {
      this.#isModeLeft = program.decode(results) === "done";
    });
  }

  /** The operation; undefined if it is an erase that is to be watched, which is given back: that is not done in a stretch. */
  #orHeldBack(source: OpSource, op: FlashOp | undefined): FlashOp | undefined {
    if (op === undefined || !isWatched(op, this.#driver.geometry, this.#reading.trust)) return op;
    source.putBack(op);
    return undefined;
  }

  /** Before the first change above half of the chip its halves are compared, or the change is watched. */
  async *#stepsOfProved(op: FlashOp): AsyncGenerator<SpiStep> {
    const { sizeProof } = this.#reading;
    if (sizeProof?.isOpen !== true || !isSound(op, this.#driver.geometry) || !sizeProof.concerns(op)) {
      yield* this.#stepsOfNext(op);
      return;
    }
    yield* this.#settle();
    yield* this.#enterMode();
    if (sizeProof.needsLook(op)) {
      let answer = yield* this.#answered(sizeProof.look(op));
      if (answer.outcome === "done" && answer.value === "alike") {
        answer = yield* this.#answered(sizeProof.lookCloser());
      }
      if (answer.outcome !== "done") {
        this.#failUnsent(op, answer.outcome);
        return;
      }
      const reason = sizeProof.take(answer.value);
      if (reason !== undefined) {
        this.#failUnsent(op, "refused", reason);
        return;
      }
    }
    if (!sizeProof.needsWatch(op)) {
      yield* this.#stepsOfNext(op);
      return;
    }
    const before = yield* this.#answered(sizeProof.below(op));
    if (before.outcome !== "done") {
      this.#failUnsent(op, before.outcome);
      return;
    }
    const watch = { sizeProof, before: before.value, isOver: false };
    yield* this.#stepsOfNext(op, watch);
    await this.#until(() => watch.isOver);
  }

  /** The first programs of a device are watched; everything else goes as it is. */
  async *#stepsOfNext(op: FlashOp, watch?: Watch): AsyncGenerator<SpiStep> {
    const { pageProof } = this.#reading;
    const isWatched = op.kind === "program" && pageProof?.isOpen === true && isSound(op, this.#driver.geometry);
    if (isWatched) yield* this.#stepsOfWatched(op, pageProof, watch);
    else yield* this.#stepsOf(op, watch);
  }

  /** A program whose page is not proved, or that the chip might ignore. What needs no watching goes as ever. */
  async *#stepsOfWatched(op: ProgramOp, proof: PageProof, watch?: Watch): AsyncGenerator<SpiStep> {
    const { digestsTravel, presence } = this.#reading;
    yield* this.#enterMode();
    const pending = newPending(op, undefined);
    this.#fed++;
    this.#pending.push(pending);
    const end = yield* watchedProgram(op, {
      driver: this.#driver,
      proof,
      program: ({ address, data }) => {
        const program = this.#driver.programPage(address, data);
        return this.#handPlain(pending, { address, lengthBytes: data.length }, program);
      },
      hand: (steps, finish) => this.#handPart(undefined, steps, finish),
      until: (isSo) => this.#until(isSo),
      nudge: digestsTravel ? presence.steps : [],
    });
    if (end.outcome !== "done") {
      if (end.outcome === "skipped") pending.isSkipped = true;
      else pending.failure ??= { outcome: end.outcome, range: end.range, page: end.page };
      this.#isStopped = true;
      if (watch !== undefined) watch.isOver = true;
    } else {
      pending.sentBytes = end.sentBytes;
      if (end.rest !== undefined) yield* this.#stepsOfProgram(pending, end.rest.address, end.rest.data);
      if (watch !== undefined) yield* this.#watched(pending, op, watch);
    }
    pending.isFed = true;
    // Its last result may be in already: the next one comes only if there is another operation.
    this.onComplete?.();
  }

  /** Runs a program that belongs to no operation, and waits for its answer. */
  async *#answered<T>(program: StepProgram<ChipAnswer<T>>): AsyncGenerator<SpiStep, ChipAnswer<T>> {
    const got: { answer?: ChipAnswer<T> } = {};
    yield* this.#handPart(undefined, program.steps, (results) => {
      got.answer = program.decode(results);
    });
    // A serprog answer counts when the next one has begun: without one it would be asked for, a round trip later.
    const { digestsTravel, presence } = this.#reading;
    if (digestsTravel) yield* this.#handPart(undefined, presence.steps, () => undefined);
    await this.#until(() => got.answer !== undefined);
    return got.answer ?? { outcome: "skipped" };
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#onAnswer = resolve));
  }

  /** What had to be known before an operation could not be asked: it fails as that did. */
  #failUnsent(op: FlashOp, outcome: Exclude<ChipOutcome, "done"> | "refused", reason?: NorbridgeError): void {
    const pending = newPending(op, undefined);
    pending.isFed = true;
    if (outcome === "refused") pending.failure = { outcome, range: rangeOfOp(op), ...(reason && { reason }) };
    else noteOutcome(pending, outcome, rangeOfOp(op));
    this.#fed++;
    this.#pending.push(pending);
    this.#isStopped = true;
  }

  #hasEnough(): boolean {
    return this.invalid !== undefined || this.#isStopped || (this.#fed >= LEAST_OPS && this.#turn.isWanted);
  }

  /** The next operation, or STOPPED if it is not there and another call requires the chip. */
  async #orStopped(coming: Promise<IteratorResult<FlashOp>>): Promise<IteratorResult<FlashOp> | typeof STOPPED> {
    if (this.#turn.isWanted && !(await hasArrived(coming))) return STOPPED;
    return new Promise((resolve, reject) => {
      this.#onStop = () => resolve(STOPPED);
      coming.then(resolve, reject);
      if (this.#isStopped) resolve(STOPPED);
    });
  }

  /** Whether a read waits for trials that agree. */
  get #hasUnsure(): boolean {
    return this.#pending.some((pending) => isUnsure(pending));
  }

  /** Reads again what differs, until all trials agree or have failed, or the next operation is there. */
  async *#settleTrials(coming?: Promise<unknown>): AsyncGenerator<SpiStep> {
    const arrived = { isIt: false };
    void coming?.then(
      () => this.#wake(arrived),
      () => this.#wake(arrived),
    );
    while (this.#hasUnsure && !arrived.isIt) {
      const pending = this.#again.shift();
      if (pending === undefined) await new Promise<void>((resolve) => (this.#onAnswer = resolve));
      else yield* this.#trial(pending);
    }
  }

  #wake(arrived: { isIt: boolean }): void {
    arrived.isIt = true;
    this.#onAnswer?.();
  }

  /** One more read of the same bytes, in pieces of another size. */
  *#trial(pending: Pending): Generator<SpiStep> {
    const { trials } = pending;
    if (trials === undefined) return;
    const range = rangeOfOp(pending.op);
    const parts: Uint8Array[] = [];
    const pieces = [...trials.pieces(range)];
    const judge = (): void => {
      if (parts.length < pieces.length) return;
      const verdict = trials.add(concatBytes(parts));
      if (verdict === "again") this.#again.push(pending);
      else if (verdict === "unsteady") noteFailure(pending, "unsteady", range);
    };
    for (const piece of pieces) {
      yield* this.#hand(pending, piece, this.#driver.read(piece), (data) => {
        parts.push(data);
        judge();
      });
    }
  }

  *#stepsOf(op: FlashOp, watch?: Watch): Generator<SpiStep> {
    let blocks;
    this.#fed++;
    try {
      checkOp(this.#driver.geometry, op);
      blocks = op.kind === "erase" ? erasePieces(this.#driver.geometry, rangeOfOp(op)) : [];
    } catch (error) {
      if (!(error instanceof NorbridgeError)) throw error;
      this.invalid = error;
      return;
    }
    yield* this.#enterMode();
    if (op.kind !== "program") yield* this.#settle();
    const { triedPieceBytes, digestsTravel } = this.#reading;
    const isTried = op.kind === "read" && op.lengthBytes > 0 && triedPieceBytes > 0;
    const pending = newPending(op, isTried ? new ReadTrials(triedPieceBytes) : undefined);
    this.#pending.push(pending);
    switch (op.kind) {
      case "read":
        if (pending.trials !== undefined) {
          yield* this.#trial(pending);
          yield* this.#trial(pending);
          break;
        }
        for (const piece of readPieces(rangeOfOp(op))) {
          yield* this.#hand(pending, piece, this.#driver.read(piece), (data) => void pending.chunks.push(data));
        }
        break;
      case "digest":
        if (digestsTravel) yield* this.#digestByReading(pending);
        else if (op.lengthBytes > 0) {
          const whole = rangeOfOp(op);
          yield* this.#hand(pending, whole, this.#driver.digest(whole), (check) => void (pending.check = check));
        }
        break;
      case "identify":
        yield* this.#handPlain(pending, rangeOfOp(op), this.#reading.presence);
        break;
      case "erase":
        for (const block of blocks)
          yield* this.#handPlain(pending, block, this.#driver.erase(block.address, block.unit));
        break;
      case "program":
        yield* this.#stepsOfProgram(pending, op.address, op.data);
        if (watch !== undefined) yield* this.#watched(pending, op, watch);
    }
    pending.isFed = true;
  }

  /** A program is answered when it is known where it went; if it went elsewhere, the error stands for its answer. */
  *#watched(pending: Pending, op: ProgramOp, watch: Watch): Generator<SpiStep> {
    yield* this.#settle();
    const { sizeProof, before } = watch;
    const below = sizeProof.below(op);
    yield* this.#handPart(pending, below.steps, (results) => {
      const after = below.decode(results);
      watch.isOver = true;
      if (after.outcome !== "done") {
        noteOutcome(pending, after.outcome, rangeOfOp(op));
        return;
      }
      this.invalid ??= sizeProof.takeWatched(op, before, after.value);
      pending.isRefused = this.invalid !== undefined;
    });
  }

  *#digestByReading(pending: Pending): Generator<SpiStep> {
    for (const piece of readPieces(rangeOfOp(pending.op))) {
      yield* this.#hand(pending, piece, this.#driver.read(piece), (data) => {
        pending.check = blockCheck(data, pending.check);
      });
    }
  }

  *#stepsOfProgram(pending: Pending, address: number, data: Uint8Array): Generator<SpiStep> {
    const range = { address, lengthBytes: data.length };
    const { pageProof } = this.#reading;
    for (const piece of pageProof?.piecesOf(range) ?? pagesOf(this.#driver.geometry, range)) {
      const offset = piece.address - address;
      const bytes = data.subarray(offset, offset + piece.lengthBytes);
      const program = this.#driver.programPage(piece.address, bytes);
      pending.sentBytes += bytes.length;
      if (this.#driver.settle === undefined) {
        yield* this.#handPlain(pending, piece, program);
        continue;
      }
      const before = this.#unsettled;
      this.#unsettled = pending;
      pending.isUnsettled = true;
      yield* this.#handPart(pending, program.steps, (results) => {
        // The poll in this program was for the page before it: its failure is that page's.
        const hasWaited = results.some(({ kind }) => kind === "poll");
        const outcome = program.decode(results);
        if (before !== undefined && before !== pending)
          this.#settled(before, hasWaited ? "done" : outcome, lastRange(before));
        noteOutcome(pending, outcome, piece);
      });
    }
  }

  /** Waits for the last page, if one is on its way by itself. */
  *#settle(): Generator<SpiStep> {
    const pending = this.#unsettled;
    const program = this.#driver.settle?.();
    this.#unsettled = undefined;
    if (pending === undefined || program === undefined) return;
    yield* this.#handPart(pending, program.steps, (results) =>
      this.#settled(pending, program.decode(results), lastRange(pending)),
    );
  }

  #settled(pending: Pending, outcome: ChipOutcome, range: ByteRange): void {
    pending.isUnsettled = false;
    noteOutcome(pending, outcome, range);
  }

  #handPlain(pending: Pending, range: ByteRange, program: StepProgram<ChipOutcome>): Generator<SpiStep> {
    return this.#handPart(pending, program.steps, (results) => noteOutcome(pending, program.decode(results), range));
  }

  #hand<T>(
    pending: Pending,
    range: ByteRange,
    program: StepProgram<ChipAnswer<T>>,
    keep: (value: T) => void,
  ): Generator<SpiStep> {
    return this.#handPart(pending, program.steps, (results) => {
      const answer = program.decode(results);
      if (answer.outcome === "done") keep(answer.value);
      else noteOutcome(pending, answer.outcome, range);
    });
  }

  *#handPart(pending: Pending | undefined, steps: readonly SpiStep[], finish: Part["finish"]): Generator<SpiStep> {
    this.#parts.push({ pending, steps, results: [], finish });
    if (pending !== undefined) pending.partsOpen++;
    yield* steps;
  }

  /** The bridge's next result belongs to the oldest program that lacks one. */
  take(result: StepResult): void {
    const [part] = this.#parts;
    if (part === undefined) throw new NorbridgeError("BUG", "a result without a step", { operation: "run" });
    part.results.push(result);
    if (part.results.length < part.steps.length) return;
    this.#parts.shift();
    part.finish(part.results);
    if (part.pending !== undefined) part.pending.partsOpen--;
    this.#onAnswer?.();
  }

  /** Answers of operations that are complete, in order. */
  *answers(): Generator<FlashResult> {
    for (let first = this.#pending[0]; first !== undefined && isComplete(first); first = this.#pending[0]) {
      this.#pending.shift();
      if (first.isRefused) continue;
      this.hasFailed ||= first.failure !== undefined || first.isSkipped;
      yield answerOf(first);
    }
  }
}

/** Whether an operation is an erase whose command still has to show what it erases. */
function isWatched(op: FlashOp, geometry: FlashGeometry, trust: EraseTrust): boolean {
  return (
    isSound(op, geometry) &&
    op.kind === "erase" &&
    erasePieces(geometry, rangeOfOp(op)).some((block) => trust.isOpen(block))
  );
}

/** What makes no sense is refused where all operations are. */
function isSound(op: FlashOp, geometry: FlashGeometry): boolean {
  try {
    checkOp(geometry, op);
    if (op.kind === "erase") erasePieces(geometry, rangeOfOp(op));
    return true;
  } catch (error) {
    if (error instanceof NorbridgeError) return false;
    throw error;
  }
}

function newPending(op: FlashOp, trials: ReadTrials | undefined): Pending {
  return {
    trials,
    op,
    partsOpen: 0,
    isFed: false,
    isUnsettled: false,
    failure: undefined,
    isSkipped: false,
    isRefused: false,
    chunks: [],
    check: 0,
    sentBytes: 0,
  };
}

/** The first failure of an operation is what it is answered with. */
function noteOutcome(pending: Pending, outcome: ChipOutcome, range: ByteRange): void {
  if (outcome === "done") return;
  if (outcome === "skipped") pending.isSkipped = true;
  else noteFailure(pending, outcome, range);
}

function noteFailure(pending: Pending, outcome: ChipFailure, range: ByteRange): void {
  pending.failure ??= { outcome, range };
}

function isComplete(pending: Pending): boolean {
  const { isFed, partsOpen, isUnsettled, failure, isSkipped } = pending;
  if (!isFed || partsOpen > 0) return false;
  return failure !== undefined || isSkipped || (!isUnsettled && !isUnsure(pending));
}

/** Its trials have not agreed yet. */
function isUnsure({ trials, failure, isSkipped }: Pending): boolean {
  return trials !== undefined && trials.agreed === undefined && failure === undefined && !isSkipped;
}

function answerOf({ op, failure, isSkipped, chunks, trials, sentBytes, check: digest }: Pending): FlashResult {
  if (failure !== undefined) return { kind: "failed", ...failure };
  if (isSkipped) return { kind: "skipped" };
  switch (op.kind) {
    case "read":
      return { kind: "read", data: trials?.agreed ?? concatBytes(chunks) };
    case "digest":
      return { kind: "digest", check: digest };
    case "program":
      return { kind: "program", ...(sentBytes === op.data.length ? {} : { sentBytes }) };
    default:
      return { kind: op.kind };
  }
}

/** The last page of a program operation, the one that may still be under way. */
function lastRange({ op }: Pending): ByteRange {
  return rangeOfOp(op);
}

/** Whether a promise is settled already, or within a few turns of what is under way. */
export async function hasArrived(promise: Promise<unknown>): Promise<boolean> {
  const seen = { isSettled: false };
  const note = (): void => {
    seen.isSettled = true;
  };
  promise.then(note, note);
  for (let turn = 0; turn < TURNS && !seen.isSettled; turn++) await Promise.resolve();
  return seen.isSettled;
}
