/**
 * Bridges that are honest for a while and then lie: in one field of a frame, in the order of frames, by saying for ever that they
 * are at work, by dripping, by silence. Whatever they say, a session ends with a result or an error of the table, within a time
 * that can be told before it begins.
 */
import { describe, expect, it } from "vitest";
import { FrameDecoder } from "../../firmware-protocol/frame-decoder.ts";
import { encodeFrame, type Frame, FRAME_TYPE, MAX_FRAME_UNITS } from "../../firmware-protocol/frame.ts";
import type { SpiStep } from "../../firmware-protocol/step.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { BridgeModel } from "../../src/sim/bridge/bridge-model.ts";
import type { WireModel } from "../../src/sim/bridge/wire-model.ts";
import { createChip } from "../../src/sim/chip/chip-catalog.ts";
import type { ChipModel } from "../../src/sim/chip/core/chip-model.ts";
import { NO_FAULTS } from "../../src/sim/link/link-faults.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { SerprogModel } from "../../src/sim/serprog/serprog-model.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { createSimulation } from "../../src/sim/simulation.ts";
import { effort, sayCount } from "../support/effort.ts";

/** What is made of the honest answer number `index`; several pieces, or none. */
type Lie = (bytes: Uint8Array, index: number) => Uint8Array[];
/** What is said unasked from the lie on, and how often, nanoseconds. */
interface Chatter {
  readonly everyNs: number;
  say(): Uint8Array;
}

class Liar implements WireModel {
  readonly violations = [];
  readonly #honest: WireModel;
  readonly #lie: Lie;
  readonly #chatter: Chatter | undefined;
  readonly #from: number;
  #answers = 0;
  #out: Uint8Array[] = [];
  #nextNs = Number.POSITIVE_INFINITY;
  #isOwn = false;

