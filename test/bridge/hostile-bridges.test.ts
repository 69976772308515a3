/**
 * Bridges that lie, flood, repeat and babble: whatever comes over the line, the host ends with an error of the table, in bounded
 * time and memory, and says nothing that a terminal would obey.
 */
import { describe, expect, it } from "vitest";
import { openBridge, type ProtocolChoice } from "../../src/bridge/open-bridge.ts";
import { printable } from "../../src/bytes.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import { openFlash } from "../../src/flash/open-flash.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { BridgeModel } from "../../src/sim/bridge/bridge-model.ts";
import type { WireModel } from "../../src/sim/bridge/wire-model.ts";
import { createChip } from "../../src/sim/chip/chip-catalog.ts";
import type { ChipModel } from "../../src/sim/chip/core/chip-model.ts";
import { NO_FAULTS } from "../../src/sim/link/link-faults.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { createSimulation } from "../../src/sim/simulation.ts";
import { effort, sayCount } from "../support/effort.ts";

/** What comes back for what was sent; `isIdle`: also when nothing was. */
interface Manner {
  readonly name: string;
  answer(sent: Uint8Array, random: Random): Uint8Array;
  readonly isEndless?: boolean;
}

const MANNERS: readonly Manner[] = [
  { name: "random bytes for every byte", answer: (sent, random) => random.bytes(sent.length) },
  { name: "an endless stream", answer: (_, random) => random.bytes(512), isEndless: true },
  { name: "an endless stream of one byte", answer: () => new Uint8Array(512).fill(0x55), isEndless: true },
  { name: "what was sent", answer: (sent) => sent.slice() },
  { name: "yes to everything, and noise behind it", answer: (_, random) => Uint8Array.of(0x06, ...random.bytes(32)) },
  { name: "no to everything", answer: (sent) => new Uint8Array(sent.length).fill(0x15) },
  { name: "yes, and nothing but FF", answer: () => new Uint8Array(40).fill(0xff).fill(0x06, 0, 1) },
  { name: "escape sequences", answer: () => Buffer.from("\u001b]0;owned\u0007\u001b[2J\r\n$GPGGA,1*00\r\n") },
  { name: "frames that begin and never end", answer: () => Uint8Array.of(0xd5, 0x99, 0xc6, 0xd2, 0, 0, 0, 0) },
];

class HostileWire implements WireModel {
  readonly baudRate = 0;
  readonly violations = [];
  readonly hostWakeNs = Number.POSITIVE_INFINITY;
  readonly #manner: Manner;
  readonly #random: Random;
  #out: Uint8Array[] = [];

  constructor(manner: Manner, random: Random) {
    this.#manner = manner;
    this.#random = random;
  }
  receive(bytes: Uint8Array): void {
    this.#out.push(this.#manner.answer(bytes, this.#random));
  }
  wake(): void {
    // Nothing is ever due.
  }
  workWakeNs(): number {
    return Number.POSITIVE_INFINITY;
  }
  pull(): Uint8Array | undefined {
    const next = this.#out.shift();
    if (next !== undefined) return next;
    return this.#manner.isEndless === true ? this.#manner.answer(new Uint8Array(), this.#random) : undefined;
  }
  sent(): void {
    // More is pulled when there is more.
  }
  reset(): void {
    this.#out = [];
  }
}

const IMAGE = memoryImage("image", [{ address: 100, data: createRandom("hostile").bytes(600) }]);
/** Longer than opening with all its tries, and a job with its deadlines. */
const LIMIT_SECONDS = 120;

async function meet(protocol: ProtocolChoice, wire: (chip: ChipModel) => WireModel, seed: number): Promise<string> {
  const parameters = parseSimParameters("AT25SF041", new Map(Object.entries({ usb: "fs" })));
  const { bridge: options, link } = parameters;
  const chip = createChip("AT25SF041", { seed: 1, times: "typical" });
  const simulation = createSimulation({ name: "hostile", chip, bridge: options, link, faults: NO_FAULTS, seed, wire });
  const { clock, duplex } = simulation;
  const random = createRandom(seed).branch("host");
  try {
    await simulation.run(async () => {
      const bridge = await openBridge(duplex, { clock, protocol, random: () => random.nextUint32() });
      try {
        const device = await openFlash(bridge);
        const request = { offset: 0, verify: true, assumeBlank: false, retries: 1 };
        await writeImage(device, IMAGE, request, { clock });
      } finally {
        await bridge.close();
      }
    });
    return "done";
  } catch (error) {
    expect(error).toBeInstanceOf(NorbridgeError);
    const { code, message, hint } = error as NorbridgeError;
    expect(code).not.toBe("BUG");
    expect(printable(`${message} ${hint}`)).toBe(`${message} ${hint}`);
    return code;
  } finally {
    expect(clock.nowUs() / 1e6).toBeLessThan(LIMIT_SECONDS);
  }
}

