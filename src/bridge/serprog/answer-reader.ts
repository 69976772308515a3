/**
 * Cuts what comes from the bridge into answers. Nothing in the protocol names a command in its reply, so a byte that is
 * lost or doubled shows only by what the next answer begins with: answers carry a number, and one is beyond doubt when
 * the next has begun as it must.
 */
import { ACK, NAK } from "../../../firmware-protocol/serprog/answer.ts";
import type { Command } from "./command.ts";

export type Answer =
  /** All that followed the ACK. */
  { readonly kind: "done"; readonly data: Uint8Array } | { readonly kind: "refused" };

/** What is waited for. */
export interface Awaited {
  readonly command: Command;
  readonly settle: (answer: Answer) => void;
}

/** Why no further answer can be distinguished from its neighbours. */
export type SyncLoss =
  /** Neither ACK nor NAK at the start of an answer, or the wrong one. */
  | { readonly kind: "wrong-start"; readonly byte: number }
  /** Unsolicited bytes. */
  | { readonly kind: "unasked" };

const ACKNOWLEDGED: Answer = { kind: "done", data: new Uint8Array(0) };

interface Begun {
  readonly awaited: Awaited;
  readonly data: Uint8Array;
  filled: number;
}

export class AnswerReader {
  readonly #awaited: Awaited[] = [];
  #awaitedBytes = 0;
  #begun: Begun | undefined;
  #settled = 0;
  #confirmed = 0;

  /** Answers that are still to come. */
  get outstanding(): number {
    return this.#awaited.length + (this.#begun === undefined ? 0 : 1);
  }

  /** Bytes that are still to come. */
  get outstandingBytes(): number {
    const begun = this.#begun === undefined ? 0 : this.#begun.data.length - this.#begun.filled;
    return this.#awaitedBytes + begun;
  }

  /** Number of the answer settled last; the first has 1. */
  get settledCount(): number {
    return this.#settled;
  }

  /** All answers up to this number are beyond doubt. */
  get confirmedCount(): number {
    return this.#confirmed;
  }

  expect(awaited: Awaited): void {
    this.#awaited.push(awaited);
    this.#awaitedBytes += 1 + awaited.command.answerBytes;
  }

  /** Nothing is expected any more. */
  forget(): void {
    this.#awaited.length = this.#awaitedBytes = 0;
    this.#begun = undefined;
  }

  /** Takes bytes and settles what they complete; returns where they stop to make sense, and takes no more then. */
  push(bytes: Uint8Array): SyncLoss | undefined {
    for (let at = 0; at < bytes.length; ) {
      if (this.#begun === undefined) {
        const loss = this.#begin(bytes[at] ?? 0);
        if (loss !== undefined) return loss;
        at++;
      } else {
        const { data, filled } = this.#begun;
        const piece = bytes.subarray(at, at + data.length - filled);
        data.set(piece, filled);
        this.#begun.filled += piece.length;
        at += piece.length;
      }
      this.#end();
    }
    return undefined;
  }

  #begin(byte: number): SyncLoss | undefined {
    const awaited = this.#awaited[0];
    if (awaited === undefined) return { kind: "unasked" };
    const { command } = awaited;
    const isNak = byte === NAK;
    if (isNak !== command.isSync && isNak) {
      this.#shift(command);
      this.#confirmed = this.#settled;
      this.#settled++;
      awaited.settle({ kind: "refused" });
      return undefined;
    }
    if (byte !== (command.isSync ? NAK : ACK)) return { kind: "wrong-start", byte };
    this.#shift(command);
    this.#confirmed = this.#settled;
    if (!command.isSync && command.answerBytes === 0) {
      this.#settled++;
      awaited.settle(ACKNOWLEDGED);
      return undefined;
    }
    // The ACK of a SYNCNOP is its data.
    this.#begun = { awaited, data: new Uint8Array(command.isSync ? 1 : command.answerBytes), filled: 0 };
    return undefined;
  }

  #shift({ answerBytes }: Command): void {
    this.#awaited.shift();
    this.#awaitedBytes -= 1 + answerBytes;
  }

  #end(): void {
    const begun = this.#begun;
    if (begun === undefined || begun.filled < begun.data.length) return;
    this.#begun = undefined;
    this.#settled++;
    // NAK, ACK is an answer that no shifted byte imitates for long: it vouches for itself.
    if (begun.awaited.command.isSync && begun.data[0] === ACK) this.#confirmed = this.#settled;
    begun.awaited.settle({ kind: "done", data: begun.data });
  }
}
