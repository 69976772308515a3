/** What a program may ask of a bridge and of a job: nonsense is refused at the border, by name, and nothing is sent. */
import { describe, expect, it } from "vitest";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { checkFits } from "../../src/files/check-fits.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { createRandom } from "../../src/sim/random.ts";
import { openSimulation, prepareWorld } from "../../src/sim/sim-port.ts";
import { createSimulation, type Simulation } from "../../src/sim/simulation.ts";
import type { Bridge } from "../../src/bridge/bridge.ts";
import type { SpiStep } from "../../firmware-protocol/step.ts";

const random = createRandom("borders");

async function withBridge(job: (bridge: Bridge) => Promise<void>): Promise<void> {
  const simulation = await openSimulation(parseSimParameters("AT25SF041", new Map()));
  await simulation.run(async () => {
    const bridge = await openBridge(simulation.duplex, {
      clock: simulation.clock,
      protocol: "native",
      random: () => random.nextUint32(),
    });
    try {
      await job(bridge);
    } finally {
      await bridge.close();
    }
  });
  expect(simulation.violations).toEqual([]);
}

async function errorOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

async function run(bridge: Bridge, steps: unknown): Promise<unknown> {
  const results = [];
  for await (const result of bridge.run(steps as SpiStep[])) results.push(result);
  return results;
}

describe("a step that is none", () => {
  it.each([
    [undefined],
    [null],
    [7],
    ["transfer"],
    [{}],
    [{ kind: "format" }],
    [{ kind: "transfer" }],
    [{ kind: "transfer", send: [1, 2], receiveBytes: 0 }],
    [{ kind: "transfer", send: Uint8Array.of(5), receiveBytes: Number.NaN }],
    [{ kind: "transfer", send: Uint8Array.of(5), receiveBytes: 1e9 }],
    [{ kind: "transfer", send: Uint8Array.of(5), receiveBytes: "1" }],
    [{ kind: "delay", durationUs: -1 }],
    [{ kind: "delay" }],
    [{ kind: "poll", send: Uint8Array.of(5), mask: 256, value: 0, intervalUs: 0, timeoutMs: 1 }],
    [{ kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 0, timeoutMs: 1, typicalUs: Number.NaN }],
    [{ kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 0, timeoutMs: 1, typicalUs: -1 }],
    [{ kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 0, timeoutMs: 1, typicalUs: "5" }],
    [{ kind: "digest", send: Uint8Array.of(3), lengthBytes: 0 }],
  ])("%j is refused, and the bridge goes on", async (step) => {
    await withBridge(async (bridge) => {
      const error = await errorOf(() => run(bridge, [step]));
      expect(error).toBeInstanceOf(NorbridgeError);
      expect(error).toMatchObject({ code: "EINVAL" });
      expect(await run(bridge, [{ kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 }])).toHaveLength(1);
    });
  });
});

describe("a step whose field throws", () => {
  const thrown = new Error("from the getter");
  const step = {
    get kind(): string {
      throw thrown;
    },
  };
  async function* later(): AsyncGenerator {
    yield await Promise.resolve(step);
  }
  it.each([
    ["a list", () => [step]],
    ["an async generator", later],
  ])("comes out of the run: %s", async (_, source) => {
    await withBridge(async (bridge) => {
      expect(await errorOf(() => run(bridge, source()))).toBe(thrown);
      expect(await run(bridge, [{ kind: "delay", durationUs: 1 }])).toEqual([{ kind: "delay" }]);
    });
  });
});

