/**
 * Time that passes only when no code has anything left to do. Whole nanoseconds inside, microseconds for `Clock`.
 *
 * The rule for ties: events of the same time run in the order in which they were scheduled; what is scheduled for the
 * past runs now, after what is already due. Between two events all code that became ready runs to its end, so the
 * outcome depends on nothing but the order of events.
 */
import { type Clock, nextTurn } from "../clock.ts";
import { Heap } from "../heap.ts";
import { watchWait } from "./stranded-waits.ts";

/** Options of `VirtualClock.scheduleNs`. */
export interface ScheduleOptions {
  /**
   * The action resumes nothing that is awaited, so the next event may follow at once. This saves time and changes no
   * result. Default false.
   */
  readonly quiet?: boolean | undefined;
}

/**
 * A clock whose time passes only while everything waits. Hours pass in milliseconds, and the order of events alone
 * decides the result. Events of the same time run in the order in which they were scheduled.
 */
export interface VirtualClock extends Clock {
  /** Whole nanoseconds since the start, which is 0. */
  nowNs(): number;
  /**
   * Calls `action` at that time; at once after the events that are due if it has passed. Returns a function that
   * cancels it. Throws RangeError for a time that is not finite.
   */
  scheduleNs(atNs: number, action: () => void, options?: ScheduleOptions): () => void;
  /** Time of the next event, nanoseconds; undefined if nothing is scheduled. */
  readonly nextNs: number | undefined;
  /**
   * Runs a job and lets time pass whenever the job can only wait. Rejects as the job does, if the job waits for
   * something that never comes, or if a hundred thousand events pass without progress of time. Several jobs may run at
   * once, also one within another.
   */
  run<T>(job: () => Promise<T>): Promise<T>;
}

/** Creates a virtual clock that starts at 0. */
export function createVirtualClock(): VirtualClock {
  return new EventHeapClock();
}

interface Entry {
  readonly atNs: number;
  readonly sequence: number;
  readonly action: () => void;
  readonly quiet: boolean;
  cancelled: boolean;
}

const MAX_EVENTS_AT_ONE_TIME = 100_000;

function isBefore(a: Entry, b: Entry): boolean {
  return a.atNs < b.atNs || (a.atNs === b.atNs && a.sequence < b.sequence);
}

class EventHeapClock implements VirtualClock {
  #nowNs = 0;
  #sequence = 0;
  #eventsNow = 0;
  #isRunning = false;
  /** Jobs that run: how each is ended if time cannot pass. */
  readonly #jobs = new Set<(error: unknown) => void>();
  readonly #events = new Heap(isBefore);

  nowNs(): number {
    return this.#nowNs;
  }

  nowUs(): number {
    return Math.floor(this.#nowNs / 1000);
  }

  get nextNs(): number | undefined {
    this.#dropCancelled();
    return this.#events.first?.atNs;
  }

  scheduleNs(atNs: number, action: () => void, options: ScheduleOptions = {}): () => void {
    if (!Number.isFinite(atNs)) throw new RangeError(`an event at ${atNs} ns`);
    const entry: Entry = {
      atNs: Math.max(Math.ceil(atNs), this.#nowNs),
      sequence: this.#sequence++,
      action,
      quiet: options.quiet ?? false,
      cancelled: false,
    };
    this.#events.add(entry);
    return () => {
      entry.cancelled = true;
    };
  }

  wait(durationUs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve, reject) => {
      // Rejected in a turn of its own, in which what follows from it can still run.
      const unwatch =
        this.#jobs.size === 0 ? watchWait((error) => void nextTurn().then(() => reject(error))) : undefined;
      const done = (): void => {
        unwatch?.();
        cancel();
        signal?.removeEventListener("abort", done);
        resolve();
      };
      // From the microsecond that `nowUs` shows, so that a wait until T ends when the clock shows T.
      const cancel = this.scheduleNs((this.nowUs() + Math.max(0, durationUs)) * 1000, done);
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  run<T>(job: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#jobs.add(reject);
      const settled = (): void => void this.#jobs.delete(reject);
      // Begun here and not a turn later, so that what it schedules comes first.
      begun(job).finally(settled).then(resolve, reject);
      if (!this.#isRunning) void this.#drive();
    });
  }

  /** Lets time pass until no job is left. If it cannot pass, all jobs end by that. */
  async #drive(): Promise<void> {
    this.#isRunning = true;
    try {
      await nextTurn();
      while (this.#jobs.size > 0) {
        if (!this.#step()) throw new Error(`no event is scheduled, but the job still waits (at ${this.nowUs()} us)`);
        await nextTurn();
      }
    } catch (error) {
      const jobs = [...this.#jobs];
      this.#jobs.clear();
      for (const end of jobs) end(error);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Runs events up to and including the next one that may wake waiting code; false if there was none at all. */
  #step(): boolean {
    for (let ran = false; ; ran = true) {
      this.#dropCancelled();
      const entry = this.#events.first;
      if (entry === undefined) return ran;
      this.#events.dropFirst();
      this.#advance(entry.atNs);
      entry.cancelled = true;
      entry.action();
      if (!entry.quiet) return true;
    }
  }

  #advance(atNs: number): void {
    this.#eventsNow = atNs > this.#nowNs ? 0 : this.#eventsNow + 1;
    if (this.#eventsNow > MAX_EVENTS_AT_ONE_TIME) throw new Error(`time stands still at ${this.nowUs()} us`);
    this.#nowNs = atNs;
  }

  #dropCancelled(): void {
    while (this.#events.first?.cancelled === true) this.#events.dropFirst();
  }
}

async function begun<T>(job: () => Promise<T>): Promise<T> {
  return job();
}
