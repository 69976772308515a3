/**
 * Turns code that asks and awaits into one pipelined `device.run`: every job is one stream of operations, and the link
 * never falls idle between two of them.
 *
 * Always holds: answers settle in the order of the operations handed over; an operation that was dropped before it was
 * handed over has changed nothing; after the first failure nothing more is handed over. Callers may ignore
 * promises of answers: a rejection is never an unhandled one, the failure is kept in `failure`.
 */
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import { NorbridgeError } from "../errors.ts";
import { type Claims, claimsOf } from "../flash/claims.ts";
import type { ChipFailure } from "../flash/chip-failure.ts";
import type { AroundErase, EraseFinding } from "../flash/erase-finding.ts";
import type { FlashDevice, FlashOp, FlashResult } from "../flash/flash-device.ts";
import type { PageFinding } from "../flash/page-proof.ts";
import type { RunOptions } from "../stream.ts";

/** Bytes of payload asked ahead of answers, both ways. More than a bridge with 100 KiB of buffer holds. */
const MAX_PAYLOAD_BYTES = 192 * 1024;
/** What an operation weighs besides its payload, so that their number is bounded as well. */
const OP_WEIGHT_BYTES = 64;

/** Why a pipe stopped before its end. */
export type PipeFailure =
  /** The chip said no; `range` is where. */
  | {
      readonly kind: "chip";
      readonly outcome: ChipFailure;
      readonly op: FlashOp["kind"];
      readonly range: ByteRange;
      /** What an erase did instead of what it should. */
      readonly finding?: EraseFinding | undefined;
      /** The page size that a program showed. */
      readonly page?: PageFinding | undefined;
    }
  | { readonly kind: "aborted" }
  /** `device.run` threw: the link is gone, or an argument was wrong. */
  | { readonly kind: "thrown"; readonly error: unknown };

/** An answer that is not a failure. */
type GoodResult = Exclude<FlashResult, { readonly kind: "failed" | "skipped" }>;

interface Asked {
  readonly op: FlashOp;
  readonly weightBytes: number;
  readonly resolve: (result: GoodResult) => void;
  readonly reject: (error: Error) => void;
}

export interface OpPipeOptions extends RunOptions {
  /** After this many operations of the main lane one of the side lane is let in. Default 8. */
  readonly mainPerAside?: number | undefined;
}

/**
 * The main lane is the work itself. The side lane prepares what comes later: it is let in now and then, and at once
 * when the main lane has nothing to say.
 */
export type Lane = "main" | "aside";

export class OpPipe {
  readonly #lanes: Record<Lane, Asked[]> = { main: [], aside: [] };
  readonly #flying: Asked[] = [];
  readonly #mainPerAside: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#fail({ kind: "aborted" });
  /** Waits for something that is not the chip's; they end when the pipe fails. */
  readonly #outside = new Set<(error: Error) => void>();
  readonly #claims: Claims;
  readonly #driven: Promise<void>;
  #mainSinceAside = 0;
  #weightBytes = 0;
  #wakeFeeder: (() => void) | undefined;
  #roomWaiters: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #isEnding = false;
  #failure: PipeFailure | undefined;
  #changed = false;
  readonly #torn: ByteRange[] = [];

