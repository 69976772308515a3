/**
 * A chip behind a bridge as a `FlashDevice`: operations become step programs, their steps go to the bridge, the answers
 * come back in the same order and are read by the programs that asked.
 *
 * Always holds: one answer an operation, in order, as soon as the bridge has given its last result; nothing of an
 * operation is sent before all of it was checked; after a failure everything else is answered `skipped`.
 *
 * Chips that program from one buffer while the other is loaded (`ChipDriver.settle`): a page is known to be done only when
 * the next page's program has waited for it, or a settle has. So the answer of the last page is held back until then. A
 * settle is sent before any other kind of operation, at the end, and whenever the next operation is not there yet when the
 * bridge asks: whoever waits for the answer of his last program before he goes on must get it.
 */
import type { StepResult, SpiStep } from "../../firmware-protocol/step.ts";
import type { ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import type { ChipAnswer, ChipDriver, ChipOutcome, StepProgram } from "../../drivers/chip-driver.ts";
import { type ByteRange, type FlashGeometry, pagesOf } from "../../drivers/geometry.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { concatBytes } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { RunOptions, Stream } from "../stream.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import type { FlashDevice, FlashIdentity, FlashOp, FlashProtection, FlashResult, LinkTraits } from "./flash-device.ts";
import { type ChipFailure, chipFailed, doneOr, valueOf } from "./chip-failure.ts";
import { chipServices, type ChipServices } from "./chip-services.ts";
import { guardBridge, type GuardedBridge } from "./guarded-bridge.ts";
import { runProgram } from "./run-program.ts";
import { SingleOperations } from "./single-operations.ts";
import { checkRange, erasePieces, rangeOfOp, readPieces } from "./op-parts.ts";
import { ReadTrials } from "./read-trials.ts";

/** One operation on its way. */
interface Pending {
  readonly op: FlashOp;
  /** Programs handed to the bridge and not answered. */
  partsOpen: number;
  /** All of its programs have been handed over. */
  isFed: boolean;
  /** Its last page is programmed by itself, and nobody has seen it end. */
  isUnsettled: boolean;
  failure: { readonly outcome: ChipFailure; readonly range: ByteRange } | undefined;
  isSkipped: boolean;
  readonly chunks: Uint8Array[];
  crc32: number;
  /** Reads that are compared with each other: the answer waits until two agree. */
  readonly trials: ReadTrials | undefined;
}

/** A step program on its way, and what to do with its answer. */
interface Part {
  readonly pending: Pending;
  readonly steps: readonly SpiStep[];
  readonly results: StepResult[];
  readonly finish: (results: readonly StepResult[]) => void;
}

/** How often a waiting stream gets its turn before it counts as waiting for us. */
const TURNS = 8;

/** What `createNorFlash` is told besides bridge and driver. */
export interface NorFlashOptions {
  /** Reads the identification again; throws CHIP_CHANGED or CHIP_MISSING. */
  readonly checkIdentity: () => Promise<void>;
  /** Asks the chip for its name: `no-answer` where it is not what it was when it was found. */
  readonly presence: StepProgram<ChipOutcome>;
  /** Waits for a chip that is busy, and not at all where the status says that nobody is there. */
  readonly waitWhileBusy: () => Promise<void>;
  /** Make every read twice, in other pieces, and compare. */
  readonly readsTwice: boolean;
  /** Says which commands change the chip for good. */
  readonly descriptor: ChipDescriptor;
}

/** A device from a bridge, a driver and what identification found. */
export function createNorFlash(
  bridge: Bridge,
  driver: ChipDriver,
  identity: FlashIdentity,
  options: NorFlashOptions,
): FlashDevice {
  return new NorFlash(bridge, driver, identity, options);
}

class NorFlash extends SingleOperations implements FlashDevice {
  readonly identity: FlashIdentity;
  readonly #bridge: Bridge;
  readonly #driver: ChipDriver;
  readonly #options: NorFlashOptions;
  readonly #guarded: GuardedBridge;
  readonly services: ChipServices;
  /** The last run did not end well: the chip may still be at work with what was broken off. */
  #isUncertain: boolean;

  constructor(bridge: Bridge, driver: ChipDriver, identity: FlashIdentity, options: NorFlashOptions) {
    super();
    this.#bridge = bridge;
    this.#driver = driver;
    this.identity = identity;
    this.#options = options;
    // It may be at work with what a program before this one has left: an AT45 says its name all the same, an AT25 does not.
    this.#isUncertain = options.descriptor.family === "at45";
    this.#guarded = guardBridge(bridge, options.descriptor);
    this.services = chipServices(this.#guarded, driver, {
      calmDown: () => this.#calmDown(),
      isUnchecked: bridge.info.isUnchecked,
    });
  }

  get geometry(): FlashGeometry {
    return this.#driver.geometry;
  }

  get queueBytes(): number | undefined {
    return this.link.digestsTravel ? undefined : this.#bridge.info.bufferBytes;
  }

  get link(): LinkTraits {
    const { features, isUnchecked } = this.#bridge.info;
    return { digestsTravel: !features.includes("digest"), isUnchecked, readsTwice: this.#options.readsTwice };
  }

  async *run(ops: Stream<FlashOp>, options: RunOptions = {}): AsyncGenerator<FlashResult> {
    await this.#calmDown();
    const { digestsTravel, readsTwice } = this.link;
    const run = new OpRun(this.#driver, {
      digestsTravel,
      triedPieceBytes: readsTwice ? this.#bridge.info.maxReceiveBytes : 0,
      presence: this.#options.presence,
    });
    this.#isUncertain = true;
    for await (const result of this.#guarded.run(run.steps(ops), options)) {
      run.take(result);
      yield* run.answers();
    }
    yield* run.answers();
    this.#isUncertain = run.hasFailed;
    if (run.invalid !== undefined) throw run.invalid;
  }

  async protectedRanges(): Promise<FlashProtection> {
    const { ranges, heldBy } = await this.services.protection.read();
    return { ranges, heldBy: ranges.length === 0 ? "" : heldBy };
  }

  checkIdentity(): Promise<void> {
    return this.#options.checkIdentity();
  }

  close(): Promise<void> {
    return this.#bridge.close();
  }

  /** Waits until the chip listens again, where the last run left that open. */
  async #calmDown(): Promise<void> {
    if (!this.#isUncertain) return;
    // Without supply the status reads FF, which looks busy, and would be waited for as long as the longest erase takes.
    const { presence, waitWhileBusy } = this.#options;
    if ((await runProgram(this.#guarded, presence)) !== "done") {
      await waitWhileBusy();
      doneOr(await runProgram(this.#guarded, presence), "wait for the chip");
    }
    valueOf(await runProgram(this.#guarded, this.#driver.wake()), "wait for the chip");
    this.#isUncertain = false;
  }

  protected override async one(op: FlashOp): Promise<FlashResult> {
    for await (const result of this.run([op])) {
      if (result.kind !== "failed") return result;
      throw chipFailed(op.kind, result.outcome, result.range);
    }
    throw new NorbridgeError("BUG", "a run ended without an answer", { operation: op.kind });
  }
}

/** How a run reads. */
interface Reading {
  /** The bridge takes no digests: bytes are read, and the digest is taken here. */
  readonly digestsTravel: boolean;
  /** Every read is made a second time in pieces shorter than this; 0: once is enough. */
  readonly triedPieceBytes: number;
  readonly presence: StepProgram<ChipOutcome>;
}

/** The state of one `run`. */
class OpRun {
  /** An operation that made no sense: nothing of it was sent, and the run ends with it. */
  invalid: NorbridgeError | undefined;
  /** An answer was not what was asked for. */
  hasFailed = false;
  readonly #driver: ChipDriver;
  readonly #parts: Part[] = [];
  readonly #pending: Pending[] = [];
  /** The operation whose last page nobody has seen end. */
  #unsettled: Pending | undefined;
  readonly #reading: Reading;
  /** Reads whose trials differ: read again before anything else. */
  readonly #again: Pending[] = [];
  /** Wakes the stream of steps when answers have come in. */
  #onAnswer: (() => void) | undefined;

  constructor(driver: ChipDriver, reading: Reading) {
    this.#driver = driver;
    this.#reading = reading;
  }

  /** Steps for the bridge, made as it asks for them. */
  steps(ops: Stream<FlashOp>): Stream<SpiStep> {
    if (Symbol.asyncIterator in ops) return this.#stepsLater(ops);
    // What has to be read again shows only when answers come, and that has to be waited for.
    return this.#reading.triedPieceBytes > 0 ? this.#stepsLater(later(ops)) : this.#stepsNow(ops);
  }

  *#stepsNow(ops: Iterable<FlashOp>): Generator<SpiStep> {
    for (const op of ops) {
      yield* this.#stepsOf(op);
      if (this.invalid !== undefined) break;
    }
    yield* this.#settle();
  }

  async *#stepsLater(ops: AsyncIterable<FlashOp>): AsyncGenerator<SpiStep> {
    const iterator = ops[Symbol.asyncIterator]();
    try {
      for (;;) {
        const coming = iterator.next();
        if (this.#unsettled !== undefined && !(await hasArrived(coming))) yield* this.#settle();
        if (this.#hasUnsure && !(await hasArrived(coming))) yield* this.#settleTrials(coming);
        const next = await coming;
        if (next.done === true) break;
        yield* this.#stepsOf(next.value);
        if (this.invalid !== undefined) break;
      }
      yield* this.#settle();
      yield* this.#settleTrials();
    } finally {
      await iterator.return?.();
    }
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

  *#stepsOf(op: FlashOp): Generator<SpiStep> {
    let blocks;
    try {
      checkRange(this.#driver.geometry, rangeOfOp(op), op.kind);
      blocks = op.kind === "erase" ? erasePieces(this.#driver.geometry, rangeOfOp(op)) : [];
    } catch (error) {
      if (!(error instanceof NorbridgeError)) throw error;
      this.invalid = error;
      return;
    }
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
          yield* this.#hand(pending, whole, this.#driver.digest(whole), (crc32) => void (pending.crc32 = crc32));
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
    }
    pending.isFed = true;
  }

  *#digestByReading(pending: Pending): Generator<SpiStep> {
    for (const piece of readPieces(rangeOfOp(pending.op))) {
      yield* this.#hand(pending, piece, this.#driver.read(piece), (data) => {
        pending.crc32 = crc32(data, pending.crc32);
      });
    }
  }

  *#stepsOfProgram(pending: Pending, address: number, data: Uint8Array): Generator<SpiStep> {
    for (const piece of pagesOf(this.#driver.geometry, { address, lengthBytes: data.length })) {
      const offset = piece.address - address;
      const bytes = data.subarray(offset, offset + piece.lengthBytes);
      const program = this.#driver.programPage(piece.address, bytes);
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

  *#handPart(pending: Pending, steps: readonly SpiStep[], finish: Part["finish"]): Generator<SpiStep> {
    this.#parts.push({ pending, steps, results: [], finish });
    pending.partsOpen++;
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
    part.pending.partsOpen--;
    this.#onAnswer?.();
  }

  /** Answers of operations that are complete, in order. */
  *answers(): Generator<FlashResult> {
    for (let first = this.#pending[0]; first !== undefined && isComplete(first); first = this.#pending[0]) {
      this.#pending.shift();
      this.hasFailed ||= first.failure !== undefined || first.isSkipped;
      yield answerOf(first);
    }
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
    chunks: [],
    crc32: 0,
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

function answerOf({ op, failure, isSkipped, chunks, trials, crc32: digest }: Pending): FlashResult {
  if (failure !== undefined) return { kind: "failed", ...failure };
  if (isSkipped) return { kind: "skipped" };
  switch (op.kind) {
    case "read":
      return { kind: "read", data: trials?.agreed ?? concatBytes(chunks) };
    case "digest":
      return { kind: "digest", crc32: digest };
    default:
      return { kind: op.kind };
  }
}

/** The last page of a program operation, the one that may still be under way. */
function lastRange({ op }: Pending): ByteRange {
  return rangeOfOp(op);
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  await Promise.resolve();
  yield* items;
}

/** Whether a promise is settled already, or within a few turns of what is under way. */
async function hasArrived(promise: Promise<unknown>): Promise<boolean> {
  const seen = { isSettled: false };
  const note = (): void => {
    seen.isSettled = true;
  };
  promise.then(note, note);
  for (let turn = 0; turn < TURNS && !seen.isSettled; turn++) await Promise.resolve();
  return seen.isSettled;
}
