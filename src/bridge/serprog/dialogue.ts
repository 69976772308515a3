/**
 * A dialogue with the bridge: what is sent next depends on the answers. A script is a generator that yields commands
 * and is given the answers; a `Dialogue` drives one.
 */
import type { Answer } from "./answer-reader.ts";
import type { Command } from "./command.ts";

/** Commands that are sent without waiting in between, and what came back: one answer each, or none at all. */
export interface CommandBatch {
  readonly commands: readonly Command[];
  /** It may fail: both sides are synchronised again and the script continues. */
  readonly isTrial: boolean;
}

/** Answers in order, undefined for a NAK; "failed" if a trial went wrong. */
export type Replies = readonly (Uint8Array | undefined)[] | "failed";

/** Yields what to send, is given the answers, and returns what they amount to. */
export type DialogueScript<T> = Generator<CommandBatch, T, Replies>;

/** One command, one answer; undefined for a NAK. */
export function* request(only: Command): DialogueScript<Uint8Array | undefined> {
  const replies = yield { commands: [only], isTrial: false };
  return replies === "failed" ? undefined : replies[0];
}

export class Dialogue<T> {
  readonly #script: DialogueScript<T>;
  #batch: CommandBatch | undefined;
  #replies: (Uint8Array | undefined)[] = [];
  #outcome: { readonly value: T } | undefined;

  constructor(script: DialogueScript<T>) {
    this.#script = script;
  }

  /** What was sent last may fail: the script continues. */
  get isTrial(): boolean {
    return this.#batch?.isTrial === true;
  }

  /** What the script has returned; undefined while it goes on. */
  get outcome(): { readonly value: T } | undefined {
    return this.#outcome;
  }

  /** The first commands to send; undefined if there are none. */
  start(): CommandBatch | undefined {
    return this.#accept(this.#script.next());
  }

  /** An answer has come: the commands to send next, once all are in. */
  reply(answer: Answer): CommandBatch | undefined {
    this.#replies.push(answer.kind === "done" ? answer.data : undefined);
    return this.#replies.length === this.#batch?.commands.length
      ? this.#accept(this.#script.next(this.#replies))
      : undefined;
  }

  /** The trial failed: the commands to send next. */
  fail(): CommandBatch | undefined {
    return this.#accept(this.#script.next("failed"));
  }

  #accept(next: IteratorResult<CommandBatch, T>): CommandBatch | undefined {
    this.#replies = [];
    if (next.done === true) this.#outcome = { value: next.value };
    this.#batch = next.done === true ? undefined : next.value;
    return this.#batch;
  }
}
