/**
 * A clock for a simulated bridge in the midst of real programs: its owner sets how far time may advance. "As fast as possible"
 * takes one event after the other; "as in reality" lets time go where the machine's clock is.
 *
 * What always holds: events run in the order of (time, scheduling), and `nowNs` never goes back.
 */
import type { EventClock } from "./event-clock.ts";

interface PlannedEvent {
  readonly atNs: number;
  readonly action: () => void;
}

export class PacedClock implements EventClock {
  readonly #events: PlannedEvent[] = [];
  #nowNs = 0;

  nowNs(): number {
    return this.#nowNs;
  }

  /** When the next event is due; Infinity if there is none. */
  get nextNs(): number {
    return this.#events[0]?.atNs ?? Number.POSITIVE_INFINITY;
  }

  scheduleNs(atNs: number, action: () => void): () => void {
    const event = { atNs: Math.max(atNs, this.#nowNs), action };
    // Few events wait at a time, and most of them belong to the end.
    let place = this.#events.length;
    while (place > 0 && (this.#events[place - 1]?.atNs ?? 0) > event.atNs) place--;
    this.#events.splice(place, 0, event);
    return () => {
      const index = this.#events.indexOf(event);
      if (index >= 0) this.#events.splice(index, 1);
    };
  }

  /** Runs the next event if it is due by `untilNs`; false if not. */
  runNext(untilNs: number): boolean {
    const event = this.#events[0];
    if (event === undefined || event.atNs > untilNs) return false;
    this.#events.shift();
    this.#nowNs = Math.max(this.#nowNs, event.atNs);
    event.action();
    return true;
  }

  /** Nothing happens until then. */
  advanceTo(timeNs: number): void {
    this.#nowNs = Math.max(this.#nowNs, timeNs);
  }
}