describe("opening a bridge", () => {
  const reason = new Error("enough");
  const opened = async (signal: AbortSignal, prepare: (simulation: Simulation) => void = () => undefined) => {
    const simulation = await openSimulation(parseSimParameters("AT25SF041", new Map()));
    prepare(simulation);
    const { clock, duplex } = simulation;
    const options = { clock, protocol: "auto", random: () => random.nextUint32(), signal } as const;
    return simulation.run(() => openBridge(duplex, options));
  };
  const cancelled = { code: "ECANCELED", cause: reason };

  it("is cancelled by a signal that has aborted", async () => {
    await expect(opened(AbortSignal.abort(reason))).rejects.toMatchObject(cancelled);
  });

  it("is cancelled by a signal that aborts while it waits", async () => {
    const stop = new AbortController();
    const abort = ({ clock }: Simulation): void => void clock.scheduleNs(1000, () => stop.abort(reason));
    await expect(opened(stop.signal, abort)).rejects.toMatchObject(cancelled);
  });

  it("is not touched by a signal that aborts later", async () => {
    const stop = new AbortController();
    const bridge = await opened(stop.signal);
    stop.abort(reason);
    expect(bridge.info.protocol).toBe("native");
  });

  it.each([
    [{ spiClockMinHz: 0, spiClockMaxHz: 0 }, "slowest SPI clock in Hz: 0"],
    [{ spiClockMinHz: 2000, spiClockMaxHz: 1000 }, "fastest SPI clock in Hz: 1000"],
  ])("refuses a bridge that reports the SPI clocks %j", async (clocks, words) => {
    const { parts } = await prepareWorld(parseSimParameters("AT25SF041", new Map()));
    const simulation = createSimulation({ ...parts, bridge: { ...parts.bridge, ...clocks } });
    const { clock, duplex } = simulation;
    const opening = simulation.run(() =>
      openBridge(duplex, { clock, protocol: "native", random: () => random.nextUint32() }),
    );
    const error = await errorOf(() => opening);
    expect(error).toMatchObject({ code: "BRIDGE_PROTOCOL" });
    expect(String(error)).toContain(words);
  });
});

it.each([Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 33])(
  "an SPI clock of %d is refused",
  async (clockHz) => {
    await withBridge(async (bridge) => {
      expect(await errorOf(() => bridge.setSpiClockHz(clockHz))).toMatchObject({ code: "EINVAL" });
      expect(await bridge.setSpiClockHz(1_000_000)).toBeGreaterThan(0);
    });
  },
);

it("what is under way is not disturbed: a second run and a new clock are refused with EBUSY", async () => {
  await withBridge(async (bridge) => {
    const first = bridge
      .run([{ kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 }])
      [Symbol.asyncIterator]();
    const result = first.next();
    expect(await errorOf(() => run(bridge, []))).toMatchObject({ code: "EBUSY" });
    expect(await errorOf(() => bridge.setSpiClockHz(1_000_000))).toMatchObject({ code: "EBUSY" });
    expect((await result).value).toMatchObject({ kind: "transfer" });
    await first.return?.();
  });
});

it("an abort ends a run whose source of steps never answers", async () => {
  await withBridge(async (bridge) => {
    const stop = new AbortController();
    const steps = (async function* (): AsyncGenerator<SpiStep> {
      yield { kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 };
      await new Promise(() => undefined);
    })();
    const kinds: string[] = [];
    for await (const { kind } of bridge.run(steps, { signal: stop.signal })) {
      kinds.push(kind);
      stop.abort();
    }
    expect(kinds).toEqual(["transfer"]);
    expect(await run(bridge, [{ kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 }])).toHaveLength(1);
  });
});

it.each([
  [-1, "ERANGE"],
  [-4096, "ERANGE"],
  [Number.NaN, "EINVAL"],
  [0.5, "EINVAL"],
  [Number.POSITIVE_INFINITY, "EINVAL"],
  [2 ** 54, "EINVAL"],
  [424, "FILE_INVALID"],
])("an image moved by %d does not fit", (offset, code) => {
  const image = memoryImage("m", [{ address: 0, data: new Uint8Array(100) }]);
  expect(() => {
    checkFits(image, offset, 512);
  }).toThrow(expect.objectContaining({ code }));
});

it("an image of addresses may be moved down as far as it begins", () => {
  const image = memoryImage("m", [{ address: 0x1000, data: new Uint8Array(100) }]);
  expect(() => {
    checkFits(image, -0x1000, 512);
  }).not.toThrow();
});
