/**
 * A person at a fixture, by script: puts chips into a socket and takes them out, in the time of the simulation. The
 * script says what goes wrong: contacts that bounce, a unit that is pulled too early or left in.
 */
import type { ChipModel } from "./chip/core/chip-model.ts";
import type { ChipSocket } from "./chip/core/chip-socket.ts";
import type { EventClock } from "./link/event-clock.ts";
import type { Random } from "./random.ts";

/** A unit that exists: it keeps what its chip holds. */
export interface SimUnit {
  /** Name for people and files: "3". */
  readonly name: string;
  readonly chip: ChipModel;
}

/** One stay of a unit in the socket. */
export interface Visit {
  readonly unit: SimUnit;
  /** Time between the unit before and this one, milliseconds. */
  readonly afterMs: number;
  /** So often contact is lost for a moment after the unit was put in. */
  readonly bounces: number;
  /** The unit is taken out so long after it was put in, whatever it is doing; undefined: when a result is shown. */
  readonly pullAfterMs: number | undefined;
  /** Time from the result to the removal, milliseconds. A unit that was forgotten stays long. */
  readonly stayMs: number;
}

export interface FixtureOptions {
  readonly socket: ChipSocket;
  readonly clock: EventClock;
  /** For torn operations and bounces. */
  readonly random: Random;
  /** What comes next; undefined: nothing any more. */
  next(): Visit | undefined;
  /** A unit was taken out. */
  removed?(unit: SimUnit): void;
}

const MS = 1e6;
const BOUNCE_MS = 60;

export class Fixture {
  readonly #options: FixtureOptions;
  #visit: Visit | undefined;
  /** Whether anything is planned: then time may pass. */
  #planned = 0;
  #isLeaving = false;

  constructor(options: FixtureOptions) {
    this.#options = options;
  }

  /** The unit in the socket, or about to come. */
  get unit(): SimUnit | undefined {
    return this.#visit?.unit;
  }

  /** Something will happen by itself. */
  get isBusy(): boolean {
    return this.#planned > 0;
  }

  /** The first unit is on its way. */
  start(): void {
    this.#nextVisit();
  }

  /** A result is shown: the unit is taken out. Again and again is the same. */
  shown(): void {
    const visit = this.#visit;
    if (visit === undefined || this.#isLeaving || this.#options.socket.chip === undefined) return;
    this.#isLeaving = true;
    this.#after(visit.stayMs, () => this.#take(visit));
  }

  #nextVisit(): void {
    const visit = this.#options.next();
    this.#visit = visit;
    this.#isLeaving = false;
    if (visit !== undefined) this.#after(visit.afterMs, () => this.#put(visit));
  }

  #put(visit: Visit): void {
    const { socket, clock, random } = this.#options;
    const { chip } = visit.unit;
    socket.insert(chip, clock.nowNs());
    let atMs = 0;
    for (let bounce = 0; bounce < visit.bounces; bounce++) {
      atMs += 1 + random.intBelow(BOUNCE_MS);
      this.#after(atMs, () => {
        if (this.#visit === visit && socket.chip !== undefined) socket.remove(clock.nowNs(), random);
      });
      atMs += 1 + random.intBelow(BOUNCE_MS);
      this.#after(atMs, () => {
        if (this.#visit === visit && socket.chip === undefined) socket.insert(chip, clock.nowNs());
      });
    }
    if (visit.pullAfterMs !== undefined) this.#after(Math.max(atMs + 1, visit.pullAfterMs), () => this.#take(visit));
  }

  #take(visit: Visit): void {
    if (this.#visit !== visit) return;
    const { socket, clock, random } = this.#options;
    socket.remove(clock.nowNs(), random);
    this.#options.removed?.(visit.unit);
    this.#nextVisit();
  }

  #after(durationMs: number, act: () => void): void {
    const { clock } = this.#options;
    this.#planned++;
    clock.scheduleNs(clock.nowNs() + durationMs * MS, () => {
      this.#planned--;
      act();
    });
  }
}