  /** `from`: the first answer that is a lie. */
  constructor(honest: WireModel, from: number, lie: Lie, chatter: Chatter | undefined) {
    this.#honest = honest;
    this.#from = from;
    this.#lie = lie;
    this.#chatter = chatter;
  }
  get baudRate(): number {
    return this.#honest.baudRate;
  }
  get hostWakeNs(): number {
    return this.#honest.hostWakeNs;
  }
  receive(bytes: Uint8Array, nowNs: number): void {
    this.#honest.receive(bytes, nowNs);
  }
  wake(nowNs: number): void {
    if (nowNs >= this.#nextNs && this.#chatter !== undefined) {
      this.#out.push(this.#chatter.say());
      this.#nextNs = nowNs + this.#chatter.everyNs;
    }
    this.#honest.wake(nowNs);
  }
  workWakeNs(nowNs: number): number {
    return Math.min(this.#nextNs, this.#honest.workWakeNs(nowNs));
  }
  pull(nowNs: number): Uint8Array | undefined {
    this.#isOwn = this.#out.length > 0;
    if (this.#isOwn) return this.#out.shift();
    const bytes = this.#honest.pull(nowNs);
    if (bytes === undefined) return undefined;
    const index = this.#answers++;
    if (index < this.#from) return bytes;
    if (this.#chatter !== undefined && this.#nextNs === Number.POSITIVE_INFINITY) {
      this.#nextNs = nowNs + this.#chatter.everyNs;
    }
    const [first = new Uint8Array(), ...rest] = this.#lie(bytes, index);
    this.#out.push(...rest);
    return first;
  }
  sent(nowNs: number): void {
    if (!this.#isOwn) this.#honest.sent(nowNs);
  }
  reset(nowNs: number, bootNs?: number): void {
    this.#honest.reset(nowNs, bootNs);
  }
}

/** One field of each frame is another one, with a check that fits. */
function lieInField(random: Random): Lie {
  const field = random.intBelow(7);
  const constant = random.nextUint32();
  const number = (): number => random.pick([0, 1, 2, 0xff, 0xffff, constant & 0xffff, random.nextUint32() & 0xffff]);
  return (bytes) => {
    const frames = new FrameDecoder(MAX_FRAME_UNITS).push(bytes);
    return frames.map((frame) => {
      const payload = frame.payload.slice();
      const changed: Frame = { ...frame, payload };
      switch (field) {
        case 0:
          return encodeFrame({ ...changed, type: random.pick([...Object.values(FRAME_TYPE), random.intBelow(64)]) });
        case 1:
          return encodeFrame({ ...changed, session: random.pick([0, 0x20, frame.session ^ 1, frame.session]) });
        case 2:
          return encodeFrame({ ...changed, offset: number() });
        case 3:
          return encodeFrame({ ...changed, ack: number() });
        case 4:
          // The fields of WELCOME, STATUS and results are bytes of the payload.
          if (payload.length > 0) payload[random.intBelow(payload.length)] = number() & 0xff;
          return encodeFrame(changed);
        case 5:
          payload.fill(number() & 0xff, random.intBelow(payload.length + 1));
          return encodeFrame(changed);
        default:
          return encodeFrame({ ...changed, payload: random.bytes(random.intBelow(356)) });
      }
    });
  };
}

function lieInOrder(random: Random): Lie {
  const heard: Uint8Array[] = [];
  const kind = random.intBelow(5);
  return (bytes) => {
    heard.push(bytes.slice());
    if (heard.length > 100) heard.shift();
    const old = heard[random.intBelow(heard.length)] ?? bytes;
    return [[old], [bytes, bytes], [bytes, old], random.chance(0.5) ? [] : [bytes], [old, bytes, old]][kind] ?? [];
  };
}

function statusFrame(session: () => number, fields: number, random: Random): () => Uint8Array {
  return () => {
    const payload = new Uint8Array(8);
    new DataView(payload.buffer).setUint32(0, random.pick([0, 1, 100, 0xffff_ffff]), true);
    payload[4] = fields;
    const type = FRAME_TYPE.status;
    return encodeFrame({ type, session: session(), offset: 0, ack: random.pick([0, 6, 100, 0xffff]), payload });
  };
}

interface Setup {
  readonly lie: Lie;
  readonly chatter: Chatter | undefined;
}

function nativeLiar(random: Random, session: () => number): Setup {
  const everyNs = random.pick([1e6, 50e6, 200e6, 900e6, 4.9e9]);
  const nothing: Lie = () => [];
  const sometimes = (lie: Lie): Lie =>
    random.chance(0.5) ? lie : (bytes, index) => (random.chance(0.5) ? [bytes] : lie(bytes, index));
  switch (random.intBelow(7)) {
    case 0:
      return { lie: sometimes(lieInField(random)), chatter: undefined };
    case 1:
      return { lie: lieInOrder(random), chatter: undefined };
    case 2:
      // Busy, send again, cancelled: for ever.
      return { lie: nothing, chatter: { everyNs, say: statusFrame(session, random.intBelow(8), random) } };
    case 3:
      return { lie: (bytes) => [bytes], chatter: { everyNs, say: statusFrame(session, random.intBelow(8), random) } };
    case 4: {
      // A byte of the results now and then.
      let offset = random.intBelow(3);
      const say = (): Uint8Array => {
        const payload = Uint8Array.of(random.pick([0, 0x40, 0x80, random.intBelow(256)]));
        return encodeFrame({ type: FRAME_TYPE.data, session: session(), offset: offset++ & 0xffff, ack: 6, payload });
      };
      return { lie: nothing, chatter: { everyNs, say } };
    }
    case 5:
      return { lie: nothing, chatter: { everyNs, say: () => random.bytes(1 + random.intBelow(4)) } };
    default:
      return { lie: nothing, chatter: undefined };
  }
}

function serprogLiar(random: Random): Setup {
  const everyNs = random.pick([1e6, 50e6, 200e6, 900e6, 4.9e9]);
  const value = random.pick([0x06, 0x15, 0x00, 0xff, random.intBelow(256)]);
  switch (random.intBelow(6)) {
    case 0:
      return {
        lie: (bytes) => [bytes.map((byte) => (random.chance(0.1) ? random.intBelow(256) : byte))],
        chatter: undefined,
      };
    case 1:
      return { lie: lieInOrder(random), chatter: undefined };
    case 2:
      // A drip: what was asked comes, a byte at a time.
      return { lie: () => [], chatter: { everyNs, say: () => Uint8Array.of(value) } };
    case 3:
      return { lie: (bytes) => [bytes.subarray(0, random.intBelow(bytes.length + 1))], chatter: undefined };
    case 4:
      return { lie: (bytes) => [bytes, Uint8Array.of(value)], chatter: { everyNs, say: () => random.bytes(3) } };
    default:
      return { lie: () => [], chatter: undefined };
  }
}

const STEPS: readonly SpiStep[] = [
  { kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 },
  { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 10, timeoutMs: 500 },
  { kind: "transfer", send: Uint8Array.of(3, 0, 0, 0), receiveBytes: 2000 },
  { kind: "delay", durationUs: 100_000 },
  { kind: "transfer", send: Uint8Array.of(5), receiveBytes: 1 },
];
/** Opening with all its tries, two runs of these steps, closing: each has its own end, see docs/threats.md. */
const MAX_SECONDS = 100;

async function session(protocol: "native" | "serprog", seed: number): Promise<string> {
  const random = createRandom(`${protocol} liar ${seed}`);
  const settings = protocol === "native" ? { usb: "fs" } : { usb: "fs", bridge: "pico-serprog" };
  const { bridge: options, link, serprog } = parseSimParameters("AT25SF041", new Map(Object.entries(settings)));
  const chip = createChip("AT25SF041", { seed: 1, times: "typical" });
  let heardSession = 0x21;
  const wire = (target: ChipModel): WireModel => {
    if (protocol === "native") {
      const { lie, chatter } = nativeLiar(random, () => heardSession);
      const honest = new BridgeModel({ options, target, nsPerByte: () => 1000 });
      const spied: Lie = (bytes, index) => {
        heardSession = bytes[3] ?? heardSession;
        return lie(bytes, index);
      };
      return new Liar(honest, random.intBelow(8), spied, chatter);
    }
    const { lie, chatter } = serprogLiar(random);
    if (serprog === undefined) throw new Error("a serprog bridge was asked for");
    return new Liar(
      new SerprogModel({ profile: serprog.profile, target, baudRate: 0 }),
      random.intBelow(40),
      lie,
      chatter,
    );
  };
  const simulation = createSimulation({ name: "liar", chip, bridge: options, link, faults: NO_FAULTS, seed, wire });
  const { clock, duplex } = simulation;
  const host = createRandom(seed).branch("host");
  // Some are asked to end in the middle.
  const stop = new AbortController();
  const stopAfterUs = random.pick([0, 1000, 2_000_000]);
  try {
    await simulation.run(async () => {
      const bridge = await openBridge(duplex, { clock, protocol, random: () => host.nextUint32() });
      try {
        if (stopAfterUs > 0)
          void clock.wait(stopAfterUs).then(() => {
            stop.abort();
          });
        for (let run = 0; run < 2; run++) {
          for await (const result of bridge.run(STEPS, { signal: stop.signal }))
            expect(result.kind).toBeTypeOf("string");
        }
      } finally {
        await bridge.close();
      }
    });
    return "ended";
  } catch (error) {
    expect(error, `seed ${seed}`).toBeInstanceOf(NorbridgeError);
    const { code } = error as NorbridgeError;
    expect(["BUG"], `seed ${seed}`).not.toContain(code);
    return code;
  } finally {
    expect(clock.nowUs() / 1e6, `${protocol} seed ${seed}`).toBeLessThan(MAX_SECONDS);
  }
}

const RUNS = Number(process.env["NORBRIDGE_LIARS"] ?? effort(80, 4_000));

describe("a bridge that lies", { timeout: 3_600_000 }, () => {
  it.each(["native", "serprog"] as const)("in any field and in any order: %s", async (protocol) => {
    const ends = new Map<string, number>();
    let early = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const end = await session(protocol, seed);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      if (seed === Math.ceil(RUNS / 5)) early = process.memoryUsage().heapUsed;
    }
    // Rubbish aside, nothing of a session stays: 4 KiB each would be 3 MB after the quick sample, 400 MB after all of them.
    const grownBytes = process.memoryUsage().heapUsed - early;
    if (RUNS >= 8000) expect(grownBytes / RUNS).toBeLessThan(10_000);
    sayCount(`${RUNS} ${protocol} liars: ${[...ends].map(([end, count]) => `${count} ${end}`).join(", ")}`);
    expect(ends.size).toBeGreaterThan(2);
  });
});
