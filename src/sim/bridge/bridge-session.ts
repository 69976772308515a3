/**
 * One session: its step buffer, its results, its runner, and what it reports about them. The bridge model makes one at
 * HELLO and throws it away at the next, at BYE, after silence and after nonsense.
 *
 * Two times come in: `nowNs` is the time of SPI and line, `hostNs` that of the host, which is waited for. They are the
 * same in a simulation; on a real socket the former runs as fast as the machine can (see bridge-model.ts).
 */
import type { Hello } from "../../../firmware-protocol/hello.ts";
import { type Frame, maxPayloadBytes, MIN_FRAME_UNITS } from "../../../firmware-protocol/frame.ts";
import { decodeStatus, encodeStatus, type Stretch } from "../../../firmware-protocol/status.ts";
import type { BridgeOptions } from "./bridge-options.ts";
import type { BridgeRule } from "./bridge-violation.ts";
import { type OutgoingPiece, ResultBuffer } from "./result-buffer.ts";
import { ResultWriter } from "./result-writer.ts";
import type { SpiPort } from "./spi-port.ts";
import { type Standing, StatusPolicy } from "./status-policy.ts";
import { StepBuffer } from "./step-buffer.ts";
import { StepRunner } from "./step-runner.ts";

const MS = 1_000_000;
const SILENCE_NS = 3000 * MS;
/** Results wait so long for company before they leave in a frame that is not full. */
const GATHER_NS = 1 * MS;

export interface SessionParts {
  readonly options: BridgeOptions;
  readonly spi: SpiPort;
  readonly nsPerByte: () => number;
  /** Records that the host broke a rule. */
  readonly violate: (rule: BridgeRule, atNs: number, detail: string) => void;
}

/** The two times of the head of this file. */
export interface Times {
  readonly nowNs: number;
  readonly hostNs: number;
}

export class BridgeSession {
  readonly hello: Hello;
  readonly #parts: SessionParts;
  readonly #steps: StepBuffer;
  readonly #results: ResultBuffer;
  readonly #writer: ResultWriter;
  readonly #policy: StatusPolicy;
  readonly runner: StepRunner;
  #hostFrameUnits: number;
  #heardNs: number;
  #hasHadData = false;
  /** Bytes 55h owed before the next frame. */
  #alignBytes = 0;

