/** How long the steps of a unit take, from the events of a station since it started. */
import type { SlotPhase, StationEvent } from "../station/events.ts";

/** One step of a unit. */
export interface StepTime {
  readonly step: string;
  readonly medianMs: number;
  readonly worstMs: number;
}

/** Phases that are parts of a session, in their order, and what the report calls them. */
const STEPS: ReadonlyMap<SlotPhase, string> = new Map([
  ["contact", "contact"],
  ["waiting", "operator"],
  ["reserving", "numbers"],
  ["reading", "read"],
  ["writing", "write"],
  ["verifying", "verify"],
  ["recording", "record"],
]);
/** Units that the report is about: the last ones. */
const MOST_UNITS = 1000;

interface Running {
  phase: SlotPhase;
  sinceMs: number;
  readonly parts: Map<SlotPhase, number>;
}

export class StepTimes {
  readonly #slots = new Map<string, Running>();
  /** The last units, a list of times for each phase. */
  readonly #times = new Map<SlotPhase, number[]>();

  /** Takes an event of the station. */
  add(event: StationEvent): void {
    if (event.kind === "slot") this.#change(event.slot, event.phase, event.atMs);
    if (event.kind === "session-end" && event.outcome === "pass") this.#end(event.slot, event.atMs);
  }

  /** What is known so far; nothing of steps that no unit had. */
  report(): readonly StepTime[] {
    return [...STEPS].flatMap(([phase, step]) => {
      const sorted = (this.#times.get(phase) ?? []).toSorted((a, b) => a - b);
      const [medianMs, worstMs] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
      return medianMs === undefined || worstMs === undefined ? [] : [{ step, medianMs, worstMs }];
    });
  }

  #change(slot: string, phase: SlotPhase, atMs: number): void {
    const running = this.#slots.get(slot);
    // A unit that was taken out in the middle is not one that took this long.
    if (running === undefined || phase === "empty" || phase === "contact") {
      this.#slots.set(slot, { phase, sinceMs: atMs, parts: new Map() });
      return;
    }
    if (running.phase === phase) return;
    keep(running, atMs);
    running.phase = phase;
    running.sinceMs = atMs;
  }

  #end(slot: string, atMs: number): void {
    const running = this.#slots.get(slot);
    if (running === undefined) return;
    keep(running, atMs);
    running.sinceMs = atMs;
    for (const [phase, tookMs] of running.parts) {
      const times = this.#times.get(phase) ?? [];
      times.push(tookMs);
      if (times.length > MOST_UNITS) times.shift();
      this.#times.set(phase, times);
    }
    running.parts.clear();
  }
}

function keep({ phase, sinceMs, parts }: Running, atMs: number): void {
  if (STEPS.has(phase)) parts.set(phase, (parts.get(phase) ?? 0) + Math.max(0, atMs - sinceMs));
}
