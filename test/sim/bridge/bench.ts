/**
 * A bridge on the bench: frames in by hand, frames out in a list, time moved by hand. The chip is a pattern that keeps a
 * diary of every chip-select window.
 */
import { FrameDecoder } from "../../../firmware-protocol/frame-decoder.ts";
import { encodeFrame, type Frame, FRAME_TYPE } from "../../../firmware-protocol/frame.ts";
import { encodeHello } from "../../../firmware-protocol/hello.ts";
import { encodeSetting, encodeStep } from "../../../firmware-protocol/record.ts";
import { type Expected, ResultReader, type WireResult } from "../../../firmware-protocol/result.ts";
import { decodeStatus, encodeStatus, type LinkStatus, type Stretch } from "../../../firmware-protocol/status.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import { BridgeModel } from "../../../src/sim/bridge/bridge-model.ts";
import { BRIDGE_PRESETS, type BridgeOptions } from "../../../src/sim/bridge/bridge-options.ts";
import type { SpiTarget } from "../../../src/sim/bridge/spi-port.ts";

export const MS = 1_000_000;
export const US = 1_000;

export interface Window {
  readonly sent: number[];
  received: number;
  readonly startNs: number;
  endNs: number;
}

/** Answers 9Fh with 1F 84 01, 05h with 01 while busy, 03h with the low byte of the address; all else FFh. */
export class DiaryChip implements SpiTarget {
  readonly windows: Window[] = [];
  busyUntilNs = 0;
  isSelected = false;
  pins: object = {};

  select(nowNs: number): void {
    this.isSelected = true;
    this.windows.push({ sent: [], received: 0, startNs: nowNs, endNs: Number.NaN });
  }

  deselect(nowNs: number): void {
    this.isSelected = false;
    this.windows.at(-1)!.endNs = nowNs;
  }

  exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    const window = this.windows.at(-1)!;
    window.sent.push(...send);
    const lastNs = startNs + (send.length + receiveBytes) * byteNs;
    const [opcode, a2 = 0, a1 = 0, a0 = 0] = window.sent;
    const address = a2 * 65_536 + a1 * 256 + a0;
    const from = window.received;
    window.received += receiveBytes;
    return new Uint8Array(receiveBytes).map((_, i) => {
      if (opcode === 0x9f) return [0x1f, 0x84, 0x01][from + i] ?? 0xff;
      if (opcode === 0x05) return lastNs <= this.busyUntilNs ? 1 : 0;
      if (opcode === 0x03) return (address + from + i) & 0xff;
      return 0xff;
    });
  }

  setPins(pins: object): void {
    this.pins = { ...this.pins, ...pins };
  }
}

export const WREN: SpiStep = { kind: "transfer", send: Uint8Array.of(6), receiveBytes: 0 };
export const RDID: SpiStep = { kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 };

export function readStep(address: number, receiveBytes: number): SpiStep {
  return { kind: "transfer", send: Uint8Array.of(3, address >> 16, (address >> 8) & 255, address & 255), receiveBytes };
}

export function pollStep(timeoutMs: number, intervalUs = 0): SpiStep {
  return { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs, timeoutMs };
}

/** A run's stream: BEGIN and the steps. */
export function stream(run: number, ...parts: readonly (SpiStep | Uint8Array)[]): Uint8Array {
  const records = parts.map((part) => (part instanceof Uint8Array ? part : encodeStep(part)));
  return Uint8Array.from([encodeSetting({ kind: "begin", run }), ...records].flatMap((record) => [...record]));
}

export class Bench {
  readonly chip = new DiaryChip();
  readonly model: BridgeModel;
  nowNs = 0;
  /** Every frame the bridge sent, with the time it left. */
  readonly frames: (Frame & { readonly atNs: number })[] = [];
  /** All its bytes. */
  readonly raw: number[] = [];
  session = 0;
  /** What the scripted host says it has; follows the results by itself unless `acknowledges` is off. */
  ack = 0;
  acknowledges = true;
  /** Result bytes by stream offset. */
  readonly results: number[] = [];
  readonly #decoder = new FrameDecoder(92);
  #sent = 0;

