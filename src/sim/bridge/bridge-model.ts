/**
 * A bridge as firmware-protocol/PROTOCOL.md describes it, without any I/O: bytes in, frames out, times when it is to be
 * woken. It knows neither the link nor the host. Its behaviour follows the protocol page. Frames and records are read
 * and written by the codec that the host uses as well, which vectors.json checks.
 *
 * How to drive it: hand over what arrives with `receive`; whenever the transmitter is free ask `pull` for the next
 * frame and say `sent` when its last bit has left; call `wake` at `workWakeNs` and `hostWakeNs`. After any of these
 * calls both times may have changed.
 *
 * SPI and line have virtual time (`nowNs`). What waits for the host has `hostTime`, the same unless specified
 * otherwise: on a real socket virtual time runs ahead of the real host, whose silence must be measured in its own time.
 */
import { FrameDecoder } from "../../../firmware-protocol/frame-decoder.ts";
import { encodeFrame, type Frame, FRAME_TYPE, readU32, writeU32 } from "../../../firmware-protocol/frame.ts";
import {
  chooseVersion,
  decodeHello,
  encodeWelcome,
  type Hello,
  PROTOCOL_VERSION,
} from "../../../firmware-protocol/hello.ts";
import { type BridgeOptions, featureWord } from "./bridge-options.ts";
import { MAX_VIOLATIONS } from "../most-violations.ts";
import { BridgeSession, type Times } from "./bridge-session.ts";
import type { BridgeRule, BridgeViolation } from "./bridge-violation.ts";
import { LineRate } from "./line-rate.ts";
import { SpiPort, type SpiTarget } from "./spi-port.ts";
import type { StepRunner } from "./step-runner.ts";
import type { WireModel } from "./wire-model.ts";

const MS = 1_000_000;
const PART_WAITS_NS = 20 * MS;
const PADDING = 0x55;
const MIN_BAUD = 9_600;
const NOTHING = new Uint8Array(0);
/** What an answer is beside its payload. */
const ANSWER_BYTES = 12;

/** Types that only a bridge sends: the host has no business with them, but they are known. */
const OWN_TYPES: ReadonlySet<number> = new Set([
  FRAME_TYPE.welcome,
  FRAME_TYPE.pong,
  FRAME_TYPE.baudReady,
  FRAME_TYPE.noSession,
  FRAME_TYPE.byeDone,
  FRAME_TYPE.unknownType,
]);

/** An answer that waits for the transmitter. `ack` is filled in when it leaves. */
interface Answer {
  readonly type: number;
  readonly session: number;
  readonly offset: number;
  readonly payload: Uint8Array;
  /** The line rate that stands after it. */
  readonly thenBaud?: number | undefined;
}

export interface BridgeModelParts {
  readonly options: BridgeOptions;
  readonly target: SpiTarget;
  /** Time of the host, nanoseconds; virtual time if left out. */
  readonly hostTime?: ((nowNs: number) => number) | undefined;
  /** Nanoseconds a byte takes on the line now; used for timeouts only. */
  readonly nsPerByte?: (() => number) | undefined;
}

export class BridgeModel implements WireModel {
  readonly options: BridgeOptions;
  readonly violations: BridgeViolation[] = [];
  readonly #spi: SpiPort;
  readonly #hostTime: (nowNs: number) => number;
  readonly #nsPerByte: () => number;
  readonly #line: LineRate;
  #decoder: FrameDecoder;
  #bootNumber: number;
  #session: BridgeSession | undefined;
  /** A runner whose session is gone, until what it sends to the chip is sent. */
  #leaving: StepRunner | undefined;
  #answers: Answer[] = [];
  /** BYE was received: answered when the step in progress has ended. */
  #farewell: Answer | undefined;
  #rateAfterFrame: number | undefined;
  #lastByteHostNs = 0;
  #deafUntilNs = 0;

  constructor(parts: BridgeModelParts) {
    const { options, target } = parts;
    this.options = options;
    this.#spi = new SpiPort(target, options);
    this.#hostTime = parts.hostTime ?? ((nowNs) => nowNs);
    this.#nsPerByte = parts.nsPerByte ?? (() => 0);
    this.#line = new LineRate(options.baudRate);
    this.#decoder = new FrameDecoder(options.maxFrameUnits);
    this.#bootNumber = options.bootNumber;
  }

  get bootNumber(): number {
    return this.#bootNumber;
  }

  /** Line rate of this end, baud; 0 if the link has none. */
  get baudRate(): number {
    return this.#line.baudRate;
  }

  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  get backlogBytes(): number {
    return this.#answers.reduce((sum, { payload }) => sum + ANSWER_BYTES + payload.length, 0);
  }

  #times(nowNs: number): Times {
    return { nowNs, hostNs: this.#hostTime(nowNs) };
  }

