/** Drives a talk: hands out what it sends next, collects the answers to it, and returns them when all are in. */
import type { Answer } from "./answer-reader.ts";
import type { Exchange, Replies, Talk } from "./inquiry.ts";

export class Conversation {
  readonly #next: (replies: Replies | undefined) => Exchange | undefined;
  #exchange: Exchange | undefined;
  #replies: (Uint8Array | undefined)[] = [];

  private constructor(next: (replies: Replies | undefined) => Exchange | undefined) {
    this.#next = next;
  }

  /** `done` is called with what the talk ends with. */
  static of<T>(talk: Talk<T>, done: (outcome: T) => void): Conversation {
    return new Conversation((replies) => {
      const next = replies === undefined ? talk.next() : talk.next(replies);
      if (next.done !== true) return next.value;
      done(next.value);
      return undefined;
    });
  }

  /** What is sent now may fail: the talk continues. */
  get isTrial(): boolean {
    return this.#exchange?.isTrial === true;
  }

  /** The first commands to send; undefined if the talk has nothing to send. */
  begin(): Exchange | undefined {
    return this.#say(undefined);
  }

  /** An answer has come: what to send next once all are in. */
  reply(answer: Answer): Exchange | undefined {
    this.#replies.push(answer.kind === "done" ? answer.data : undefined);
    return this.#replies.length === this.#exchange?.commands.length ? this.#say(this.#replies) : undefined;
  }

  /** The trial failed: what to send next. */
  fail(): Exchange | undefined {
    return this.#say("failed");
  }

  #say(replies: Replies | undefined): Exchange | undefined {
    this.#replies = [];
    this.#exchange = this.#next(replies);
    return this.#exchange;
  }
}
