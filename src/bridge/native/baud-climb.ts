/**
 * Climbing to a faster line rate: asks, switches, proves it with a pattern, falls back and asks for a slower one if that
 * fails. PROTOCOL.md section 9.
 */
import { type Frame, FRAME_TYPE, readU32, writeU32 } from "../../../firmware-protocol/frame.ts";
import { sameBytes } from "../../bytes.ts";

const PATTERN = Uint8Array.from([0, 1, 2, 3].flatMap(() => [0x00, 0xff, 0x55, 0xaa, 0xd5, 0x2a, 0x80, 0x7f]));
const ASK_US = 100_000;
const ASK_TRIES = 5;
const PROVE_INTERVAL_US = 10_000;
const PROVE_US = 200_000;
const FALL_BACK_US = 100_000;
/** A bridge that offers another rate than the requested one uses it, and returns when nothing arrives for 250 ms. */
const OTHER_RATE_US = 350_000;
/** Rates that the bridge accepts and the line does not carry. Each costs the user a third of a second. */
const FAILED_PROOFS = 4;
/** More than a port takes to change its rate or to report that it cannot. */
const SWITCH_US = 6_000_000;
/** Rates to try, fastest first, none faster than both sides can. */
const RATES = [3_000_000, 2_000_000, 1_000_000, 921_600, 500_000, 460_800, 250_000, 230_400, 115_200];

export type BaudAction =
  | { readonly kind: "send"; readonly type: number; readonly tag: number; readonly payload: Uint8Array }
  | { readonly kind: "switch"; readonly baudRate: number }
  /** The port never reported whether it switched; its rate is now unknown. */
  | { readonly kind: "stuck" }
  | { readonly kind: "done" };

type Phase =
  | { readonly kind: "asking"; readonly baudRate: number; readonly tries: number }
  | { readonly kind: "switching"; readonly baudRate: number; readonly back: boolean }
  | { readonly kind: "proving"; readonly baudRate: number; readonly endUs: number }
  | { readonly kind: "resting" }
  | { readonly kind: "done" };

export class BaudClimb {
  readonly #startRate: number;
  #candidates: number[];
  #failedProofs = 0;
  #phase: Phase = { kind: "resting" };
  #tag = 0;
  #untilUs = Number.POSITIVE_INFINITY;

  /** `maxBaud`: what the bridge can; `startRate`: the rate both sides have now. */
  constructor(startRate: number, maxBaud: number) {
    this.#startRate = startRate;
    this.#candidates = RATES.filter((rate) => rate <= maxBaud && rate > startRate);
  }

  /** When `tick` is to be called. */
  get untilUs(): number {
    return this.#untilUs;
  }

  /** Begins, or continues when `untilUs` has come. */
  tick(nowUs: number): readonly BaudAction[] {
    switch (this.#phase.kind) {
      case "resting":
        return this.#ask(nowUs);
      case "asking":
        if (this.#phase.tries < ASK_TRIES) return this.#askAgain(this.#phase.baudRate, this.#phase.tries + 1, nowUs);
        return this.#finish();
      case "proving":
        if (nowUs < this.#phase.endUs) return this.#prove(nowUs);
        if (++this.#failedProofs === FAILED_PROOFS) this.#candidates = [];
        return this.#switch(this.#startRate, true, nowUs);
      case "switching":
        return [{ kind: "stuck" }];
      default:
        return [];
    }
  }

  /** The port's answer to `switch`. */
  switched(ok: boolean, nowUs: number): readonly BaudAction[] {
    if (this.#phase.kind !== "switching") return [];
    const { baudRate, back } = this.#phase;
    if (back) {
      return this.#rest(nowUs + FALL_BACK_US);
    }
    this.#phase = { kind: "proving", baudRate, endUs: ok ? nowUs + PROVE_US : nowUs };
    return ok ? this.#prove(nowUs) : this.tick(nowUs);
  }

  /** Looks at a frame of the session. */
  onFrame(frame: Frame, nowUs: number): readonly BaudAction[] {
    if (frame.type === FRAME_TYPE.baudReady && this.#phase.kind === "asking" && frame.offset === this.#tag) {
      const rate = readU32(frame.payload, 0);
      if (rate === this.#phase.baudRate) return this.#switch(rate, false, nowUs);
      if (rate === 0) return this.#ask(nowUs);
      return this.#rest(nowUs + OTHER_RATE_US);
    }
    const isProof = frame.type === FRAME_TYPE.pong && sameBytes(frame.payload, PATTERN);
    return isProof && this.#phase.kind === "proving" ? this.#finish() : [];
  }

  #rest(untilUs: number): readonly BaudAction[] {
    this.#phase = { kind: "resting" };
    this.#untilUs = untilUs;
    return [];
  }

  #ask(nowUs: number): readonly BaudAction[] {
    const baudRate = this.#candidates.shift();
    return baudRate === undefined ? this.#finish() : this.#askAgain(baudRate, 1, nowUs);
  }

  #askAgain(baudRate: number, tries: number, nowUs: number): readonly BaudAction[] {
    this.#phase = { kind: "asking", baudRate, tries };
    this.#untilUs = nowUs + ASK_US;
    this.#tag = (this.#tag + 1) & 0xffff;
    const payload = new Uint8Array(4);
    writeU32(payload, 0, baudRate);
    return [{ kind: "send", type: FRAME_TYPE.baud, tag: this.#tag, payload }];
  }

  #switch(baudRate: number, back: boolean, nowUs: number): readonly BaudAction[] {
    this.#phase = { kind: "switching", baudRate, back };
    this.#untilUs = nowUs + SWITCH_US;
    return [{ kind: "switch", baudRate }];
  }

  #prove(nowUs: number): readonly BaudAction[] {
    this.#untilUs = nowUs + PROVE_INTERVAL_US;
    this.#tag = (this.#tag + 1) & 0xffff;
    return [{ kind: "send", type: FRAME_TYPE.ping, tag: this.#tag, payload: PATTERN }];
  }

  #finish(): readonly BaudAction[] {
    this.#phase = { kind: "done" };
    this.#untilUs = Number.POSITIVE_INFINITY;
    return [{ kind: "done" }];
  }
}