  /** Bytes from the line, of any number. */
  receive(bytes: Uint8Array, nowNs: number): void {
    if (nowNs < this.#deafUntilNs) return;
    const times = this.#times(nowNs);
    this.#lastByteHostNs = times.hostNs;
    this.#work(times);
    this.#decode(() => this.#decoder.push(bytes), times);
    this.#work(times);
  }

  /** Does all that is due at this time. */
  wake(nowNs: number): void {
    const times = this.#times(nowNs);
    this.#work(times);
    if (this.#decoder.holdsPart && times.hostNs >= this.#lastByteHostNs + PART_WAITS_NS) {
      this.#lastByteHostNs = times.hostNs;
      this.#decode(() => this.#decoder.giveUpPart(), times);
    }
    this.#line.tick(times.hostNs);
    if (this.#session?.isForsaken(times.hostNs) === true) this.#endSession(times);
    this.#session?.tick(times);
    this.#work(times);
  }

  /** When SPI continues or results leave, in virtual time; Infinity: not by itself. */
  workWakeNs(nowNs: number): number {
    return Math.min(
      this.#session === undefined ? Number.POSITIVE_INFINITY : this.#session.workWakeNs(nowNs),
      this.#leaving?.wakeNs ?? Number.POSITIVE_INFINITY,
    );
  }

  /** When patience with the host ends, in the host's time; Infinity: nothing is expected. */
  get hostWakeNs(): number {
    return Math.min(
      this.#decoder.holdsPart ? this.#lastByteHostNs + PART_WAITS_NS : Number.POSITIVE_INFINITY,
      this.#line.wakeNs,
      this.#session?.hostWakeNs ?? Number.POSITIVE_INFINITY,
    );
  }

  /** The next frame for the transmitter, which is free; undefined if there is nothing to send. */
  pull(nowNs: number): Uint8Array | undefined {
    const times = this.#times(nowNs);
    const frame = this.#nextFrame(times);
    if (frame === undefined) return undefined;
    const align = this.#session?.takeAlignment() ?? 0;
    const bytes = encodeFrame(frame);
    if (align === 0) return bytes;
    const shifted = new Uint8Array(align + bytes.length).fill(PADDING, 0, align);
    shifted.set(bytes, align);
    return shifted;
  }

  /** The last bit of the frame that `pull` gave has left. */
  sent(nowNs: number): void {
    if (this.#rateAfterFrame === undefined) return;
    this.#line.change(this.#rateAfterFrame, this.#hostTime(nowNs));
    this.#rateAfterFrame = undefined;
  }

  /**
   * A restart in the middle of whatever is in progress: chip select rises, steps, results and session are gone, the
   * boot number is another one. For `bootNs` it receives nothing.
   */
  reset(nowNs: number, bootNs = 0): void {
    this.#session?.runner.halt(nowNs);
    this.#leaving?.halt(nowNs);
    this.#session = undefined;
    this.#leaving = undefined;
    this.#farewell = undefined;
    this.#rateAfterFrame = undefined;
    this.#answers = [];
    this.#spi.reset(nowNs);
    this.#line.reset();
    this.#decoder = new FrameDecoder(this.options.maxFrameUnits);
    this.#bootNumber = (this.#bootNumber + 1) >>> 0;
    this.#deafUntilNs = nowNs + bootNs;
  }

  #decode(take: () => readonly Frame[], times: Times): void {
    const damagedBefore = this.#decoder.damagedFrames;
    const frames = take();
    for (const frame of frames) this.#takeFrame(frame, times);
    if (this.#decoder.damagedFrames > damagedBefore) this.#session?.damaged(times);
  }

  #takeFrame(frame: Frame, times: Times): void {
    this.#line.heardGoodFrame();
    if (frame.type === FRAME_TYPE.hello) return this.#takeHello(frame, times);
    const session = this.#session;
    if (session === undefined || frame.session !== session.number) return this.#answerUnknownSession(frame);
    if (frame.type === FRAME_TYPE.status) {
      const stretches = session.takeStatus(frame, times);
      session.heard(frame, stretches ?? [], times);
      return;
    }
    session.heard(frame, [], times);
    this.#takeSessionFrame(session, frame, times);
  }

  #takeSessionFrame(session: BridgeSession, frame: Frame, times: Times): void {
    switch (frame.type) {
      case FRAME_TYPE.data:
        return session.takeData(frame, times);
      case FRAME_TYPE.ping:
        return this.#answer(FRAME_TYPE.pong, frame, frame.payload);
      case FRAME_TYPE.cancel:
        return session.runner.cancel(frame.offset & 0xff);
      case FRAME_TYPE.baud:
        return this.#takeBaud(session, frame);
      case FRAME_TYPE.bye:
        this.#endSession(times);
        this.#farewell = { type: FRAME_TYPE.byeDone, session: frame.session, offset: frame.offset, payload: NOTHING };
        return;
      default:
        if (!OWN_TYPES.has(frame.type)) this.#answer(FRAME_TYPE.unknownType, frame, Uint8Array.of(frame.type));
    }
  }

  #answerUnknownSession(frame: Frame): void {
    if (frame.type === FRAME_TYPE.bye && this.#session === undefined) {
      return this.#answer(FRAME_TYPE.byeDone, frame, NOTHING);
    }
    const payload = new Uint8Array(4);
    writeU32(payload, 0, this.#bootNumber);
    this.#answers.push({ type: FRAME_TYPE.noSession, session: 0, offset: frame.offset, payload });
  }

  #answer(type: number, frame: Frame, payload: Uint8Array): void {
    this.#answers.push({ type, session: frame.session, offset: frame.offset, payload });
  }