describe("a bridge that answers with", { timeout: 300_000 }, () => {
  it.each(MANNERS)("$name", async (manner) => {
    for (const protocol of ["auto", "native", "serprog"] as const) {
      for (let seed = 1; seed <= effort(1, 4); seed++) {
        const code = await meet(protocol, () => new HostileWire(manner, createRandom(seed)), seed);
        expect(code).toMatch(/^(BRIDGE_|CHIP_|ESHUTDOWN|ECANCELED|EIO|ENODEV|EROFS|EBUSY|INTERRUPTED)/);
      }
    }
  });
});

/** A bridge of ours with whose answers something is done. */
class MeddlingWire implements WireModel {
  readonly #inner: BridgeModel;
  readonly #meddle: (bytes: Uint8Array) => Uint8Array;

  constructor(inner: BridgeModel, meddle: (bytes: Uint8Array) => Uint8Array) {
    this.#inner = inner;
    this.#meddle = meddle;
  }
  get baudRate(): number {
    return this.#inner.baudRate;
  }
  get violations(): WireModel["violations"] {
    return this.#inner.violations;
  }
  get hostWakeNs(): number {
    return this.#inner.hostWakeNs;
  }
  receive(bytes: Uint8Array, nowNs: number): void {
    this.#inner.receive(bytes, nowNs);
  }
  wake(nowNs: number): void {
    this.#inner.wake(nowNs);
  }
  workWakeNs(nowNs: number): number {
    return this.#inner.workWakeNs(nowNs);
  }
  pull(nowNs: number): Uint8Array | undefined {
    const bytes = this.#inner.pull(nowNs);
    return bytes === undefined ? undefined : this.#meddle(bytes);
  }
  sent(nowNs: number): void {
    this.#inner.sent(nowNs);
  }
  reset(nowNs: number, bootNs?: number): void {
    this.#inner.reset(nowNs, bootNs);
  }
}

it("a bridge of ours whose answers are replayed, mixed up, cut or changed: nothing wrong is believed", {
  timeout: 300_000,
}, async () => {
  const { bridge: options } = parseSimParameters("AT25SF041", new Map(Object.entries({ usb: "fs" })));
  const ends = new Map<string, number>();
  const runs = effort(60, 600);
  for (let seed = 1; seed <= runs; seed++) {
    const random = createRandom(`meddle ${seed}`);
    const heard: Uint8Array[] = [];
    const often = random.pick([0, 0.01, 0.1, 0.5]);
    let chip: ChipModel | undefined;
    const meddle = (bytes: Uint8Array): Uint8Array => {
      heard.push(bytes.slice());
      if (!random.chance(often)) return bytes;
      const old = heard[random.intBelow(heard.length)] ?? bytes;
      return random.pick([
        old,
        new Uint8Array([...bytes, ...old]),
        bytes.slice(0, random.intBelow(bytes.length + 1)),
        random.bytes(bytes.length),
        new Uint8Array(),
      ]);
    };
    const wire = (target: ChipModel): WireModel => {
      chip = target;
      return new MeddlingWire(new BridgeModel({ options, target, nsPerByte: () => 1000 }), meddle);
    };
    const code = await meet("native", wire, seed);
    ends.set(code, (ends.get(code) ?? 0) + 1);
    if (often === 0) expect(code).toBe("done");
    if (code !== "done") continue;
    const [piece] = IMAGE.segments;
    const expected = await IMAGE.read(piece ?? { address: 0, lengthBytes: 0 });
    expect(Buffer.compare(chip?.peek(100, 600) ?? new Uint8Array(), expected), `seed ${seed}`).toBe(0);
  }
  sayCount(`${runs} meddling bridges: ${[...ends].map(([code, count]) => `${count} ${code}`).join(", ")}`);
});