  constructor(device: FlashDevice, options: OpPipeOptions = {}) {
    this.#mainPerAside = options.mainPerAside ?? 8;
    this.#signal = options.signal;
    this.#claims = claimsOf(device);
    // At once, whatever is waited for: a pipe that has nothing to say would not notice.
    if (this.#signal?.aborted === true) this.#onAbort();
    else this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#driven = this.#drive(device);
  }

  /** The first thing that went wrong, or undefined. */
  get failure(): PipeFailure | undefined {
    return this.#failure;
  }

  /** Whether an erase or program was done, or may have begun. Final once `end` or `stop` is over. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Ranges of erases and programs of which it is not known how far they went. Final as `changed`. */
  get torn(): readonly ByteRange[] {
    return this.#torn;
  }

  read({ address, lengthBytes }: ByteRange, lane: Lane = "main"): Promise<Uint8Array> {
    return this.#answer({ kind: "read", address, lengthBytes }, lane, (result) => {
      if (result.kind !== "read") throw bug(`a read operation returned ${result.kind}`);
      return result.data;
    });
  }

  digest({ address, lengthBytes }: ByteRange, lane: Lane = "main"): Promise<number> {
    return this.#answer({ kind: "digest", address, lengthBytes }, lane, (result) => {
      if (result.kind !== "digest") throw bug(`a digest operation returned ${result.kind}`);
      return result.check;
    });
  }

  /** Resolves if the chip responds by its name after what was asked before in this lane. */
  identify(lane: Lane = "main"): Promise<void> {
    return this.#answer({ kind: "identify", address: 0, lengthBytes: 0 }, lane, () => undefined);
  }

  /** `around`: what is known of the bytes beside it, for a chip that still has to show what it erases. */
  erase({ address, lengthBytes }: ByteRange, around?: AroundErase): Promise<void> {
    const op = { kind: "erase", address, lengthBytes, around } as const;
    return this.#answer(op, "main", () => undefined);
  }

  /** Resolves to the number of bytes that were sent: erased ones may be left out. */
  program(address: number, data: Uint8Array): Promise<number> {
    return this.#answer({ kind: "program", address, data }, "main", (result) => {
      if (result.kind !== "program") throw bug(`a program operation returned ${result.kind}`);
      return result.sentBytes ?? data.length;
    });
  }

  /** Resolves when more may be asked; rejects when the pipe has failed. Await it before each row of questions. */
  room(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(stopped());
    if (this.#weightBytes < MAX_PAYLOAD_BYTES) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#roomWaiters.push({ resolve, reject });
    });
  }

  /**
   * Waits for something that is not the chip's doing (an image, a sink): settles as `wait` does, and rejects as soon as the
   * pipe has failed or was aborted, whether or not that ever answers.
   */
  outside<T>(wait: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) reject(stopped());
      this.#outside.add(reject);
      wait.then(resolve, reject).finally(() => this.#outside.delete(reject));
    });
  }

  /** Waits for all answers and the end of the run. Rejects if the pipe has failed. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#wake();
    await this.#driven;
    if (this.#failure !== undefined) throw stopped();
  }

  /** Drops what was not handed over, waits for what was. Never rejects. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    this.#dropQueued();
    this.#wake();
    await this.#driven;
  }

  /** A promise that may be left alone: its rejection counts as handled. */
  #answer<T>(op: FlashOp, lane: Lane, read: (result: GoodResult) => T): Promise<T> {
    const answer = this.#ask(op, lane).then(read);
    answer.catch(() => undefined);
    return answer;
  }

  #ask(op: FlashOp, lane: Lane): Promise<GoodResult> {
    return new Promise<GoodResult>((resolve, reject) => {
      if (this.#failure === undefined && this.#signal?.aborted === true) this.#fail({ kind: "aborted" });
      if (this.#failure !== undefined || this.#isEnding) {
        reject(stopped());
        return;
      }
      if (op.kind === "erase" || op.kind === "program") this.#claims.changing(rangeOf(op), "a job");
      const weightBytes = OP_WEIGHT_BYTES + payloadBytes(op);
      this.#weightBytes += weightBytes;
      this.#lanes[lane].push({ op, weightBytes, resolve, reject });
      this.#wake();
    });
  }

  async #drive(device: FlashDevice): Promise<void> {
    try {
      const options = this.#signal === undefined ? {} : { signal: this.#signal };
      for await (const result of device.run(this.#feed(), options)) this.#onResult(result);
      if (this.#flying.length > 0) throw bug("a run ended before it had answered every operation");
    } catch (error) {
      const lost = this.#flying.splice(0);
      // What made no sense was not sent, nor anything after it.
      if (!isRefusal(error)) for (const asked of lost) this.#noteTorn(asked.op, rangeOf(asked.op));
      const isAbort = error instanceof NorbridgeError && error.code === "ECANCELED";
      this.#fail(isAbort ? { kind: "aborted" } : { kind: "thrown", error });
      for (const asked of lost) asked.reject(stopped());
    }
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#isEnding = true;
    this.#dropQueued();
  }

  async *#feed(): AsyncGenerator<FlashOp> {
    for (;;) {
      const asked = this.#next();
      if (asked !== undefined) {
        this.#flying.push(asked);
        yield asked.op;
      } else if (this.#isEnding || this.#failure !== undefined) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeFeeder = resolve;
        });
      }
    }
  }

  #next(): Asked | undefined {
    const { main, aside } = this.#lanes;
    if (aside.length > 0 && (main.length === 0 || this.#mainSinceAside >= this.#mainPerAside)) {
      this.#mainSinceAside = 0;
      return aside.shift();
    }
    const asked = main.shift();
    if (asked !== undefined) this.#mainSinceAside++;
    return asked;
  }

  #onResult(result: FlashResult): void {
    const asked = this.#flying.shift();
    if (asked === undefined) throw bug("a run answered more than it was asked");
    const { op } = asked;
    if (result.kind === "failed") {
      const { outcome, range, finding, page } = result;
      // What the chip ignored, or what was not sent, has changed nothing.
      const isUnchanged = outcome === "ignored" || outcome === "refused";
      if (!isUnchanged) this.#noteTorn(op, op.kind === "erase" ? (finding?.erased ?? rangeOf(op)) : range);
      if (outcome === "aborted") this.#fail({ kind: "aborted" });
      else if (outcome === "refused") this.#fail({ kind: "thrown", error: result.reason });
      else this.#fail({ kind: "chip", outcome, op: op.kind, range, finding, page });
    } else if (result.kind === "skipped") {
      // Skipped with nothing failed before it: only the signal does that.
      this.#fail({ kind: "aborted" });
    } else {
      const isChange = op.kind === "erase" || op.kind === "program";
      if (isChange) this.#changed = true;
      // A chip that has just lost its supply reads FF, which may be what was wanted: after a failure nothing is proved.
      if (isChange || this.#failure === undefined) asked.resolve(result);
      else asked.reject(stopped());
      this.#lighten(asked);
      return;
    }
    asked.reject(stopped());
  }

  #noteTorn(op: FlashOp, range: ByteRange): void {
    if (op.kind !== "erase" && op.kind !== "program") return;
    this.#changed = true;
    this.#torn.push(range);
  }

  /** The first failure counts; what comes later follows from it. */
  #fail(failure: PipeFailure): void {
    this.#failure ??= failure;
    this.#dropQueued();
    for (const waiter of this.#roomWaiters.splice(0)) waiter.reject(stopped());
    for (const reject of this.#outside) reject(stopped());
    this.#wake();
  }

  #dropQueued(): void {
    for (const lane of [this.#lanes.main, this.#lanes.aside]) {
      for (const asked of lane.splice(0)) asked.reject(stopped());
    }
    for (const waiter of this.#roomWaiters.splice(0)) waiter.reject(stopped());
  }

  #lighten(asked: Asked): void {
    this.#weightBytes -= asked.weightBytes;
    if (this.#weightBytes >= MAX_PAYLOAD_BYTES) return;
    for (const waiter of this.#roomWaiters.splice(0)) waiter.resolve();
  }

  #wake(): void {
    const wake = this.#wakeFeeder;
    this.#wakeFeeder = undefined;
    wake?.();
  }
}

/** What an operation touches on the chip. */
function rangeOf(op: FlashOp): ByteRange {
  return { address: op.address, lengthBytes: op.kind === "program" ? op.data.length : op.lengthBytes };
}

function payloadBytes(op: FlashOp): number {
  if (op.kind === "program") return op.data.length;
  return op.kind === "read" ? op.lengthBytes : 0;
}

/** An operation that the device did not take: its range, or a command that needs consent. Devices check before they send. */
function isRefusal(error: unknown): boolean {
  return error instanceof NorbridgeError && (error.code === "EINVAL" || error.code === "ERANGE");
}

function bug(message: string): NorbridgeError {
  return new NorbridgeError("BUG", message, { operation: "run" });
}

/** Only a signal to unwind: the reason is in `failure`. */
function stopped(): Error {
  return new Error("the pipe has stopped");
}

/** Cuts a range into pieces of at most `pieceBytes`, each ending at a multiple of it. */
export function* piecesOf(range: ByteRange, pieceBytes: number): Generator<ByteRange> {
  let address = range.address;
  while (address < rangeEnd(range)) {
    const stop = Math.min(rangeEnd(range), (Math.floor(address / pieceBytes) + 1) * pieceBytes);
    yield { address, lengthBytes: stop - address };
    address = stop;
  }
}
