/** Who else may be at the other end of the port, and how a session ends by itself: each with its own code and sentence. */
import { describe, expect, it } from "vitest";
import { FrameDecoder } from "../../../firmware-protocol/frame-decoder.ts";
import { encodeFrame, type Frame, FRAME_TYPE } from "../../../firmware-protocol/frame.ts";
import { decodeHello, encodeWelcome, type Welcome } from "../../../firmware-protocol/hello.ts";
import { encodeStatus } from "../../../firmware-protocol/status.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { Bridge } from "../../../src/bridge/bridge.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { createVirtualClock, type VirtualClock } from "../../../src/sim/virtual-clock.ts";
import { ByteQueue } from "../../../src/transport/byte-queue.ts";
import type { ByteDuplex } from "../../../src/transport/byte-duplex.ts";
import { open } from "../../sim/client.ts";
import { WELCOME } from "./support/welcome.ts";

/** What is at the other end: bytes and frames in, bytes out. */
interface Stranger {
  hears?(frame: Frame, bytes: Uint8Array): readonly Uint8Array[];
  /** Said every 100 ms without being asked. */
  readonly chatter?: string;
}

class Line implements ByteDuplex {
  readonly isChecked = false;
  readonly name = "port";
  readonly incoming = new ByteQueue();
  baudRate = 115_200;
  maxBaudRate: number | undefined;
  closes = 0;
  readonly frames: Frame[] = [];
  /** The port takes no more bytes: a write never ends. */
  isStuck = false;
  takesRates: "yes" | "no" | "never says" = "yes";
  readonly #decoder = new FrameDecoder(92);
  readonly #stranger: Stranger;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, stranger: Stranger) {
    this.#stranger = stranger;
    this.#clock = clock;
    if (stranger.chatter !== undefined) void this.#chat(stranger.chatter);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.isStuck) await new Promise(() => undefined);
    await Promise.resolve();
    for (const frame of this.#decoder.push(bytes)) {
      this.frames.push(frame);
      for (const answer of this.#stranger.hears?.(frame, bytes) ?? []) this.incoming.push(answer);
    }
  }

  setBaudRate(baudRate: number): Promise<boolean> {
    if (this.takesRates === "never says") return new Promise(() => undefined);
    if (this.takesRates === "yes") this.baudRate = baudRate;
    return Promise.resolve(this.takesRates === "yes");
  }

  async close(): Promise<void> {
    // A driver takes its time.
    await this.#clock.wait(1000);
    this.closes++;
    this.incoming.end();
  }

  async #chat(text: string): Promise<void> {
    while (this.closes === 0) {
      await this.#clock.wait(100_000);
      this.incoming.push(new TextEncoder().encode(text));
    }
  }
}

function welcome(frame: Frame, fields: Partial<Welcome> = {}): Uint8Array[] {
  const hello = decodeHello(frame);
  if (hello === undefined) return [];
  const payload = encodeWelcome({ ...WELCOME, nonce: hello.nonce, ...fields });
  return [encodeFrame({ type: FRAME_TYPE.welcome, session: hello.session, offset: 0, ack: 0, payload })];
}

interface Outcome {
  readonly error: NorbridgeError;
  readonly line: Line;
  readonly nowUs: number;
}

async function opening(stranger: Stranger, change: (line: Line) => void = () => undefined): Promise<Outcome> {
  const clock = createVirtualClock();
  const line = new Line(clock, stranger);
  change(line);
  const error: unknown = await clock.run(async () => {
    const outcome: unknown = await open(line, clock).catch((reason: unknown) => reason);
    // A later attempt must find the port closed already.
    expect(line.closes).toBe(1);
    return outcome;
  });
  if (!(error instanceof NorbridgeError)) throw new Error("opened");
  return { error, line, nowUs: clock.nowUs() };
}

