/**
 * Timers for the next time that a machine has asked for. Deadlines move on before they come, and short ones come between long
 * ones. So timers run out unused, and are cancelled only all together: one that is cancelled for each response costs more,
 * above all its AbortController.
 */
import type { Clock } from "../clock.ts";

/** Why timers are given up. A reason of its own: without one an exception is made, which costs. */
const OVER = "over";
/** Timers that may run at a time; more are a machine whose deadlines come closer and closer. */
const MAX_TIMERS = 8;

export interface DeadlineTimerParts {
  readonly clock: Clock;
  /** Waits for microseconds; never rejects. */
  readonly wait: (durationUs: number, signal?: AbortSignal) => Promise<void>;
  /** The time has come. */
  readonly onDue: () => void;
}

export class DeadlineTimer {
  readonly #parts: DeadlineTimerParts;
  #abort = new AbortController();
  #isOver = false;
  #deadlineUs = Number.POSITIVE_INFINITY;
  /** When the timers that run end, microseconds; each was started because it comes before those ahead of it. */
  #endsUs: number[] = [];

  constructor(parts: DeadlineTimerParts) {
    this.#parts = parts;
  }

  /** Replaces the time; Infinity: none. It counts from the next `update` on. */
  set(deadlineUs: number): void {
    // The clock counts whole microseconds: half of one would never be reached.
    this.#deadlineUs = Math.ceil(deadlineUs);
  }

  /** Starts a timer if all that run would come too late. */
  update(): void {
    const endUs = this.#deadlineUs;
    if (endUs === Number.POSITIVE_INFINITY || (this.#endsUs.at(-1) ?? Number.POSITIVE_INFINITY) <= endUs) return;
    if (this.#isOver) return;
    if (this.#endsUs.length === MAX_TIMERS) this.#cancel();
    this.#endsUs.push(endUs);
    void this.#run(endUs);
  }

  /** Nothing is due any more, and no timer is left that would keep the program alive. */
  end(): void {
    this.#deadlineUs = Number.POSITIVE_INFINITY;
    this.#isOver = true;
    this.#abort.abort(OVER);
  }

  #cancel(): void {
    this.#abort.abort(OVER);
    this.#abort = new AbortController();
    this.#endsUs = [];
  }

  /** Whether timers of this signal were not cancelled; a function, since it changes while they run. */
  #isCurrent(signal: AbortSignal): boolean {
    return !this.#isOver && this.#abort.signal === signal;
  }

  async #run(endUs: number): Promise<void> {
    const { clock, wait, onDue } = this.#parts;
    const { signal } = this.#abort;
    await wait(Math.max(1, endUs - clock.nowUs()), signal);
    if (!this.#isCurrent(signal)) return;
    // The program may have been held up: what came in meanwhile counts before the deadline does.
    await wait(0);
    if (!this.#isCurrent(signal)) return;
    this.#endsUs.splice(this.#endsUs.indexOf(endUs), 1);
    if (clock.nowUs() >= this.#deadlineUs) onDue();
    else this.update();
  }
}
