/**
 * What happened, numbered, for readers that come and go. The feed keeps the last events; a reader that was away for
 * longer, or was there before the program was started again, gets the whole state anew.
 *
 * A reader never has a queue of its own: it takes from where it is, so a slow one costs no memory.
 */

/** What a reader gets: the state first if it cannot go on from where it was, then what changed since. */
export interface Batch<State, Event> {
  readonly state: State | undefined;
  readonly events: readonly { readonly id: string; readonly event: Event }[];
  /** Where the reader is after this batch. */
  readonly cursor: number;
}

export interface FeedOptions<State> {
  /** Tells this start of the program from others: hex digits. */
  readonly epoch: string;
  /** The state after all events so far. */
  state(): State;
  /** How many events are kept. */
  readonly mostKept: number;
}

export class EventFeed<State, Event> {
  readonly #options: FeedOptions<State>;
  readonly #kept: Event[] = [];
  /** Number of the first event that is kept. */
  #first = 1;
  #waiting = new Set<() => void>();

  constructor(options: FeedOptions<State>) {
    this.#options = options;
  }

  /** Adds an event; the state has it already. */
  add(event: Event): void {
    this.#kept.push(event);
    if (this.#kept.length > this.#options.mostKept) {
      this.#kept.shift();
      this.#first++;
    }
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /** Where a reader is by the ID that it saw last. Undefined: it has to start with the state. */
  cursorOf(id: string | undefined): number | undefined {
    const [, epoch, number] = /^([0-9a-f]+)-(\d{1,15})$/.exec(id ?? "") ?? [];
    const cursor = Number(number) + 1;
    if (epoch !== this.#options.epoch || cursor < this.#first || cursor > this.#end()) return undefined;
    return cursor;
  }

  /** What there is for a reader. */
  take(cursor: number | undefined): Batch<State, Event> {
    const end = this.#end();
    if (cursor === undefined || cursor < this.#first) {
      return { state: this.#options.state(), events: [], cursor: end };
    }
    const events = this.#kept
      .slice(cursor - this.#first)
      .map((event, index) => ({ id: this.#id(cursor + index), event }));
    return { state: undefined, events, cursor: end };
  }

  /** The ID that stands for everything before `cursor`. */
  idBefore(cursor: number): string {
    return this.#id(cursor - 1);
  }

  /** Calls back once when there is more than at `cursor`, at once if there is. The result takes that back. */
  whenMore(cursor: number, wake: () => void): () => void {
    if (cursor < this.#end()) wake();
    else this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  #end(): number {
    return this.#first + this.#kept.length;
  }

  #id(number: number): string {
    return `${this.#options.epoch}-${number}`;
  }
}