  constructor(hello: Hello, parts: SessionParts, freeNs: number, times: Times) {
    this.hello = hello;
    this.#parts = parts;
    this.#hostFrameUnits = hello.maxFrameUnits;
    this.#heardNs = times.hostNs;
    this.#steps = new StepBuffer(parts.options.bufferBytes);
    this.#results = new ResultBuffer(parts.options.resultBufferBytes, parts.nsPerByte);
    this.#writer = new ResultWriter(this.#results);
    this.#policy = new StatusPolicy(parts.options.bufferBytes, times.hostNs);
    const { options, spi } = parts;
    this.runner = new StepRunner({ options, spi, steps: this.#steps, results: this.#writer }, freeNs);
  }

  get number(): number {
    return this.hello.session;
  }

  /** The next step offset expected, mod 65 536. */
  get ack(): number {
    return this.#steps.received & 0xffff;
  }

  /** Whether steps wait or one is under way. */
  get hasSteps(): boolean {
    return this.#steps.availableBytes > 0 || this.runner.isBusy;
  }

  /** Whether this HELLO is the one that began the session, come once more before anything else. */
  isRepeatedBy(hello: Hello): boolean {
    return !this.#hasHadData && hello.session === this.number && hello.nonce === this.hello.nonce;
  }

  get #standing(): Standing {
    return { received: this.#steps.received, consumed: this.#steps.consumed };
  }

  /** Any good frame of the session was received. */
  heard(frame: Frame, stretches: readonly Stretch[], times: Times): void {
    this.#heardNs = times.hostNs;
    if (this.#results.acknowledge(frame.ack, stretches, times.hostNs)) return;
    this.#parts.violate("host-acknowledges-unsent", times.nowNs, `ack ${frame.ack}`);
  }

  takeData(frame: Frame, times: Times): void {
    this.#hasHadData = true;
    if (frame.payload.length === 0) {
      this.#parts.violate("malformed-frame", times.nowNs, "DATA without a payload");
      return;
    }
    const placement = this.#steps.place(frame.offset, frame.payload);
    if (placement === "beyond-credit") {
      const { consumed } = this.#steps;
      this.#parts.violate(
        "host-exceeds-credit",
        times.nowNs,
        `${frame.payload.length} bytes at ${frame.offset}, consumed ${consumed}`,
      );
    }
    if (placement === "known") this.#policy.answer();
    else if (this.#steps.stretches.length > 0 || placement !== "new") {
      this.#policy.damaged(this.#steps.received, times.hostNs);
    }
    this.#policy.moved(this.#standing, times.hostNs);
  }

  /** The stretches of a STATUS, or undefined if the payload is none. */
  takeStatus(frame: Frame, times: Times): readonly Stretch[] | undefined {
    const status = decodeStatus(frame.payload);
    if (status === undefined) {
      this.#parts.violate("malformed-frame", times.nowNs, `STATUS of ${frame.payload.length} bytes`);
      return undefined;
    }
    if (status.maxFrameUnits >= MIN_FRAME_UNITS + 1) this.#hostFrameUnits = status.maxFrameUnits;
    if (status.shift !== 0) this.#alignBytes = 4 - status.shift;
    if (status.sendAgain && status.stretches.length === 0) this.#results.sendAgain(times.hostNs);
    return status.stretches;
  }

  /** Something that may have been a frame was damaged on the way here. */
  damaged(times: Times): void {
    this.#policy.damaged(this.#steps.received, times.hostNs);
  }

  /** Runs steps as far as time and room go. */
  advance(times: Times): void {
    this.runner.advance(times.nowNs);
    this.#policy.moved(this.#standing, times.hostNs);
  }

  /** Whether the host has been silent for too long while it should not be. */
  isForsaken(hostNs: number): boolean {
    return this.#hasDuties && hostNs >= this.#heardNs + SILENCE_NS;
  }

  get #hasDuties(): boolean {
    return this.hasSteps || this.#results.heldBytes > 0;
  }

  /** Timers that wait for the host. */
  tick(times: Times): void {
    this.#results.checkTimeout(times.hostNs);
    this.#policy.tick(this.#standing, this.runner.isBusy, times.hostNs);
  }

  /** When `tick` or `isForsaken` has something to report, in the host's time. */
  get hostWakeNs(): number {
    return Math.min(
      this.#results.resendDueNs,
      this.#policy.wakeNs(this.runner.isBusy),
      this.#hasDuties ? this.#heardNs + SILENCE_NS : Number.POSITIVE_INFINITY,
    );
  }

  /** When steps continue or gathered results leave. */
  workWakeNs(nowNs: number): number {
    const gathered = this.#results.unsentBytes > 0 ? this.#writer.lastByteNs + GATHER_NS : Number.POSITIVE_INFINITY;
    return Math.min(this.runner.wakeNs, gathered > nowNs ? gathered : Number.POSITIVE_INFINITY);
  }

  /** Bytes 55h to be sent once, now. */
  takeAlignment(): number {
    const owed = this.#alignBytes;
    this.#alignBytes = 0;
    return owed;
  }

  /** The payload of a STATUS if one is due. */
  takeDueStatus(hostNs: number): Uint8Array | undefined {
    if (!this.#policy.isDue) return undefined;
    const payload = encodeStatus({
      consumed: this.#steps.consumed,
      busy: this.runner.isBusy,
      sendAgain: this.#policy.asksAgain,
      cancelled: this.runner.isCancelled,
      shift: 0,
      maxFrameUnits: 0,
      stretches: this.#steps.stretches,
    });
    this.#policy.sentStatus(this.#standing, hostNs);
    return payload;
  }

  /** A frame that is not a STATUS leaves. */
  sentOther(): void {
    this.#policy.sentOther(this.#standing);
  }

  /** The next piece of results if one is to leave now. */
  takeResults(times: Times): OutgoingPiece | undefined {
    const units = Math.min(this.#hostFrameUnits, this.#parts.options.maxFrameUnits);
    const mostBytes = maxPayloadBytes(units);
    const leaves =
      this.#results.hasLost ||
      this.#results.unsentBytes >= mostBytes ||
      !this.runner.isBusy ||
      this.runner.isBlocked ||
      times.nowNs >= this.#writer.lastByteNs + GATHER_NS;
    return leaves ? this.#results.take(mostBytes, times.hostNs) : undefined;
  }
}
