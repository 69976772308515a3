/** The machine alone: events in, actions out, no line. */
import { describe, expect, it } from "vitest";
import { FrameDecoder } from "../../../firmware-protocol/frame-decoder.ts";
import { encodeFrame, type Frame, FRAME_TYPE } from "../../../firmware-protocol/frame.ts";
import { decodeHello, encodeWelcome } from "../../../firmware-protocol/hello.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { LinkAction, LinkEvent } from "../../../src/bridge/link-machine.ts";
import { NativeMachine } from "../../../src/bridge/native/native-machine.ts";
import { randomFrom } from "../../sim/client.ts";
import { WELCOME } from "./support/welcome.ts";

const { hello, welcome, data, cancel, bye } = FRAME_TYPE;

class Bench {
  readonly machine = new NativeMachine({ random: randomFrom(1), climb: false });
  readonly #decoder = new FrameDecoder(92);
  nowUs = 0;
  session = 0;
  /** Last wish to be woken. */
  untilUs = Number.POSITIVE_INFINITY;

  on(event: LinkEvent): { frames: Frame[]; actions: readonly LinkAction[] } {
    const actions = this.machine.on(event, this.nowUs);
    const frames: Frame[] = [];
    for (const action of actions) {
      if (action.kind === "write") frames.push(...this.#decoder.push(action.bytes));
      if (action.kind === "wait") this.untilUs = action.untilUs;
    }
    return { frames, actions };
  }

  open(): this {
    const [first] = this.on({ kind: "open", baudRate: 0 }).frames;
    const heard = decodeHello(first!);
    expect([first?.type, heard]).not.toContain(undefined);
    expect(first?.type).toBe(hello);
    this.session = heard!.session;
    const payload = encodeWelcome({ ...WELCOME, nonce: heard!.nonce });
    const bytes = encodeFrame({ type: welcome, session: this.session, offset: 0, ack: 0, payload });
    expect(this.on({ kind: "bytes", bytes }).actions.map(({ kind }) => kind)).toContain("ready");
    return this;
  }
}

const WREN: SpiStep = { kind: "transfer", send: Uint8Array.of(6), receiveBytes: 0 };

describe("cancel", () => {
  it("follows the frame with BEGIN, since a CANCEL that overtakes it is ignored", () => {
    const bench = new Bench().open();
    bench.on({ kind: "begin" });
    bench.on({ kind: "step", step: WREN });
    const { frames } = bench.on({ kind: "cancel" });
    const types = frames.map(({ type }) => type);
    expect(types).toContain(data);
    expect(types.at(-1)).toBe(cancel);
    expect(frames.at(-1)?.offset).toBe(1);
  });

  it("follows a frame that is sent again", () => {
    const bench = new Bench().open();
    bench.on({ kind: "begin" });
    bench.on({ kind: "step", step: WREN });
    bench.on({ kind: "starved" });
    bench.on({ kind: "cancel" });
    bench.nowUs = bench.untilUs;
    const types = bench.on({ kind: "deadline" }).frames.map(({ type }) => type);
    expect(types).toEqual([data, cancel]);
  });

  it("of a run that is over does not reach what comes after it", () => {
    const bench = new Bench().open();
    bench.on({ kind: "begin" });
    bench.on({ kind: "cancel" });
    expect(bench.on({ kind: "end" }).actions.map(({ kind }) => kind)).toContain("run-done");
    const types = bench.on({ kind: "set-spi-clock", clockHz: 1_000_000 }).frames.map(({ type }) => type);
    while (bench.nowUs < 2_000_000) {
      bench.nowUs = bench.untilUs;
      types.push(...bench.on({ kind: "deadline" }).frames.map(({ type }) => type));
    }
    expect(types).toContain(FRAME_TYPE.status);
    expect(types).not.toContain(cancel);
  });

  it("without a run is nothing", () => {
    const bench = new Bench().open();
    expect(bench.on({ kind: "cancel" }).frames).toEqual([]);
  });
});

describe("the time it wants to be woken at", () => {
  it("always lies ahead once it was woken, also while it says goodbye with everything open", () => {
    const bench = new Bench().open();
    bench.on({ kind: "begin" });
    bench.on({ kind: "step", step: WREN });
    bench.on({ kind: "starved" });
    // A result byte that waits to be acknowledged, and the first part of a frame.
    const piece = { type: data, session: bench.session, offset: 0, ack: 0, payload: Uint8Array.of(0) };
    bench.on({ kind: "bytes", bytes: encodeFrame(piece) });
    bench.on({ kind: "bytes", bytes: encodeFrame(piece).subarray(0, 8) });
    let byes = bench.on({ kind: "close" }).frames.filter(({ type }) => type === bye).length;
    let wakes = 0;
    for (let over = false; !over; wakes++) {
      expect(wakes).toBeLessThan(20);
      expect(bench.untilUs).toBeGreaterThan(bench.nowUs);
      bench.nowUs = bench.untilUs;
      const { frames, actions } = bench.on({ kind: "deadline" });
      byes += frames.filter(({ type }) => type === bye).length;
      over = actions.some(({ kind }) => kind === "closed");
    }
    expect(byes).toBe(2);
    expect(bench.nowUs).toBe(400_000);
  });

  it("is finite while an answer is awaited", () => {
    const bench = new Bench().open();
    bench.on({ kind: "begin" });
    bench.on({ kind: "step", step: WREN });
    bench.on({ kind: "end" });
    let failed = false;
    for (let wakes = 0; !failed; wakes++) {
      expect(wakes).toBeLessThan(200);
      bench.nowUs = Math.max(bench.untilUs, bench.nowUs + 1);
      failed = bench.on({ kind: "deadline" }).actions.some(({ kind }) => kind === "fail");
    }
    expect(bench.nowUs).toBe(5_000_000);
    expect(bench.on({ kind: "deadline" }).actions).toEqual([]);
  });
});

it("no bytes make it throw: 400 chunks of noise, and frames of every type", () => {
  const random = randomFrom(99);
  const bench = new Bench().open();
  bench.on({ kind: "begin" });
  for (let i = 0; i < 400; i++) {
    bench.nowUs += random() % 30_000;
    const payload = new Uint8Array(random() % 40).map(() => random() >>> 24);
    const type = [0x32, 0x33, random() % 64][random() % 3]!;
    const frame = { type, session: bench.session, offset: random() & 0x3f, ack: random() & 3, payload };
    if (type === FRAME_TYPE.noSession) continue;
    bench.on({ kind: "bytes", bytes: random() % 2 === 0 ? payload : encodeFrame(frame) });
    if (i % 5 === 0) bench.on({ kind: "deadline" });
    if (i % 7 === 0) bench.on({ kind: "step", step: WREN });
  }
});
