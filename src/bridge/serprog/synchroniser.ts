/**
 * Synchronises with a serprog bridge, whatever it was doing: a SYNCNOP must be answered NAK, ACK, and a second one by
 * nothing else. Where no answer comes a command may be stuck half way: it is fed FF, which leaves flash cells as they
 * are, and never 00, which a broken-off page program would write.
 */
import { ACK, NAK } from "../../../firmware-protocol/serprog/answer.ts";
import { OPCODE } from "../../../firmware-protocol/serprog/command.ts";
import { advice } from "../../advice.ts";
import { printableBytes } from "../../bytes.ts";
import type { LinkFailure } from "../link-machine.ts";

/** How many FF are fed before the tries in turn: parameters, then operations of growing length. */
const PADDING_BYTES = [0, 8, 64, 300, 8, 1100, 8, 4300] as const;
/** A bridge that is synchronised answers within this. */
const ANSWER_US = 150_000;
/** No byte for so long: whatever was on its way has come. Longer than the 16 ms of an FTDI converter. */
const QUIET_US = 30_000;
const EXCERPT_BYTES = 48;
const PROBE = Uint8Array.of(OPCODE.syncNop);

export type SyncAnswer =
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "wait" }
  | { readonly kind: "synced" }
  | { readonly kind: "fail"; readonly failure: LinkFailure };

type State = "draining" | "probing" | "confirming";

export interface SyncOptions {
  /** How long it may take altogether, microseconds. */
  readonly limitUs: number;
  /** Feed FF to a command that is stuck. */
  readonly pads: boolean;
  /** Line time of a byte, microseconds; 0 if that is not known. */
  readonly usPerByte: number;
  /** Wait until the line is quiet before the first probe. */
  readonly drainsFirst: boolean;
}

export class Synchroniser {
  readonly #options: SyncOptions;
  readonly #startUs: number;
  #state: State = "draining";
  #tries = 0;
  #untilUs: number;
  #lastHeardUs: number;
  #tail: number[] = [];
  #heard: Uint8Array = new Uint8Array(0);
  #heardBytes = 0;
  #hasPadded = false;

  constructor(options: SyncOptions, nowUs: number) {
    this.#options = options;
    this.#startUs = nowUs;
    this.#lastHeardUs = nowUs;
    this.#untilUs = options.drainsFirst ? nowUs + QUIET_US : nowUs;
  }

  /** When `tick` is to be called. */
  get untilUs(): number {
    return Math.min(this.#untilUs, this.#startUs + this.#options.limitUs);
  }

  /** The first bytes received, for messages. */
  get heard(): Uint8Array {
    return this.#heard;
  }

  onBytes(bytes: Uint8Array, nowUs: number): SyncAnswer {
    this.#keep(bytes);
    this.#lastHeardUs = nowUs;
    switch (this.#state) {
      case "draining":
        this.#untilUs = nowUs + QUIET_US;
        return this.#limited(nowUs);
      case "probing":
        // Whatever came before it, the answer ends what the bridge had to send.
        if (endsWithAnswer(this.#tail)) return this.#probe("confirming", nowUs);
        return this.#limited(nowUs);
      case "confirming":
        if (this.#tail.length < 2) return { kind: "wait" };
        if (this.#tail.length === 2 && endsWithAnswer(this.#tail)) return { kind: "synced" };
        return this.#drain(nowUs);
    }
  }

  tick(nowUs: number): SyncAnswer {
    const limited = this.#limited(nowUs);
    if (limited.kind === "fail" || nowUs < this.#untilUs) return limited;
    if (this.#state !== "draining") return this.#drain(nowUs);
    return this.#try(nowUs);
  }

  /** The line is quiet: feeds what the turn demands, then asks. */
  #try(nowUs: number): SyncAnswer {
    const padding = this.#options.pads ? (PADDING_BYTES[this.#tries % PADDING_BYTES.length] ?? 0) : 0;
    if (padding === 0 || this.#hasPadded) {
      this.#hasPadded = false;
      this.#tries++;
      return this.#probe("probing", nowUs);
    }
    this.#hasPadded = true;
    this.#untilUs = nowUs + QUIET_US + padding * this.#options.usPerByte;
    return { kind: "send", bytes: new Uint8Array(padding).fill(0xff) };
  }

  #probe(state: State, nowUs: number): SyncAnswer {
    this.#state = state;
    this.#tail = [];
    this.#untilUs = nowUs + ANSWER_US + 3 * this.#options.usPerByte;
    return { kind: "send", bytes: PROBE };
  }

  #drain(nowUs: number): SyncAnswer {
    this.#state = "draining";
    this.#untilUs = Math.max(nowUs, this.#lastHeardUs + QUIET_US);
    return this.#limited(nowUs);
  }

  #limited(nowUs: number): SyncAnswer {
    if (nowUs < this.#startUs + this.#options.limitUs) return { kind: "wait" };
    return { kind: "fail", failure: this.#failure(nowUs) };
  }

  #failure(nowUs: number): LinkFailure {
    if (this.#heardBytes === 0) {
      return { code: "BRIDGE_SILENT", message: "the bridge does not respond: no byte was received" };
    }
    if (this.#heard.every((byte) => byte === OPCODE.syncNop || byte === 0xff)) {
      return {
        code: "BRIDGE_PROTOCOL",
        message: "the port only echoes the bytes that are sent",
        hint: "TX and RX may be connected to each other, or the port belongs to a modem or shell. Check the port.",
      };
    }
    if (nowUs - this.#lastHeardUs < QUIET_US) {
      return {
        code: "BRIDGE_PROTOCOL",
        message: `the bridge does not stop sending (${this.#heardBytes} bytes so far)`,
        hint: advice(
          "Unplug the bridge and plug it in again. Check that this is the port of the bridge, and check the baud rate.",
          "set-baud-rate",
        ),
      };
    }
    return {
      code: "BRIDGE_PROTOCOL",
      message: `this is not a serprog bridge, or the baud rate is wrong (received "${printableBytes(this.#heard)}")`,
      hint: advice("Check that this is the port of the bridge, and check the baud rate.", "set-baud-rate"),
    };
  }

  #keep(bytes: Uint8Array): void {
    this.#heardBytes += bytes.length;
    const room = EXCERPT_BYTES - this.#heard.length;
    if (room > 0) this.#heard = Uint8Array.from([...this.#heard, ...bytes.subarray(0, room)]);
    // More than two are as good as three: only the last two and their number matter.
    for (const byte of bytes.subarray(Math.max(0, bytes.length - 3))) this.#tail.push(byte);
    if (this.#tail.length > 3) this.#tail = this.#tail.slice(-3);
  }
}

function endsWithAnswer(tail: readonly number[]): boolean {
  return tail.at(-2) === NAK && tail.at(-1) === ACK;
}
