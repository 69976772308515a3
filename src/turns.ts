/**
 * One at a time, in the order they came: who calls while another call is under way waits for it, and does not fail. A call that
 * fails lets the next begin.
 */

/** The right to continue; to be given back by `end`, once. */
export interface Turn {
  /** Whether another caller waits for it. */
  readonly isWanted: boolean;
  /** Hears it when the first begins to wait, at once if one does already. Replaces the one before. */
  whenWanted(heard: () => void): void;
  end(): void;
}

export class Turns {
  readonly #waiting: ((turn: HeldTurn) => void)[] = [];
  #holder: HeldTurn | undefined;

  /** Resolves when all before have ended; undefined if the signal aborts before that: then nothing is held. */
  take(signal?: AbortSignal): Promise<Turn | undefined> {
    if (signal?.aborted === true) return Promise.resolve(undefined);
    if (this.#holder === undefined) return Promise.resolve(this.#begin());
    return new Promise((resolve) => {
      const begin = (turn: HeldTurn): void => {
        signal?.removeEventListener("abort", giveUp);
        resolve(turn);
      };
      const giveUp = (): void => {
        const place = this.#waiting.indexOf(begin);
        if (place >= 0) this.#waiting.splice(place, 1);
        resolve(undefined);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      this.#waiting.push(begin);
      this.#holder?.hear();
    });
  }

  /** Runs `call` when its turn has come. */
  async run<T>(call: () => Promise<T> | T): Promise<T> {
    const turn = await this.take();
    try {
      return await call();
    } finally {
      turn?.end();
    }
  }

  /** Resolves when all that was called before has ended. */
  async settled(): Promise<void> {
    (await this.take())?.end();
  }

  #begin(): HeldTurn {
    const turn = new HeldTurn(
      () => this.#waiting.length > 0,
      () => this.#next(),
    );
    this.#holder = turn;
    return turn;
  }

  #next(): void {
    this.#holder = undefined;
    const begin = this.#waiting.shift();
    if (begin !== undefined) begin(this.#begin());
  }
}

class HeldTurn implements Turn {
  readonly #isWanted: () => boolean;
  readonly #onEnd: () => void;
  #heard: (() => void) | undefined;
  #hasEnded = false;

  constructor(isWanted: () => boolean, onEnd: () => void) {
    this.#isWanted = isWanted;
    this.#onEnd = onEnd;
  }

  get isWanted(): boolean {
    return this.#isWanted();
  }

  whenWanted(heard: () => void): void {
    this.#heard = heard;
    if (this.isWanted) heard();
  }

  hear(): void {
    this.#heard?.();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd();
  }
}
