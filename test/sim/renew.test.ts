/**
 * Whatever a host has left behind in the middle of: for the next one that opens the port the bridge is as one that was
 * reset, and the chip continues with what it has begun. By seed: any prefix of a conversation, sound or not.
 */
import { afterAll, describe, expect, it } from "vitest";
import { encodeFrame, FRAME_TYPE } from "../../firmware-protocol/frame.ts";
import { spiOperation } from "../../firmware-protocol/serprog/command.ts";
import { openBridge, type ProtocolChoice } from "../../src/bridge/open-bridge.ts";
import { openFlash } from "../../src/flash/open-flash.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { worldFromParameters } from "../../src/sim/sim-port.ts";
import { createSimulation, type Simulation } from "../../src/sim/simulation.ts";
import type { ByteDuplex } from "../../src/transport/byte-duplex.ts";
import { effort, sayCount } from "../support/effort.ts";
import { noise, programSteps, randomFrom, resultsOf } from "./client.ts";

interface Setup {
  readonly settings: Readonly<Record<string, string>>;
  readonly protocols: readonly ProtocolChoice[];
}

const ALL: readonly ProtocolChoice[] = ["auto", "native", "serprog"];
const SETUPS: readonly Setup[] = [
  { settings: { bridge: "large", protocol: "both", usb: "fs" }, protocols: ALL },
  { settings: { bridge: "small", protocol: "both", baud: "115200" }, protocols: ALL },
  { settings: { bridge: "large", protocol: "native", latencyTimerMs: "16" }, protocols: ["auto", "native"] },
  ...["frser-duino", "pico-serprog", "stm32-serprog-rs", "picoprog", "esp32-serprog"]
    .slice(0, effort(1, 5))
    .map((bridge) => ({ settings: { bridge }, protocols: ["auto", "serprog"] as const })),
];
const SEEDS = effort(4, 60);

function makeSim(settings: Setup["settings"], seed = 1): Simulation {
  const query = new Map(Object.entries({ times: "typical", seed: String(seed), ...settings }));
  return createSimulation(worldFromParameters(parseSimParameters("AT25SF041", query)).parts);
}

/** Opens bridge and chip, as `norbridge info` does; returns the chip's name and what opening the bridge took, bytes. */
function info(
  sim: Simulation,
  duplex: ByteDuplex,
  protocol: ProtocolChoice,
): Promise<{ readonly chip: string; readonly openingBytes: number }> {
  return sim.run(async () => {
    const bridge = await openBridge(duplex, { clock: sim.clock, protocol, random: randomFrom(7), climb: false });
    const openingBytes = bridge.statistics.bytesSent;
    const flash = await openFlash(bridge);
    await flash.close();
    return { chip: flash.identity.name, openingBytes };
  });
}

/** Everything a host says that opens, erases and programs, as one row of bytes. */
async function conversationOf(setup: Setup, protocol: ProtocolChoice): Promise<Uint8Array> {
  const sim = makeSim(setup.settings);
  const said: number[] = [];
  const { duplex } = sim;
  const tapped: ByteDuplex = {
    name: duplex.name,
    incoming: duplex.incoming,
    baudRate: duplex.baudRate,
    isChecked: duplex.isChecked,
    write(bytes) {
      said.push(...bytes);
      return duplex.write(bytes);
    },
    setBaudRate: () => Promise.resolve(false),
    close: () => duplex.close(),
  };
  await sim.run(async () => {
    const bridge = await openBridge(tapped, { clock: sim.clock, protocol, random: randomFrom(3), climb: false });
    await resultsOf(bridge, [
      { kind: "transfer", send: Uint8Array.of(0x06), receiveBytes: 0 },
      { kind: "transfer", send: Uint8Array.of(0x20, 0, 0x10, 0), receiveBytes: 0 },
      { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 1000, timeoutMs: 1000 },
      ...programSteps(noise(512)),
      { kind: "transfer", send: Uint8Array.of(3, 0, 0, 0), receiveBytes: 100 },
    ]);
    await bridge.close();
  });
  return Uint8Array.from(said);
}

/** What a host says that is not a conversation: nonsense, lengths that never come true, halves of frames. */
function nonsense(random: Random): Uint8Array {
  const word = (): Uint8Array => {
    switch (random.intBelow(4)) {
      case 0:
        return random.bytes(1 + random.intBelow(40));
      case 1:
        // An operation of up to 16 MiB, and no more than its head.
        return Uint8Array.of(0x13, ...random.bytes(6));
      case 2:
        return spiOperation(Uint8Array.of(0x06, ...random.bytes(random.intBelow(4))), random.intBelow(70_000));
      default: {
        const type = random.pick(Object.values(FRAME_TYPE));
        const head = { session: random.intBelow(65_536), offset: random.intBelow(65_536), ack: 0 };
        return encodeFrame({ ...head, type, payload: random.bytes(4 * random.intBelow(60)) });
      }
    }
  };
  return Uint8Array.from(Array.from({ length: 1 + random.intBelow(6) }, word).flatMap((bytes) => [...bytes]));
}