describe("opening", () => {
  it("a port without a response", async () => {
    const { error, line, nowUs } = await opening({});
    expect(error).toMatchObject({
      code: "BRIDGE_SILENT",
      message: "port: the bridge does not respond: no byte was received",
    });
    expect(line.frames.map(({ type }) => type)).toEqual(new Array(25).fill(FRAME_TYPE.hello));
    expect(nowUs).toBe(2_501_000);
  });

  it("a port that takes no byte", async () => {
    const { error } = await opening({}, (line) => (line.isStuck = true));
    expect(error.code).toBe("BRIDGE_SILENT");
  });

  it("a GPS receiver", async () => {
    const { error } = await opening({ chatter: "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M*47\r\n" });
    expect(error).toMatchObject({
      code: "BRIDGE_PROTOCOL",
      message:
        "port: this is not a norbridge bridge, or the baud rate is wrong " +
        '(received "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,54")',
    });
  });

  it("a modem", async () => {
    const { error } = await opening({ hears: () => [new TextEncoder().encode("\r\nOK\r\n")] });
    expect(error).toMatchObject({ code: "BRIDGE_PROTOCOL" });
    expect(error.message).toContain('received "\\x0d\\x0aOK\\x0d\\x0a');
  });

  it("a loop of wire", async () => {
    const { error } = await opening({ hears: (_, bytes) => [bytes] });
    expect(error).toMatchObject({
      code: "BRIDGE_PROTOCOL",
      message: "port: the port only echoes the bytes that are sent",
    });
  });

  it.each([
    [2, 3, "Update norbridge."],
    [0, 0, "Update the bridge's firmware."],
  ])("a bridge of versions %d to %d", async (lowestVersion, highestVersion, hint) => {
    const { error, nowUs } = await opening({
      hears: (frame) => welcome(frame, { version: 0, lowestVersion, highestVersion }),
    });
    expect(error).toMatchObject({
      code: "BRIDGE_VERSION",
      message: `port: the bridge supports protocol versions ${lowestVersion} to ${highestVersion}, norbridge supports 1 to 1`,
      hint,
    });
    expect(nowUs).toBeLessThan(100_000);
  });

  it.each<[Partial<Welcome>, string]>([
    [{ version: 2 }, "version: 2, expected 1 to 1"],
    [{ maxFrameUnits: 3 }, "largest frame: 3, expected 16 to 127"],
    [{ stepBufferBytes: 0 }, "step buffer: 0, expected 64 to 16777216"],
    [{ resultBufferBytes: 2 ** 32 - 1 }, "result buffer: 4294967295, expected 64 to 16777216"],
    [{ maxSendBytes: 1 }, "longest send: 1, expected 16 to 1048576"],
    [{ maxReceiveBytes: 0 }, "longest receive: 0, expected 16 to 4294967295"],
    [{ slotCount: 9 }, "slots: 9, expected 0 to 8"],
  ])("a bridge that announces %j", async (fields, told) => {
    const { error } = await opening({ hears: (frame) => welcome(frame, fields) });
    expect(error).toMatchObject({
      code: "BRIDGE_PROTOCOL",
      message: `port: the bridge reports an impossible ${told}`,
    });
  });

  it("a bridge that answers another host", async () => {
    const { error } = await opening({ hears: (frame) => welcome(frame, { nonce: 1 }) });
    expect(error.code).toBe("BRIDGE_PROTOCOL");
  });

  it("a port that is pulled out meanwhile", async () => {
    const clock = createVirtualClock();
    const line = new Line(clock, {});
    const error: unknown = await clock.run(async () => {
      const outcome = open(line, clock).catch((reason: unknown) => reason);
      await clock.wait(300_000);
      line.incoming.end();
      return outcome;
    });
    expect(error).toMatchObject({
      code: "BRIDGE_SILENT",
      message: "port: the connection to the bridge was lost: the other side closed the connection",
    });
  });

  it("a board that is silent for two seconds after the reset that opening the port made", async () => {
    let hellos = 0;
    const clock = createVirtualClock();
    const line = new Line(clock, { hears: (frame) => (++hellos > 20 ? welcome(frame) : []) });
    const bridge = await clock.run(() => open(line, clock));
    expect(bridge.info.boardName).toBe("paper");
  });

  it.each([
    [250_000, 250_000],
    [undefined, 2_000_000],
  ])("a converter that loses bytes above %s baud: no faster rate is requested", async (maxBaudRate, expected) => {
    const clock = createVirtualClock();
    const hears = (frame: Frame): Uint8Array[] => {
      if (frame.type === FRAME_TYPE.ping) return [encodeFrame({ ...frame, type: FRAME_TYPE.pong })];
      if (frame.type !== FRAME_TYPE.baud) return welcome(frame, { features: 1 << 2, maxBaud: 2_000_000 });
      return [encodeFrame({ ...frame, type: FRAME_TYPE.baudReady })];
    };
    const line = new Line(clock, { hears });
    line.maxBaudRate = maxBaudRate;
    await clock.run(() => open(line, clock));
    expect(line.baudRate).toBe(expected);
  });

  it("a port that never says whether it took the new line rate", async () => {
    const hears = (frame: Frame): Uint8Array[] => {
      if (frame.type !== FRAME_TYPE.baud) return welcome(frame, { features: 1 << 2, maxBaud: 2_000_000 });
      return [encodeFrame({ ...frame, type: FRAME_TYPE.baudReady })];
    };
    const { error } = await opening({ hears }, (line) => (line.takesRates = "never says"));
    expect(error).toMatchObject({
      code: "BRIDGE_SILENT",
      message: "port: the port does not report whether it changed the baud rate",
    });
  });
});