  constructor(options: Partial<BridgeOptions> = {}) {
    this.model = new BridgeModel({ options: { ...BRIDGE_PRESETS.small, ...options }, target: this.chip });
  }

  /** HELLO and WELCOME. */
  open(): this {
    this.receive(this.hello());
    this.frames.length = 0;
    return this;
  }

  hello(seed = 7): Uint8Array {
    let state = seed;
    const { bytes, hello } = encodeHello(() => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0));
    this.session = hello.session;
    this.ack = 0;
    this.#sent = 0;
    this.results.length = 0;
    return bytes;
  }

  receive(bytes: Uint8Array): void {
    this.model.receive(bytes, this.nowNs);
    this.#transmit();
  }

  frame(type: number, fields: Partial<Frame> = {}): Uint8Array {
    const plain = { session: this.session, offset: 0, ack: this.ack & 0xffff, payload: new Uint8Array(0) };
    return encodeFrame({ ...plain, ...fields, type });
  }

  send(type: number, fields: Partial<Frame> = {}): void {
    this.receive(this.frame(type, fields));
  }

  /** A piece of the step stream at `offset`. */
  data(offset: number, payload: Uint8Array): void {
    this.send(FRAME_TYPE.data, { offset: offset & 0xffff, payload });
  }

  /** The next bytes of the step stream, in frames that the smallest bridge takes. */
  push(payload: Uint8Array): void {
    for (let at = 0; at < payload.length; at += 200) this.data(this.#sent + at, payload.subarray(at, at + 200));
    this.#sent += payload.length;
  }

  status(fields: Partial<LinkStatus> = {}): void {
    const none = { consumed: 0, busy: false, sendAgain: false, cancelled: false, shift: 0, maxFrameUnits: 0 };
    this.send(FRAME_TYPE.status, { payload: encodeStatus({ ...none, stretches: [], ...fields }) });
  }

  /** Lets time go to the end of `durationNs`, waking the bridge as it asks. */
  wait(durationNs: number): void {
    const untilNs = this.nowNs + durationNs;
    for (let wakes = 0; ; wakes++) {
      if (wakes > 1e6) throw new Error(`the bridge wakes for ever at ${this.nowNs}`);
      const nextNs = Math.max(this.nowNs, Math.min(this.model.workWakeNs(this.nowNs), this.model.hostWakeNs));
      if (nextNs > untilNs) break;
      this.nowNs = nextNs;
      this.model.wake(nextNs);
      this.#transmit();
    }
    this.nowNs = untilNs;
  }

  /** Frames of a type, and forgets nothing. */
  of(type: number): (Frame & { readonly atNs: number })[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  statuses(): (LinkStatus & { readonly ack: number; readonly atNs: number })[] {
    return this.of(FRAME_TYPE.status).map(({ payload, ack, atNs }) => ({ ...decodeStatus(payload)!, ack, atNs }));
  }

  /** Reads the results that came, against what is expected. */
  read(...expected: Expected["kind"][]): (WireResult | string)[] {
    return this.readWith(expected.map((kind) => (kind === "transfer" ? { kind, receiveBytes: 0 } : { kind })));
  }

  readWith(expected: readonly Expected[]): (WireResult | string)[] {
    const reader = new ResultReader();
    reader.push(Uint8Array.from(this.results));
    return expected.map((each) => reader.next(each));
  }

  #transmit(): void {
    for (let bytes = this.model.pull(this.nowNs); bytes !== undefined; bytes = this.model.pull(this.nowNs)) {
      this.raw.push(...bytes);
      this.model.sent(this.nowNs);
      for (const frame of this.#decoder.push(bytes)) {
        this.frames.push({ ...frame, atNs: this.nowNs });
        if (frame.type === FRAME_TYPE.data) this.#take(frame);
      }
    }
  }

  #take(frame: Frame): void {
    if (!this.acknowledges) return;
    frame.payload.forEach((byte, index) => (this.results[frame.offset + index] = byte));
    this.ack = Math.max(this.ack, frame.offset + frame.payload.length);
  }
}

export type { Stretch };
