/**
 * Commands to the bridge and their answers: what is on its way, whether more fits, and when an answer is overdue. How
 * steps or dialogues use it is not known here.
 */
import { OPCODE } from "../../../firmware-protocol/serprog/command.ts";
import { AnswerReader, type SyncLoss } from "./answer-reader.ts";
import type { Command } from "./command.ts";
import type { CommandBatch } from "./dialogue.ts";
import { InFlightCommands } from "./in-flight-commands.ts";
import type { QueuedCommand } from "./queued-step.ts";

/** A bridge responds within this and the time that bytes and chip take. */
const RESPONSE_US = 1_000_000;
/** Where a link has no rate of its own: what USB full speed carries. */
const USUAL_US_PER_BYTE = 1;
const BITS_PER_BYTE = 10;
/** A bridge that sends less than 100 bytes a second counts as silent. */
const MAX_US_PER_BYTE = 10_000;
/** Bytes of answers under way. */
const MAX_ANSWER_BYTES = 65_536;

type Settle = QueuedCommand["settle"];

export interface CommandLinkParts {
  readonly write: (bytes: Uint8Array) => void;
  readonly nowUs: () => number;
}

export class CommandLink {
  readonly answers = new AnswerReader();
  /** SPI clock in use, Hz; 0 if it is not known. */
  clockHz = 0;
  readonly #parts: CommandLinkParts;
  readonly #inFlight = new InFlightCommands();
  #baudRate = 0;
  #lastProgressUs = 0;
  /** Bytes of commands that may be unanswered; 0: one command at a time. */
  #windowBytes = 0;
  /** Every bridge tolerates it, and one requires it; so it is done until it is known which bridge this is. */
  #sendsOpcodeAlone = true;

  constructor(parts: CommandLinkParts) {
    this.#parts = parts;
  }

  /** The line's rate, bits a second; 0: it has none. */
  open(baudRate: number): void {
    this.#baudRate = baudRate;
  }

  /** What is known of the bridge by now. */
  adapt(windowBytes: number, sendsOpcodeAlone: boolean): void {
    this.#windowBytes = windowBytes;
    this.#sendsOpcodeAlone = sendsOpcodeAlone;
  }

  get baudRate(): number {
    return this.#baudRate;
  }

  /** Bytes a second, each way; 0 if the link has no rate. */
  get bytesPerSecond(): number {
    return this.#baudRate / BITS_PER_BYTE;
  }

  /** Line time of a byte, microseconds; a guess where the link has no rate. */
  get usPerByte(): number {
    return this.#baudRate > 0 ? (BITS_PER_BYTE * 1e6) / this.#baudRate : USUAL_US_PER_BYTE;
  }

  /** Commands without an answer. */
  get outstanding(): number {
    return this.answers.outstanding;
  }

  /** Time of bridge and chip for all commands on their way, microseconds. */
  get workUs(): number {
    return this.#inFlight.workUs;
  }

  // --- commands -----------------------------------------------------------------------------------------------------

  /** Whether a command may be sent. The bridge's buffer may be overdrawn only by a command that is alone. */
  fits({ bytes, answerBytes }: Command): boolean {
    if (this.outstanding === 0) return true;
    const isFew = this.answers.outstandingBytes + answerBytes <= MAX_ANSWER_BYTES;
    return isFew && this.#inFlight.bytes + bytes.length <= this.#windowBytes;
  }

  /** Whether one command at a time is sent, and one is on its way: what comes next may depend on the answer. */
  get isTaken(): boolean {
    return this.#windowBytes === 0 && this.outstanding > 0;
  }

  send(each: Command, settle: Settle): void {
    this.#expect(each, settle);
    this.#writeCommand(each);
  }

  /** Sends commands in a row; `settle` is called for each of their answers. */
  sendBatch({ commands, isTrial }: CommandBatch, settle: Settle): void {
    let row: number[] = [];
    for (const each of commands) {
      this.#expect(each, settle);
      // Commands of one byte travel together; an operation has a write of its own, see known-bridges.ts.
      if (each.bytes.length > 1) {
        this.#writeRow(row);
        row = [];
        // A trial tries what is done later: opcode and parameters in one.
        if (isTrial) this.#parts.write(each.bytes);
        else this.#writeCommand(each);
      } else row.push(each.bytes[0] ?? OPCODE.nop);
    }
    this.#writeRow(row);
  }

  #expect(each: Command, settle: Settle): void {
    if (this.outstanding === 0) this.#lastProgressUs = this.#parts.nowUs();
    this.#inFlight.add(each, this.clockHz);
    this.answers.expect({
      command: each,
      settle: (answer) => {
        this.#inFlight.onAnswer();
        settle(answer, this.#parts.nowUs());
      },
    });
  }

  /** One write a command: a bridge may take what shares a packet with an operation for its data. */
  #writeCommand({ bytes }: Command): void {
    if (bytes.length > 1 && this.#sendsOpcodeAlone) {
      this.#parts.write(bytes.subarray(0, 1));
      this.#parts.write(bytes.subarray(1));
    } else this.#parts.write(bytes);
  }

  #writeRow(row: readonly number[]): void {
    if (row.length > 0) this.#parts.write(Uint8Array.from(row));
  }

  // --- answers ------------------------------------------------------------------------------------------------------

  /** Settles the answers that the bytes complete; returns why no further one can be distinguished, if so. */
  onBytes(bytes: Uint8Array): SyncLoss | undefined {
    const settledBefore = this.answers.settledCount;
    const loss = this.answers.push(bytes);
    if (loss === undefined) this.#noteProgress(bytes.length, this.answers.settledCount - settledBefore);
    return loss;
  }

  /**
   * An answer that is whole is progress. Bytes of one are as much as their number: a bridge that drips is not a bridge.
   */
  #noteProgress(bytes: number, answers: number): void {
    const nowUs = this.#parts.nowUs();
    const byteUs = Math.max(MAX_US_PER_BYTE, 10 * this.usPerByte);
    this.#lastProgressUs = answers > 0 ? nowUs : Math.min(nowUs, this.#lastProgressUs + bytes * byteUs);
  }

  /** Both sides are synchronised again. */
  onSynced(): void {
    this.#lastProgressUs = this.#parts.nowUs();
  }

  /** Nothing is on its way any more. */
  forget(): void {
    this.answers.forget();
    this.#inFlight.clear();
  }

  /** When the bridge should have sent something new, microseconds; Infinity if nothing is awaited. */
  get dueUs(): number {
    if (this.outstanding === 0) return Number.POSITIVE_INFINITY;
    const lineUs = (this.#inFlight.bytes + this.answers.outstandingBytes) * this.usPerByte;
    return this.#lastProgressUs + RESPONSE_US + lineUs + this.#inFlight.workUs;
  }
}