/** A bridge of paper that answers HELLO and hears all else as `hears` says. */
async function opened(
  hears: (frame: Frame) => readonly Uint8Array[],
  job: (bridge: Bridge, clock: VirtualClock, line: Line) => Promise<void>,
): Promise<void> {
  const clock = createVirtualClock();
  const line = new Line(clock, {
    hears: (frame) => (frame.type === FRAME_TYPE.hello ? welcome(frame) : hears(frame)),
  });
  await clock.run(async () => job(await open(line, clock), clock, line));
  // Only what the line itself still does: no timer outlives a session.
  if (line.closes > 0) expect(clock.nextNs).toBeUndefined();
}

const RDID = { kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 } as const;

async function runOne(bridge: Bridge, step: SpiStep = RDID): Promise<unknown> {
  try {
    for await (const result of bridge.run([step])) return result;
    return "nothing";
  } catch (error) {
    return error;
  }
}

function statusOf(frame: Frame, ack: number, busy = false): Uint8Array {
  const none = { consumed: ack, busy, sendAgain: false, cancelled: false, shift: 0, maxFrameUnits: 0, stretches: [] };
  return encodeFrame({ ...frame, type: FRAME_TYPE.status, offset: 0, ack, payload: encodeStatus(none) });
}

describe("in the middle of a job", () => {
  it("a bridge that restarts", async () => {
    const noSession = encodeFrame({
      type: FRAME_TYPE.noSession,
      session: 0,
      offset: 0,
      ack: 0,
      payload: Uint8Array.of(2, 0, 0, 0),
    });
    await opened(
      () => [noSession],
      async (bridge, _, line) => {
        expect(await runOne(bridge)).toMatchObject({
          code: "BRIDGE_RESET",
          message: "port: the bridge restarted during the job",
        });
        expect(await runOne(bridge)).toMatchObject({ code: "BRIDGE_RESET" });
        await bridge.close();
        expect(line.closes).toBe(1);
      },
    );
  });

  it("a bridge that falls silent: given up after 5 s, asked again before", async () => {
    await opened(
      () => [],
      async (bridge, clock, line) => {
        const startUs = clock.nowUs();
        expect(await runOne(bridge)).toMatchObject({
          code: "BRIDGE_SILENT",
          message: "port: the bridge has not responded for 5 s",
        });
        expect(clock.nowUs() - startUs).toBeLessThan(5_100_000);
        const asked = line.frames.filter(({ type }) => type === FRAME_TYPE.data || type === FRAME_TYPE.status);
        expect(asked.length).toBeGreaterThanOrEqual(5);
        expect(asked.length).toBeLessThan(60);
      },
    );
  });

  it("a bridge that acknowledges but never answers", async () => {
    await opened(
      (frame) => [statusOf(frame, 6)],
      async (bridge) => {
        expect(await runOne(bridge)).toMatchObject({
          code: "BRIDGE_SILENT",
          message: "port: no progress for 5 s: the bridge sends bytes, but no valid frame arrives",
        });
      },
    );
  });

  it("a bridge that works is waited for as long as the step can last, and no longer", async () => {
    const poll = (timeoutMs: number): SpiStep => ({
      ...{ kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 1000 },
      timeoutMs,
    });
    const busy = (frame: Frame): Uint8Array[] => [statusOf(frame, 6, true)];
    await opened(busy, async (bridge, clock) => {
      const result = runOne(bridge, poll(3_600_000));
      const outcome = await Promise.race([result, clock.wait(60e6).then(() => "still waits")]);
      expect(outcome).toBe("still waits");
      await bridge.close();
      expect(await result).toMatchObject({ code: "ESHUTDOWN" });
    });
    for (const timeoutMs of [1, 1000, 60_000]) {
      await opened(busy, async (bridge, clock) => {
        const startUs = clock.nowUs();
        expect(await runOne(bridge, poll(timeoutMs))).toMatchObject({
          code: "BRIDGE_SILENT",
          message: "port: the bridge reports that it is busy for longer than its task can take",
        });
        const tookUs = clock.nowUs() - startUs;
        expect(tookUs).toBeGreaterThan(timeoutMs * 1000);
        expect(tookUs).toBeLessThan(timeoutMs * 1000 + 6_000_000);
      });
    }
  });

  it("a bridge whose results fit no step", async () => {
    const nonsense = (frame: Frame): Uint8Array[] => {
      if (frame.type !== FRAME_TYPE.data) return [];
      return [encodeFrame({ ...frame, offset: 0, ack: 6, payload: Uint8Array.of(0x77) })];
    };
    await opened(nonsense, async (bridge) => {
      expect(await runOne(bridge)).toMatchObject({
        code: "BRIDGE_PROTOCOL",
        message: "port: the bridge's results do not match the steps that were sent",
      });
    });
  });

  it("a bridge that answers more than it was asked", async () => {
    const twice = (frame: Frame): Uint8Array[] => {
      if (frame.type !== FRAME_TYPE.data) return [];
      return [encodeFrame({ ...frame, offset: 0, ack: 6, payload: Uint8Array.of(0, 1, 2, 3, 0, 1, 2, 3) })];
    };
    await opened(twice, async (bridge) => {
      expect(await runOne(bridge)).toMatchObject({ kind: "transfer" });
      expect(await runOne(bridge)).toMatchObject({ code: "BRIDGE_PROTOCOL" });
    });
  });

  it("a port that is pulled out", async () => {
    await opened(
      () => [],
      async (bridge, clock, line) => {
        const result = runOne(bridge);
        await clock.wait(1000);
        line.incoming.end();
        expect(await result).toMatchObject({
          code: "BRIDGE_SILENT",
          message: "port: the connection to the bridge was lost: the other side closed the connection",
        });
        await bridge.close();
        expect(line.closes).toBe(1);
      },
    );
  });

  it("a bridge that does not answer BYE does not hold up close, and is asked twice", async () => {
    await opened(
      () => [],
      async (bridge, clock, line) => {
        const result = runOne(bridge);
        await clock.wait(1000);
        const startUs = clock.nowUs();
        await bridge.close();
        expect(clock.nowUs() - startUs).toBe(401_000);
        expect(line.frames.filter(({ type }) => type === FRAME_TYPE.bye)).toHaveLength(2);
        expect(await result).toMatchObject({ code: "ESHUTDOWN" });
        expect(line.closes).toBe(1);
      },
    );
  });

  it("a bridge that talks on and on instead of answering BYE does not hold up close", async () => {
    let offset = 0;
    const talks = (frame: Frame): Uint8Array[] => {
      if (frame.type !== FRAME_TYPE.status) return [];
      // 128 bytes are enough to be acknowledged at once, which asks for the next.
      const payload = new Uint8Array(128);
      offset += payload.length;
      return [encodeFrame({ ...frame, type: FRAME_TYPE.data, offset: offset - payload.length, ack: 6, payload })];
    };
    await opened(talks, async (bridge, clock) => {
      const long = { kind: "transfer", send: Uint8Array.of(3, 0, 0, 0), receiveBytes: 65_536 } as const;
      const results = bridge.run([long])[Symbol.asyncIterator]();
      const result = results.next().catch((error: unknown) => error);
      await clock.wait(700_000);
      const startUs = clock.nowUs();
      await bridge.close();
      expect(clock.nowUs() - startUs).toBe(401_000);
      expect(await result).toMatchObject({ code: "ESHUTDOWN" });
    });
  });

  it("an idle session says nothing", async () => {
    await opened(
      () => [],
      async (bridge, clock, line) => {
        await clock.wait(20e6);
        expect(line.frames.filter(({ type }) => type !== FRAME_TYPE.hello)).toEqual([]);
        await bridge.close();
      },
    );
  });
});
