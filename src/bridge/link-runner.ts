/**
 * The only loop that moves bytes: carries a machine's actions to a duplex and the duplex's bytes to the machine, and
 * makes a `Bridge` of the two. Written once for every protocol.
 *
 * What always holds: one timer, one pull of the step stream and one chain of writes are under way at most; after the
 * session is over every waiting promise is settled and the port is closed.
 */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Clock } from "../clock.ts";
import { advice } from "../advice.ts";
import { NorbridgeError } from "../errors.ts";
import type { RunOptions, Stream } from "../stream.ts";
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import type { Bridge, BridgeInfo, LinkStatistics } from "./bridge.ts";
import type { LinkAction, LinkEvent, LinkMachine } from "./link-machine.ts";
import { stepProblem } from "./step-limits.ts";

/** This many results, or bytes of them, may wait for the consumer before no further step is pulled. */
const MAX_WAITING_RESULTS = 4096;
const MAX_WAITING_BYTES = 4 * 2 ** 20;
/** What the wire can report. */
const MAX_CLOCK_HZ = 2 ** 32 - 1;
/** Why a timer is given up. A reason of its own: without one an exception is made each time, which costs. */
const OVER = "over";

type StepSource =
  | { readonly kind: "ready"; readonly iterator: Iterator<SpiStep> }
  | { readonly kind: "waiting"; readonly iterator: AsyncIterator<SpiStep> };

interface Run {
  readonly source: StepSource;
  /** Results that the consumer has not asked for yet. */
  results: StepResult[];
  resultBytes: number;
  ended: boolean;
  done: boolean;
  /** What the step stream itself threw; comes out of `run` after the results. */
  thrown: { readonly error: unknown } | undefined;
  /** A pull of the async source is under way and no step has come yet. */
  pulling: boolean;
  /** Its signal has aborted: a source that has nothing is not waited for any more. */
  aborted: boolean;
}

