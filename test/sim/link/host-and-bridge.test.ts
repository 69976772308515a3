/**
 * Host and simulated bridge over lines that flip, drop and double bytes: every step runs once, or the job ends with
 * an error.
 */
import { describe, expect, it } from "vitest";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { BRIDGE_PRESETS } from "../../../src/sim/bridge/bridge-options.ts";
import { drawFaultPlan, type FaultPlan, type PlannedFault } from "../../../src/sim/link/link-faults.ts";
import { open, readId, readRange, resultsOf } from "../client.ts";
import { chanceFrom, pacedWorld, type PacedWorld } from "./paced-world.ts";
import { effort } from "../../support/effort.ts";

const { small, large } = BRIDGE_PRESETS;
const SIZE = 64 * 1024;
/** What the chip with the diary answers to 03h: the low byte of the address. */
const PATTERN = new Uint8Array(SIZE).map((_, i) => i & 255);

/** A write of 64 pages and the reading of the pattern; every window the chip sees is looked at by the caller. */
async function job(world: PacedWorld): Promise<void> {
  const bridge = await open(world.duplex, world.clock);
  expect(await readId(bridge)).toEqual([0x1f, 0x84, 0x01]);
  const done = await resultsOf(bridge, pages());
  expect(new Set(done.map(({ kind }) => kind))).toEqual(new Set(["transfer", "poll"]));
  expect(Buffer.compare(await readRange(bridge, SIZE), PATTERN)).toBe(0);
  await bridge.close();
}

const PAGES = 64;

function* pages(): Generator<SpiStep> {
  for (let page = 0; page < PAGES; page++) {
    yield { kind: "transfer", send: Uint8Array.of(6), receiveBytes: 0 };
    const body = new Uint8Array(256).map((_, i) => (i * 7 + page * 13) & 255);
    yield { kind: "transfer", send: Uint8Array.of(2, 0, page, 0, ...body), receiveBytes: 0 };
    yield { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 0, timeoutMs: 30 };
  }
}

/** Pages in the order the chip saw them; a page that came twice or in pieces would show. */
function programmed(world: PacedWorld): number[] {
  return world.chip.windows.filter(({ sent }) => sent[0] === 2 && sent.length === 260).map(({ sent }) => sent[2]!);
}

const ALL_PAGES = Array.from({ length: PAGES }, (_, page) => page);

describe("host and bridge, each written from the protocol page", () => {
  it.each([
    ["small", { bridge: small }],
    ["large", { bridge: large }],
    ["slow line", { bridge: { ...small, baudRate: 115_200, maxBaud: 115_200 }, link: { baudRate: 115_200 } }],
    ["no line rate", { bridge: { ...large, baudRate: 0, maxBaud: 0 }, link: { baudRate: 0, bytesPerSecond: 1e6 } }],
    ["climbing", { bridge: { ...small, baudRate: 115_200 }, link: { baudRate: 115_200 } }],
    ["FTDI", { bridge: small, link: { latencyTimerUs: 16_000 } }],
    ["reads in crumbs", { bridge: large, link: { cutsReads: true } }],
  ])("understand each other: %s", async (_, options) => {
    const world = pacedWorld(options);
    await world.run(() => job(world));
    expect(programmed(world)).toEqual(ALL_PAGES);
    expect(world.model.violations).toEqual([]);
    expect(world.chip.isSelected).toBe(false);
  });

  it.each([1e-6, 1e-5, 1e-4, 3e-4])("run every step once at a bit error rate of %d", async (flip) => {
    const world = pacedWorld({ faults: { up: { flip }, down: { flip } }, seed: `flip ${flip}` });
    await world.run(() => job(world));
    expect(programmed(world)).toEqual(ALL_PAGES);
    expect(world.model.violations).toEqual([]);
  });

  it.each(["drop", "duplicate", "garbage"])("run every step once when bytes meet %s", async (kind) => {
    const rates = { [kind]: 3e-4 };
    const world = pacedWorld({ faults: { up: rates, down: rates }, seed: kind });
    await world.run(() => job(world));
    expect(programmed(world)).toEqual(ALL_PAGES);
    expect(world.model.violations).toEqual([]);
  });

  it("run every step once whichever byte of the beginning is lost", async () => {
    for (const direction of ["up", "down"] as const) {
      for (let atByte = 0; atByte < 400; atByte += 7) {
        const planned: PlannedFault[] = [{ at: { direction, atByte }, fault: { kind: "drop", bytes: 1 } }];
        const world = pacedWorld({ faults: { planned } });
        await world.run(async () => {
          const bridge = await open(world.duplex, world.clock);
          expect(await readId(bridge), `${direction} ${atByte}`).toEqual([0x1f, 0x84, 0x01]);
          await bridge.close();
        });
        expect(world.chip.windows, `${direction} ${atByte}`).toHaveLength(1);
      }
    }
  });

  it("end right or with an error, never a page twice, by plan", async () => {
    for (let seed = 0; seed < effort(15, 60); seed++) {
      const chance = chanceFrom(`plan ${seed}`);
      const faults: FaultPlan = drawFaultPlan(chance);
      const bridge = chance.pick([small, large]);
      const world = pacedWorld({ bridge, faults, seed: `line ${seed}` });
      const told = `seed ${seed} ${JSON.stringify(faults)}`;
      const ended = await world.run(() => job(world)).catch((error: unknown) => error);
      if (ended === undefined) expect(programmed(world), told).toEqual(ALL_PAGES);
      else expect(ended, told).toBeInstanceOf(NorbridgeError);
      expect(programmed(world), told).toEqual([...new Set(programmed(world))]);
      expect(world.model.violations, told).toEqual([]);
      expect(world.clock.nowUs(), told).toBeLessThan(60e6);
    }
  });
});
