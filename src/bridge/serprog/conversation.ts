/** Drives a talk: hands out what it says next, collects the answers to it, and gives them back when all are in. */
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

  /** What is said now may fail: the talk continues. */
  get isTrial(): boolean {
    return this.#exchange?.isTrial === true;
  }

  /** The first thing to say; undefined if the talk has nothing to say. */
  begin(): Exchange | undefined {
    return this.#say(undefined);
  }

  /** An answer has come: what to say next once all are in. */
  reply(answer: Answer): Exchange | undefined {
    this.#replies.push(answer.kind === "done" ? answer.data : undefined);
    return this.#replies.length === this.#exchange?.commands.length ? this.#say(this.#replies) : undefined;
  }

  /** The trial went wrong: what to say next. */
  fail(): Exchange | undefined {
    return this.#say("failed");
  }

  #say(replies: Replies | undefined): Exchange | undefined {
    this.#replies = [];
    this.#exchange = this.#next(replies);
    return this.#exchange;
  }
}