/** Says it in pieces, some time apart, and lets some time pass. */
function say(sim: Simulation, words: Uint8Array, random: Random): Promise<void> {
  return sim.run(async () => {
    const { duplex } = sim;
    for (let at = 0; at < words.length; ) {
      const length = 1 + random.intBelow(random.pick([3, 70, 2000]));
      await duplex.write(words.slice(at, at + length));
      if (random.chance(0.3)) await sim.clock.wait(random.intBelow(3000));
      at += length;
    }
    await sim.clock.wait(random.pick([0, 500, 30_000]));
  });
}

let tried = 0;
afterAll(() => {
  sayCount(`a host that leaves in the middle: ${tried} times, and the next one is understood at once`);
});

describe.each(SETUPS.map((setup) => [JSON.stringify(setup.settings), setup] as const))("%s", (_, setup) => {
  it.each(setup.protocols)("the next host, which speaks %s, is understood at once", async (protocol) => {
    const conversations = await Promise.all(setup.protocols.map((each) => conversationOf(setup, each)));
    const fresh = makeSim(setup.settings);
    const expected = await info(fresh, fresh.duplex, protocol);
    expect(expected.chip).toBe("AT25SF041");
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = createRandom(`leaves ${JSON.stringify(setup.settings)} ${protocol} ${seed}`);
      const sim = makeSim(setup.settings, seed);
      const said = random.chance(0.4) ? nonsense(random) : random.pick(conversations).slice();
      if (random.chance(0.3)) said[random.intBelow(said.length)] = random.intBelow(256);
      await say(sim, said.slice(0, 1 + random.intBelow(said.length)), random);
      sim.renew();
      expect(await info(sim, sim.reopen(), protocol), `seed ${seed}`).toEqual(expected);
      tried++;
    }
  });
});

describe("the chip, when another host opens the port", () => {
  const WRITE_ENABLE = Uint8Array.of(0x06);
  const at = (opcode: number, ...rest: number[]): Uint8Array => Uint8Array.of(opcode, 0, 0x10, 0, ...rest);

  /** A serprog host says these operations and leaves without waiting for an answer. */
  async function leftBehind(...operations: readonly Uint8Array[]): Promise<Simulation> {
    const sim = makeSim({ bridge: "large", protocol: "both", usb: "fs" });
    sim.chip.load(0x1000, new Uint8Array(4096).fill(0xf0));
    await sim.run(async () => {
      for (const operation of operations) await sim.duplex.write(operation);
      await sim.clock.wait(1000);
    });
    sim.renew();
    return sim;
  }

  it("goes on with an erase that it has begun, as long as it takes", async () => {
    const sim = await leftBehind(spiOperation(WRITE_ENABLE, 0), spiOperation(at(0x20), 0));
    const leftNs = sim.chip.busyUntilNs - sim.clock.nowNs();
    expect(leftNs).toBeGreaterThan(40e6);
    const duplex = sim.reopen();
    const busy = await sim.run(async () => {
      const bridge = await openBridge(duplex, { clock: sim.clock, protocol: "auto", random: randomFrom(1) });
      const status = { kind: "transfer", send: Uint8Array.of(5), receiveBytes: 1 } as const;
      const [before] = await resultsOf(bridge, [status]);
      await sim.clock.wait(leftNs / 1000);
      const [after] = await resultsOf(bridge, [status]);
      await bridge.close();
      return [before, after].map((result) => (result?.kind === "transfer" ? (result.received[0] ?? 0) & 1 : -1));
    });
    expect(busy).toEqual([1, 0]);
    expect(sim.chip.peek(0x1000, 4096).every((byte) => byte === 0xff)).toBe(true);
    expect(sim.chip.counters.erases).toBe(1);
  });

  it("is deselected: a program whose data did not all come is one of what came", async () => {
    const half = spiOperation(at(0x02, ...new Uint8Array(256).fill(0x30)), 0).subarray(0, 7 + 4 + 100);
    const sim = await leftBehind(spiOperation(WRITE_ENABLE, 0), half);
    expect(await info(sim, sim.reopen(), "auto")).toMatchObject({ chip: "AT25SF041" });
    expect([...sim.chip.peek(0x1000, 101)]).toEqual([...new Array<number>(100).fill(0x30), 0xf0]);
  });
});
