/** One timer for the next time that a machine has asked for. */
import type { Clock } from "../clock.ts";

/** Why a timer is given up. A reason of its own: without one an exception is made each time, which costs. */
const OVER = "over";

export interface DeadlineTimerParts {
  readonly clock: Clock;
  /** Waits for microseconds; never rejects. */
  readonly wait: (durationUs: number, signal?: AbortSignal) => Promise<void>;
  /** The time has come. */
  readonly onDue: () => void;
}

export class DeadlineTimer {
  readonly #parts: DeadlineTimerParts;
  #deadlineUs = Number.POSITIVE_INFINITY;
  #timer: { readonly atUs: number; readonly abort: AbortController } | undefined;

  constructor(parts: DeadlineTimerParts) {
    this.#parts = parts;
  }

  /** Replaces the time; Infinity: none. It counts from the next `update` on. */
  set(deadlineUs: number): void {
    // The clock counts whole microseconds: half of one would never be reached.
    this.#deadlineUs = Math.ceil(deadlineUs);
  }

  /** The timer is only started again when it would come too late, since most deadlines move on before they come. */
  update(): void {
    const deadlineUs = this.#deadlineUs;
    if (deadlineUs === Number.POSITIVE_INFINITY) {
      this.#timer?.abort.abort(OVER);
      this.#timer = undefined;
      return;
    }
    if (this.#timer !== undefined && this.#timer.atUs <= deadlineUs) return;
    this.#timer?.abort.abort(OVER);
    const { clock, wait, onDue } = this.#parts;
    const timer = { atUs: deadlineUs, abort: new AbortController() };
    this.#timer = timer;
    void wait(Math.max(1, deadlineUs - clock.nowUs()), timer.abort.signal).then(async () => {
      if (this.#timer !== timer) return;
      // The program may have been held up: what came in meanwhile counts before the deadline does.
      await wait(0);
      if (this.#timer !== timer) return;
      this.#timer = undefined;
      if (clock.nowUs() >= this.#deadlineUs) onDue();
      else this.update();
    });
  }
}
