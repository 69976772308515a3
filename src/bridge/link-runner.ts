/**
 * The only loop that moves bytes: carries a machine's actions to a duplex and the duplex's bytes to the machine, and
 * makes a `Bridge` of the two. Written once for every protocol.
 *
 * What always holds: one timer, one pull of the step stream and one chain of writes are in progress at most; after the
 * session is over every waiting promise is settled and the port is closed.
 */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Clock } from "../clock.ts";
import { advice } from "../advice.ts";
import { NorbridgeError } from "../errors.ts";
import type { RunOptions, Stream } from "../stream.ts";
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import type { Bridge, BridgeInfo, LinkStatistics } from "./bridge.ts";
import { DeadlineTimer } from "./deadline-timer.ts";
import type { LinkAction, LinkEvent, LinkMachine } from "./link-machine.ts";
import { RunResults } from "./run-results.ts";
import { StepFeed } from "./step-feed.ts";
import { stepProblem } from "./step-limits.ts";
import { type Waiter, waiter } from "./waiter.ts";

/** What the wire can report. */
const MAX_CLOCK_HZ = 2 ** 32 - 1;
/** One run of steps. */
interface Run {
  readonly feed: StepFeed;
  readonly results: RunResults;
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
  readonly #over = waiter<undefined>();
  readonly #timer: DeadlineTimer;
  readonly #events: LinkEvent[] = [];
  #isDispatching = false;
  #info: BridgeInfo | undefined;
  #spiClock: Waiter<number> | undefined;
  #run: Run | undefined;
  #writes: Promise<void> = Promise.resolve();
  #failure: NorbridgeError | undefined;
  #isOver = false;
  #closing: Promise<void> | undefined;

  constructor(machine: LinkMachine, duplex: ByteDuplex, clock: Clock) {
    this.machine = machine;
    this.#duplex = duplex;
    this.#clock = clock;
    this.#timer = new DeadlineTimer({
      clock,
      wait: (durationUs, signal) => this.#wait(durationUs, signal),
      onDue: () => this.#dispatch({ kind: "deadline" }),
    });
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
    const { signal } = options;
    const feed = new StepFeed(steps, signal?.aborted === true, {
      dispatch: (event) => this.#dispatch(event),
      check: (step) => this.#check(step),
      settle: () => this.#wait(0),
    });
    const run: Run = { feed, results: new RunResults() };
    this.#run = run;
    const onAbort = (): void => feed.abort();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      this.#events.push({ kind: "begin" });
      // After `begin` and before the first step is pulled: then nothing is begun.
      if (signal?.aborted === true) this.#events.push({ kind: "cancel" });
      this.#drainEvents();
      yield* this.#results(run);
      if (feed.thrown !== undefined) throw feed.thrown.error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      await this.#finish(run);
    }
  }

  async *#results({ results }: Run): AsyncGenerator<StepResult> {
    for (;;) {
      const some = results.take();
      if (some.length > 0) {
        yield* some;
        // The stream may have waited for this.
        this.#drainEvents();
        continue;
      }
      if (results.isDone) return;
      if (this.#isOver) throw this.#gone();
      await results.changed();
    }
  }

  /** Lets what was handed over end before another run may begin; the consumer may have stopped early. */
  async #finish(run: Run): Promise<void> {
    if (!this.#isFinished(run)) {
      run.feed.end();
      while (!this.#isFinished(run)) await run.results.changed();
    }
    this.#run = undefined;
    await run.feed.close();
  }

  /** A function of its own: what it reads changes while its callers wait. */
  #isFinished({ results }: Run): boolean {
    return results.isDone || this.#isOver;
  }

  #check(step: SpiStep): void {
    const problem = this.#info === undefined ? undefined : stepProblem(step, this.#info);
    if (problem === undefined) return;
    throw new NorbridgeError("EINVAL", `${this.#duplex.name}: ${problem}`, { operation: "run" });
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
    this.#drainEvents();
  }

  #drainEvents(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      for (;;) {
        if (this.#events.length === 0) this.#pullStep();
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
    this.#timer.update();
  }

  #pullStep(): void {
    if (this.#run !== undefined && !this.#isOver) this.#run.feed.pull(this.#run.results.isFull);
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
        return this.#run?.feed.request(action.urgent);
      case "result":
        return this.#run?.results.add(action.result);
      case "run-done":
        return this.#run?.results.finish();
      case "spi-clock":
        return this.#settleSpiClock(action.clockHz);
      case "set-baud":
        return this.#setBaud(action.baudRate);
      case "wait":
        return this.#timer.set(action.untilUs);
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
    this.#timer.end();
    const gone = this.#gone();
    this.#ready.reject(gone);
    this.#ready.promise.catch(() => undefined);
    this.#spiClock?.reject(gone);
    this.#over.resolve(undefined);
    this.#run?.results.wakeUp();
    if (this.#failure !== undefined) this.#closing ??= this.#duplex.close();
  }
}