/** A promise and its handles, for waits that an action ends. */
interface Waiter<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function waiter<T>(): Waiter<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Opens a session of `machine` over `duplex`. On failure the duplex is closed and the reason thrown. */
export async function runLink(
  machine: LinkMachine,
  duplex: ByteDuplex,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Bridge> {
  const runner = new LinkRunner(machine, duplex, clock);
  return new LinkedBridge(runner, await runner.open(signal), clock);
}

class LinkedBridge implements Bridge {
  readonly info: BridgeInfo;
  readonly clock: Clock;
  readonly #runner: LinkRunner;

  constructor(runner: LinkRunner, info: BridgeInfo, clock: Clock) {
    this.#runner = runner;
    this.info = info;
    this.clock = clock;
  }

  get statistics(): LinkStatistics {
    return this.#runner.machine.statistics;
  }

  run(steps: Stream<SpiStep>, options: RunOptions = {}): AsyncIterable<StepResult> {
    return this.#runner.run(steps, options);
  }

  setSpiClockHz(clockHz: number): Promise<number> {
    return this.#runner.setSpiClockHz(clockHz);
  }

  close(): Promise<void> {
    return this.#runner.close();
  }
}

class LinkRunner {
  readonly machine: LinkMachine;
  readonly #duplex: ByteDuplex;
  readonly #clock: Clock;
  readonly #ready = waiter<BridgeInfo>();
  #info: BridgeInfo | undefined;
  readonly #over = waiter<undefined>();
  #spiClock: Waiter<number> | undefined;
  #run: Run | undefined;
  #wake: Waiter<undefined> | undefined;
  #failure: NorbridgeError | undefined;
  #isOver = false;
  #wantsStep: { readonly urgent: boolean } | undefined;
  #isDispatching = false;
  readonly #events: LinkEvent[] = [];
  #deadlineUs = Number.POSITIVE_INFINITY;
  #timer: { readonly atUs: number; readonly abort: AbortController } | undefined;
  #writes: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(machine: LinkMachine, duplex: ByteDuplex, clock: Clock) {
    this.machine = machine;
    this.#duplex = duplex;
    this.#clock = clock;
  }

  async open(signal: AbortSignal | undefined): Promise<BridgeInfo> {
    const onAbort = (): void => this.#cancelOpening(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    void this.#listen();
    if (signal?.aborted === true) onAbort();
    else this.#dispatch({ kind: "open", baudRate: this.#duplex.baudRate });
    try {
      return await this.#ready.promise;
    } catch (error) {
      // A later attempt must find the port free.
      await this.close();
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #cancelOpening(cause: unknown): void {
    if (this.#isOver) return;
    const message = `${this.#duplex.name}: cancelled before the session was open`;
    this.#failure = new NorbridgeError("ECANCELED", message, { operation: "open bridge", cause });
    this.#endSession();
  }

  async *run(steps: Stream<SpiStep>, options: RunOptions): AsyncGenerator<StepResult> {
    if (this.#isOver) throw this.#gone();
    if (this.#run !== undefined) {
      throw new NorbridgeError("EBUSY", `${this.#duplex.name}: a run is already in progress on this bridge`, {
        operation: "run",
        hint: "Read all of its results first. A FlashDevice on the bridge queues calls automatically.",
      });
    }
    const run: Run = {
      source: sourceOf(steps),
      results: [],
      resultBytes: 0,
      ended: false,
      done: false,
      thrown: undefined,
      pulling: false,
      aborted: options.signal?.aborted === true,
    };
    this.#run = run;
    const onAbort = (): void => {
      run.aborted = true;
      this.#dispatch({ kind: "cancel" });
      void this.#endIfStuck(run);
    };
    options.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      this.#events.push({ kind: "begin" });
      // Behind `begin` and before the first step is pulled: then nothing is begun.
      if (options.signal?.aborted === true) this.#events.push({ kind: "cancel" });
      this.#carryOn();
      yield* this.#results(run);
      if (run.thrown !== undefined) throw run.thrown.error;
    } finally {
      options.signal?.removeEventListener("abort", onAbort);
      await this.#finish(run);
    }
  }

  async *#results(run: Run): AsyncGenerator<StepResult> {
    for (;;) {
      const { results } = run;
      if (results.length > 0) {
        run.results = [];
        run.resultBytes = 0;
        yield* results;
        // The stream may have waited for this.
        this.#carryOn();
        continue;
      }
      if (run.done) return;
      if (this.#isOver) throw this.#gone();
      this.#wake = waiter<undefined>();
      await this.#wake.promise;
    }
  }

  /** Lets what was handed over end before another run may begin; the consumer may have stopped early. */
  async #finish(run: Run): Promise<void> {
    if (!run.done && !this.#isOver) {
      this.#end(run);
      while (!this.#isDone(run)) {
        this.#wake = waiter<undefined>();
        await this.#wake.promise;
      }
    }
    this.#run = undefined;
    await closeSource(run.source);
  }

  /** A function of its own: what it reads changes while its callers wait. */
  #isDone(run: Run): boolean {
    return run.done || this.#isOver;
  }

  async setSpiClockHz(clockHz: number): Promise<number> {
    if (this.#isOver) throw this.#gone();
    const details = { operation: "set SPI clock", hint: "Wait until the run has ended." };
    if (!Number.isSafeInteger(clockHz) || clockHz < 1 || clockHz > MAX_CLOCK_HZ) {
      const message = `${this.#duplex.name}: an SPI clock of ${clockHz} is not possible: 1 to ${MAX_CLOCK_HZ} Hz are`;
      throw new NorbridgeError("EINVAL", message, { operation: "set SPI clock" });
    }
    if (this.#run !== undefined) {
      throw new NorbridgeError("EBUSY", `${this.#duplex.name}: the SPI clock cannot change during a run`, details);
    }
    if (this.#spiClock !== undefined) {
      throw new NorbridgeError("EBUSY", `${this.#duplex.name}: another call is setting the SPI clock`, details);
    }
    this.#spiClock = waiter<number>();
    const { promise } = this.#spiClock;
    this.#dispatch({ kind: "set-spi-clock", clockHz });
    return promise;
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeOnce();
    return this.#closing;
  }

  async #closeOnce(): Promise<void> {
    this.#dispatch({ kind: "close" });
    if (!this.#isOver) await this.#over.promise;
    await this.#duplex.close();
  }

  #gone(): NorbridgeError {
    return (
      this.#failure ?? new NorbridgeError("ESHUTDOWN", `${this.#duplex.name} is already closed`, { operation: "run" })
    );
  }

  // --- events -------------------------------------------------------------------------------------------------------

  async #listen(): Promise<void> {
    let reason = "the other side closed the connection";
    try {
      for await (const bytes of this.#duplex.incoming) this.#dispatch({ kind: "bytes", bytes });
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    this.#dispatch({ kind: "lost", reason });
  }

  /** Passes an event to the machine and carries out its actions; events raised meanwhile wait their turn. */
  #dispatch(event: LinkEvent): void {
    this.#events.push(event);
    this.#carryOn();
  }

  #carryOn(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      for (;;) {
        if (this.#events.length === 0) this.#pull();
        const next = this.#events.shift();
        if (next === undefined) break;
        if (this.#isOver) continue;
        for (const action of this.machine.on(next, this.#clock.nowUs())) {
          if (!this.#hasEnded()) this.#act(action);
        }
      }
    } finally {
      this.#isDispatching = false;
    }
    this.#setTimer();
  }

  /** A function of its own: an action may end the session. */
  #hasEnded(): boolean {
    return this.#isOver;
  }

  #act(action: LinkAction): void {
    switch (action.kind) {
      case "write":
        return this.#write(action.bytes);
      case "ready":
        this.#info = action.info;
        return this.#ready.resolve(action.info);
      case "want-step":
        this.#wantsStep = action;
        return;
      case "result":
        return this.#addResult(action.result);
      case "run-done":
        if (this.#run !== undefined) this.#run.done = true;
        return this.#wakeUp();
      case "spi-clock":
        return this.#settleSpiClock(action.clockHz);
      case "set-baud":
        return this.#setBaud(action.baudRate);
      case "wait":
        // The clock counts whole microseconds: half of one would never be reached.
        this.#deadlineUs = Math.ceil(action.untilUs);
        return;
      case "fail":
        // What the other side has reported counts more than what it looks like from here.
        this.#failure =
          this.#duplex.endedBy ??
          new NorbridgeError(action.failure.code, `${this.#duplex.name}: ${action.failure.message}`, {
            operation: "link",
            hint: action.failure.hint,
          });
        return this.#endSession();
      case "closed":
        return this.#endSession();
    }
  }

  /** Never rejects: a clock that cannot continue ends the session, and with it everything that waits. */
  async #wait(durationUs: number, signal?: AbortSignal): Promise<void> {
    try {
      await this.#clock.wait(durationUs, signal);
    } catch (error) {
      if (this.#isOver) return;
      const why = error instanceof Error ? error.message : String(error);
      this.#failure =
        error instanceof NorbridgeError ? error : new NorbridgeError("BUG", why, { operation: "link", cause: error });
      this.#endSession();
    }
  }

  #addResult(result: StepResult): void {
    const run = this.#run;
    if (run === undefined) return;
    run.results.push(result);
    if (result.kind === "transfer") run.resultBytes += result.received.length;
    this.#wakeUp();
  }

  #write(bytes: Uint8Array): void {
    this.#writes = this.#writes.then(() =>
      this.#duplex.write(bytes).catch((error: unknown) => {
        this.#dispatch({ kind: "lost", reason: error instanceof Error ? error.message : String(error) });
      }),
    );
  }

  #setBaud(baudRate: number): void {
    void this.#writes
      .then(() => this.#duplex.setBaudRate(baudRate))
      .catch(() => false)
      .then((ok) => this.#dispatch({ kind: "baud-set", ok }));
  }

  #settleSpiClock(clockHz: number | undefined): void {
    const waiting = this.#spiClock;
    this.#spiClock = undefined;
    if (clockHz !== undefined) return waiting?.resolve(clockHz);
    waiting?.reject(
      new NorbridgeError("BRIDGE_PROTOCOL", `${this.#duplex.name}: the bridge cannot set its SPI clock`, {
        operation: "set SPI clock",
        hint: advice("Use the default SPI clock with this bridge.", "omit-spi-clock"),
      }),
    );
  }

  #endSession(): void {
    this.#isOver = true;
    this.#deadlineUs = Number.POSITIVE_INFINITY;
    const gone = this.#gone();
    this.#ready.reject(gone);
    this.#ready.promise.catch(() => undefined);
    this.#spiClock?.reject(gone);
    this.#over.resolve(undefined);
    this.#wakeUp();
    if (this.#failure !== undefined) this.#closing ??= this.#duplex.close();
  }

  #wakeUp(): void {
    this.#wake?.resolve(undefined);
    this.#wake = undefined;
  }

  // --- the step stream ----------------------------------------------------------------------------------------------

  #pull(): void {
    const want = this.#wantsStep;
    const run = this.#run;
    if (want === undefined || run === undefined || run.pulling || this.#isOver) return;
    if (run.results.length >= MAX_WAITING_RESULTS || run.resultBytes >= MAX_WAITING_BYTES) {
      // The consumer is slower than the bridge. The request stays; what has been taken so far goes out.
      if (want.urgent) this.#events.push({ kind: "starved" });
      this.#wantsStep = { urgent: false };
      return;
    }
    this.#wantsStep = undefined;
    if (run.ended) return;
    if (run.source.kind === "waiting") return this.#pullLater(run, run.source.iterator, want.urgent);
    try {
      this.#take(run, run.source.iterator.next());
    } catch (error) {
      this.#break(run, error);
    }
  }

  #pullLater(run: Run, iterator: AsyncIterator<SpiStep>, urgent: boolean): void {
    run.pulling = true;
    const next = async (): Promise<IteratorResult<SpiStep>> => iterator.next();
    next().then(
      (result) => {
        run.pulling = false;
        this.#take(run, result);
      },
      (error: unknown) => {
        run.pulling = false;
        this.#break(run, error);
      },
    );
    if (urgent) void this.#watchForStarving(run);
    if (run.aborted) void this.#endIfStuck(run);
  }

  /** Of a run that was aborted: what its source has at hand is still answered, what it has not is not waited for. */
  async #endIfStuck(run: Run): Promise<void> {
    await this.#wait(0);
    if (run.pulling && !run.ended && this.#run === run) this.#end(run);
  }

  #take(run: Run, next: IteratorResult<SpiStep>): void {
    if (run.ended) return;
    let step: SpiStep;
    try {
      if (next.done === true) return this.#end(run);
      // Copied: what is checked here is what is sent, also if a field is a getter of the caller's.
      step = { ...next.value };
      const problem = this.#info === undefined ? undefined : stepProblem(step, this.#info);
      if (problem !== undefined) {
        throw new NorbridgeError("EINVAL", `${this.#duplex.name}: ${problem}`, { operation: "run" });
      }
    } catch (error) {
      return this.#break(run, error);
    }
    this.#dispatch({ kind: "step", step });
  }

  /** If the stream has nothing at hand once all that is ready has run, what waits in the machine must go out. */
  async #watchForStarving(run: Run): Promise<void> {
    await this.#wait(0);
    if (run.pulling && !run.ended && this.#run === run) this.#dispatch({ kind: "starved" });
  }

  #end(run: Run): void {
    if (run.ended) return;
    run.ended = true;
    this.#dispatch({ kind: "end" });
  }

  #break(run: Run, error: unknown): void {
    // An error of a source is ignored if its run has already ended.
    if (run.ended) return;
    run.thrown = { error };
    this.#end(run);
  }

  // --- time ---------------------------------------------------------------------------------------------------------

  /** One timer; it is only set again when it would come too late, since most deadlines move on before they come. */
  #setTimer(): void {
    if (this.#deadlineUs === Number.POSITIVE_INFINITY) {
      this.#timer?.abort.abort(OVER);
      this.#timer = undefined;
      return;
    }
    if (this.#timer !== undefined && this.#timer.atUs <= this.#deadlineUs) return;
    this.#timer?.abort.abort(OVER);
    const timer = { atUs: this.#deadlineUs, abort: new AbortController() };
    this.#timer = timer;
    void this.#wait(Math.max(1, this.#deadlineUs - this.#clock.nowUs()), timer.abort.signal).then(async () => {
      if (this.#timer !== timer) return;
      // The program may have been held up: what came in meanwhile counts before the deadline does.
      await this.#wait(0);
      if (this.#timer !== timer) return;
      this.#timer = undefined;
      if (this.#clock.nowUs() >= this.#deadlineUs) this.#dispatch({ kind: "deadline" });
      else this.#setTimer();
    });
  }
}

function sourceOf(steps: Stream<SpiStep>): StepSource {
  return Symbol.asyncIterator in steps
    ? { kind: "waiting", iterator: steps[Symbol.asyncIterator]() }
    : { kind: "ready", iterator: steps[Symbol.iterator]() };
}

/** Lets a generator run its `finally`; one that waits for something that will not come must not hold us up. */
async function closeSource(source: StepSource): Promise<void> {
  if (source.kind === "ready") source.iterator.return?.();
  else void source.iterator.return?.().catch(() => undefined);
  await Promise.resolve();
}