  #takeHello(frame: Frame, times: Times): void {
    const hello = decodeHello(frame);
    if (hello === undefined) return this.#violate("malformed-frame", times.nowNs, "HELLO");
    const spoken = { lowest: hello.lowestVersion, highest: hello.highestVersion };
    const version = chooseVersion(PROTOCOL_VERSION, spoken);
    if (version !== 0 && this.#session?.isRepeatedBy(hello) !== true) this.#beginSession(hello, times);
    const payload = encodeWelcome(this.#welcome(hello, version));
    this.#answers.push({ type: FRAME_TYPE.welcome, session: hello.session, offset: 0, payload });
  }

  #beginSession(hello: Hello, times: Times): void {
    this.#endSession(times);
    // What was still to be sent belongs to a session that is over.
    this.#answers = [];
    this.#farewell = undefined;
    const parts = {
      options: this.options,
      spi: this.#spi,
      nsPerByte: this.#nsPerByte,
      violate: (rule: BridgeRule, atNs: number, detail: string) => this.#violate(rule, atNs, detail),
    };
    this.#session = new BridgeSession(hello, parts, times.nowNs, times);
  }

  #endSession(times: Times): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    session.runner.abandon(times.nowNs);
    if (session.runner.isBusy) this.#leaving = session.runner;
  }

  #takeBaud(session: BridgeSession, frame: Frame): void {
    const requestedBaud = frame.payload.length >= 4 ? readU32(frame.payload, 0) : 0;
    const isPossible = this.options.features.includes("baud") && this.baudRate > 0 && requestedBaud >= MIN_BAUD;
    const baud = isPossible && !session.hasSteps ? Math.min(requestedBaud, this.options.maxBaud) : 0;
    const payload = new Uint8Array(4);
    writeU32(payload, 0, baud);
    const answer = { type: FRAME_TYPE.baudReady, session: frame.session, offset: frame.offset, payload };
    this.#answers.push(baud === 0 ? answer : { ...answer, thenBaud: baud });
  }

  #work(times: Times): void {
    if (this.#leaving !== undefined) {
      this.#leaving.advance(times.nowNs);
      if (this.#leaving.isBusy) return;
      this.#leaving = undefined;
    }
    if (this.#farewell !== undefined) {
      this.#spi.setPins({ wp: true, hold: true });
      this.#answers.push(this.#farewell);
      this.#farewell = undefined;
    }
    const session = this.#session;
    if (session === undefined) return;
    session.advance(times);
    if (!session.runner.isInvalid) return;
    this.#violate("invalid-record", times.nowNs, "the step stream is not a sequence of records");
    this.#endSession(times);
  }

  #nextFrame(times: Times): Frame | undefined {
    const answer = this.#answers.shift();
    const session = this.#session;
    if (answer !== undefined) {
      this.#rateAfterFrame = answer.thenBaud;
      if (answer.session !== session?.number) return { ...answer, ack: 0 };
      session.sentOther();
      return { ...answer, ack: session.ack };
    }
    if (session === undefined) return undefined;
    const head = { session: session.number, ack: session.ack };
    const status = session.takeDueStatus(times.hostNs);
    if (status !== undefined) return { ...head, type: FRAME_TYPE.status, offset: 0, payload: status };
    const piece = session.takeResults(times);
    if (piece === undefined) return undefined;
    session.sentOther();
    return { ...head, type: FRAME_TYPE.data, offset: piece.offset & 0xffff, payload: piece.bytes };
  }

  #welcome(hello: Hello, version: number): Parameters<typeof encodeWelcome>[0] {
    const { options } = this;
    return {
      nonce: hello.nonce,
      version,
      lowestVersion: PROTOCOL_VERSION.lowest,
      highestVersion: PROTOCOL_VERSION.highest,
      maxFrameUnits: options.maxFrameUnits,
      bootNumber: this.#bootNumber,
      stepBufferBytes: options.bufferBytes,
      resultBufferBytes: options.resultBufferBytes,
      maxSendBytes: options.maxSendBytes,
      maxReceiveBytes: options.maxReceiveBytes,
      spiClockMinHz: options.spiClockMinHz,
      spiClockMaxHz: options.spiClockMaxHz,
      features: featureWord(options.features),
      maxBaud: options.maxBaud,
      slotCount: options.slots,
      slotBytes: options.slotBytes,
      restartReason: "none",
      boardName: options.boardName,
      firmwareVersion: options.firmwareVersion,
      serialNumber: options.serialNumber,
    };
  }

  #violate(rule: BridgeRule, atNs: number, detail: string): void {
    if (this.violations.length < MAX_VIOLATIONS) this.violations.push({ rule, atNs, detail });
  }
}
