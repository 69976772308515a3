/**
 * A write that needs every kind of step (a survey, kept bytes, erases of a page and of a block, blank pages programmed,
 * repair of nothing, verify), cut at every byte of it: power at every SPI byte with the states that a cut can leave in
 * turn, the link at every byte up and down, the program at every change of its journal. Afterwards the chip holds the
 * old, the new, or what a resume makes the new. Quick runs take a sample; NORBRIDGE_EXHAUSTIVE=1 takes all.
 */
import { describe, expect, it } from "vitest";
import { runScene } from "../../src/bench/campaign/run-seed.ts";
import type { Scene } from "../../src/bench/campaign/scene.ts";
import { createChip } from "../../src/sim/chip/chip-catalog.ts";
import { TORN_ERASES, TORN_PROGRAMS } from "../../src/sim/chip/core/chip-model.ts";
import type { FaultPlan } from "../../src/sim/link/link-faults.ts";
import { NO_FAULTS } from "../../src/sim/link/link-faults.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { effort, sayCount } from "../support/effort.ts";

const isAll = process.env["NORBRIDGE_EXHAUSTIVE"] === "1";

interface Subject {
  readonly name: string;
  readonly bridge: string;
  readonly start: number;
  readonly lengthBytes: number;
  /** What is blank before. */
  readonly blank: readonly [number, number];
}

const SUBJECTS: readonly Subject[] = [
  // Part of a page, eight whole ones, blank ones, part of one.
  { name: "AT45DB041E", bridge: "small", start: 264 * 7 + 100, lengthBytes: 264 * 13, blank: [264 * 16, 264 * 18] },
  // The end of a sector, a whole one, and the begin of one that is blank.
  { name: "AT25SF041", bridge: "large", start: 4096 - 300, lengthBytes: 300 + 4096 + 700, blank: [8192, 12_288] },
];

const old = createRandom("exhaustive old").bytes(64 * 1024);
const image = createRandom("exhaustive new").bytes(64 * 1024);

function sceneOf(subject: Subject, change: Partial<Scene>, faults: FaultPlan = NO_FAULTS): Scene {
  const { name, bridge, start, lengthBytes, blank } = subject;
  const chip = createChip(name, { seed: 1, times: "typical", pageBytes: 264 });
  const bytes = old.slice(0, 20 * 1024).fill(0xff, ...blank);
  chip.load(0, bytes);
  const settings = new Map(Object.entries({ bridge, times: "typical", baud: "2000000" }));
  return {
    ...{ seed: 1, protocol: "native", kind: "write", chip, chipFaults: {}, keepsOld: false, assumeBlank: false },
    ...{ reconnects: false, kill: undefined, afterwards: "resume" },
    parameters: { ...parseSimParameters(name, settings), faults },
    range: { address: start, lengthBytes },
    pieces: [{ address: start, data: image.slice(0, lengthBytes) }],
    ...change,
  };
}

/** What an undisturbed run takes. */
async function sizesOf(subject: Subject): Promise<{ spiBytes: number; up: number; down: number; seconds: number }> {
  const scene = sceneOf(subject, {});
  const verdict = await runScene(scene);
  expect(verdict.complaints).toEqual([]);
  const { spiBytes } = scene.chip.counters;
  return { spiBytes, ...verdict.linkBytes, seconds: verdict.virtualSeconds };
}

type Counts = Map<string, number>;

async function run(scene: Scene, counts: Counts, place: string): Promise<void> {
  const verdict = await runScene(scene);
  expect(verdict.complaints, place).toEqual([]);
  const ending = verdict.outcome === "done" ? "new" : (verdict.afterwards ?? verdict.outcome);
  counts.set(ending, (counts.get(ending) ?? 0) + 1);
}

function say(what: string, counts: Counts): void {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const list = [...counts].map(([ending, count]) => `${count} ${ending}`).join(", ");
  sayCount(`${what}: ${all} cuts, ${list}, none wrong`);
  expect(all).toBeGreaterThan(0);
}

describe.each(SUBJECTS)("$name", { timeout: 3_600_000 }, (subject) => {
  it("power at every SPI byte, with the states that a cut can leave in turn", async () => {
    const { spiBytes } = await sizesOf(subject);
    const step = isAll ? 1 : effort(1499, 397);
    const torn = [...new Set([...TORN_PROGRAMS, ...TORN_ERASES])];
    const counts: Counts = new Map();
    for (let at = 0; at <= spiBytes; at += step) {
      // One state after the other: every place would take ten times as long with each of them.
      const state = torn[(at / step) % torn.length];
      const chipFaults = { powerCutAtByte: at, ...(state === undefined ? {} : { torn: state }) };
      await run(sceneOf(subject, { chipFaults, seed: 1 + at }), counts, `power at SPI byte ${at}, ${state ?? ""}`);
    }
    say(`${subject.name}, power cut at every${step === 1 ? "" : ` ${step}th`} SPI byte`, counts);
  });

  it.each(["up", "down"] as const)("the link at every byte %s", async (direction) => {
    const sizes = await sizesOf(subject);
    const step = isAll ? 1 : effort(797, 97);
    const counts: Counts = new Map();
    for (let atByte = 0; atByte < sizes[direction]; atByte += step) {
      const planned = [{ at: { direction, atByte }, fault: { kind: "disconnect" } }] as const;
      await run(sceneOf(subject, {}, { up: {}, down: {}, planned }), counts, `cut at byte ${atByte} ${direction}`);
    }
    say(`${subject.name}, link cut at every${step === 1 ? "" : ` ${step}th`} byte ${direction}`, counts);
  });

  it("the program at every tenth of a millisecond, and what was not synced is gone", async () => {
    const { seconds } = await sizesOf(subject);
    const stepUs = isAll ? 100 : effort(19_900, 4900);
    const counts: Counts = new Map();
    for (let atUs = 0; atUs < seconds * 1e6; atUs += stepUs) {
      await run(sceneOf(subject, { kill: { atUs, losesUnsynced: true } }), counts, `killed at ${atUs} us`);
    }
    say(`${subject.name}, killed every ${stepUs} us`, counts);
  });
});
