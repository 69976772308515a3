/**
 * Bytes flipped, lost and doubled at every place of a small job, bridges that lie or fall silent, chips that fail: a job
 * over serprog ends right, or with an error of the table, within five seconds of the last progress; it never says done
 * where the chip holds something else.
 */
import { afterAll, describe, expect, it } from "vitest";
import { NorbridgeError } from "../../../src/errors.ts";
import { eraseRange } from "../../../src/jobs/erase-range.ts";
import { readFlash } from "../../../src/jobs/read-flash.ts";
import { putContent } from "../../../src/jobs/write/put-content.ts";
import { At25Model } from "../../../src/sim/chip/at25/model.ts";
import { type ByteFault, NO_FAULTS, type PlannedFault } from "../../../src/sim/link/link-faults.ts";
import type { Incident } from "../../../src/sim/link/link-stage.ts";
import { SERPROG_PROFILES, type SerprogProfile } from "../../../src/sim/serprog/serprog-profile.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { pattern, serprogWorld, type SerprogWorld, type SerprogWorldOptions, targetOf } from "./serprog-world.ts";

const JOB_BYTES = 1024;
const IMAGE = pattern(JOB_BYTES);
const OLD = pattern(JOB_BYTES, 5);
/** The whole search is for CI; a sample by a stride that no structure of the job shares. */
const STRIDE = effort(4999, 131);
const LONG = { timeout: 400_000 };

async function caught(job: Promise<unknown>): Promise<string | undefined> {
  try {
    await job;
    return undefined;
  } catch (error) {
    if (!(error instanceof NorbridgeError)) throw error;
    return error.code;
  }
}

/** Writes over old data and reads back; returns how it ended. */
async function writeAndRead(world: SerprogWorld): Promise<string | undefined> {
  world.sim.chip.load(0, OLD);
  return caught(
    world.run(async (flash) => {
      await world.write(flash, 0, IMAGE);
      const read: number[] = [];
      const range = { address: 0, lengthBytes: JOB_BYTES };
      await readFlash(flash, range, (_, data) => void read.push(...data), world.context);
      // What is said to have been read is what the chip holds.
      expect(Buffer.compare(Uint8Array.from(read), world.sim.chip.peek(0, JOB_BYTES))).toBe(0);
    }),
  );
}

/** How many bytes the opening takes, and the whole of it, each way. */
async function countBytes(): Promise<{ up: readonly [number, number]; down: readonly [number, number] }> {
  const world = serprogWorld();
  let opened = { sent: 0, received: 0 };
  let done = opened;
  world.sim.chip.load(0, OLD);
  await world.run(async (flash, bridge) => {
    opened = { sent: bridge.statistics.bytesSent, received: bridge.statistics.bytesReceived };
    await world.write(flash, 0, IMAGE);
    done = { sent: bridge.statistics.bytesSent, received: bridge.statistics.bytesReceived };
  });
  return { up: [opened.sent, done.sent], down: [opened.received, done.received] };
}

const outcomes = new Map<string, number>();
afterAll(() => {
  sayCount(`serprog, one fault at a byte of a job: ${JSON.stringify(Object.fromEntries(outcomes))}`);
});

describe.each([
  ["lost", { kind: "drop", bytes: 1 }],
  ["doubled", { kind: "duplicate" }],
  ["flipped in one bit", { kind: "flip", bits: 1 }],
] as const satisfies readonly (readonly [string, ByteFault])[])("a byte %s", (name, fault) => {
  it.each(["up", "down"] as const)("%s, at places all over a job", LONG, async (direction) => {
    const [from, to] = (await countBytes())[direction];
    expect(to - from).toBeGreaterThan(JOB_BYTES);
    for (let atByte = from; atByte < to; atByte += STRIDE) {
      const planned: PlannedFault = { at: { direction, atByte }, fault };
      const world = serprogWorld({ faults: { planned: [planned] } });
      const code = await writeAndRead(world);
      const isRight = Buffer.compare(world.sim.chip.peek(0, JOB_BYTES), IMAGE) === 0;
      const place = `${name} ${direction} at ${atByte}: ${code ?? "done"}`;
      // Done is done right; an error is one that says so.
      if (code === undefined) expect(isRight, place).toBe(true);
      else expect(["INTERRUPTED", "LINK_SLIPPED", "BRIDGE_PROTOCOL", "BRIDGE_SILENT", "EIO"], place).toContain(code);
      outcomes.set(code ?? "done", (outcomes.get(code ?? "done") ?? 0) + 1);
    }
  });
});

it("a byte lost on the way up never makes a page out of what was read as a command", async () => {
  // Behind a lost byte the bridge takes data for commands; what it makes of them is found and put right, or said.
  const [from] = (await countBytes()).up;
  for (let atByte = from; atByte < from + 300; atByte += effort(37, 7)) {
    const world = serprogWorld({
      faults: { planned: [{ at: { direction: "up", atByte }, fault: { kind: "drop", bytes: 1 } }] },
    });
    world.sim.chip.load(0x10000, OLD);
    const code = await writeAndRead(world);
    expect(Buffer.compare(world.sim.chip.peek(0x10000, JOB_BYTES), OLD), `at ${atByte}: ${code ?? "done"}`).toBe(0);
  }
});

describe("an address that changes on the line", () => {
  const AT = 0x5100;

  function put(world: SerprogWorld, checkUntouched: boolean): Promise<string | undefined> {
    const request = { operation: "write", checkUntouched };
    return caught(
      world.run((device) =>
        putContent({ device, target: targetOf(AT, pattern(256)), request, context: world.context }),
      ),
    );
  }

  /** Where in the stream the address of the first page program stands. */
  async function addressPlace(checkUntouched = false): Promise<number> {
    const world = serprogWorld();
    await put(world, checkUntouched);
    let place = 0;
    for (const bytes of world.written) {
      if (bytes[0] === 0x13 && bytes[7] === 0x02) return place + 8;
      place += bytes.length;
    }
    throw new Error("no page was programmed");
  }

  it.each([1, 2])("within the erase unit: seen by what lies beside, byte %d", async (offset) => {
    const atByte = (await addressPlace()) + offset;
    const fault: PlannedFault = { at: { direction: "up", atByte }, fault: { kind: "flip", bits: 1 } };
    for (let seed = 1; seed <= effort(2, 24); seed++) {
      const world = serprogWorld({ settings: { seed: String(seed) }, faults: { planned: [fault] } });
      const code = await put(world, false);
      const unit = new Uint8Array(4096).fill(0xff);
      unit.set(pattern(256), AT - 0x5000);
      const isWhole = Buffer.compare(world.sim.chip.peek(0x5000, 4096), unit) === 0;
      if (code === undefined) expect(isWhole).toBe(true);
      else expect(code).toBe("EIO");
    }
  });

  it("far away: seen by --paranoid", async () => {
    const atByte = await addressPlace(true);
    const fault: PlannedFault = { at: { direction: "up", atByte }, fault: { kind: "flip", bits: 1 } };
    let wrong = 0;
    for (let seed = 1; seed <= effort(2, 24); seed++) {
      const world = serprogWorld({ faults: { planned: [fault] }, settings: { seed: String(seed) } });
      const { chip } = world.sim;
      const code = await put(world, true);
      const expected = new Uint8Array(chip.geometry.capacityBytes).fill(0xff);
      expected.set(pattern(256), AT);
      const isWhole = Buffer.compare(chip.peek(0, expected.length), expected) === 0;
      // The chip has 19 bits of address: the others may change as they like.
      expect(code).toBe(isWhole ? undefined : "EIO");
      if (!isWhole) wrong++;
    }
    expect(wrong).toBeGreaterThan(0);
  });
});

describe("a link that is bad from the beginning", () => {
  it.each([
    { up: { drop: 1e-3 } },
    { down: { drop: 1e-3 } },
    { up: { flip: 1e-4 } },
    { down: { flip: 1e-4 } },
    { up: { duplicate: 1e-3 } },
    { down: { duplicate: 1e-3 } },
    { down: { garbage: 1e-3 } },
  ])("is refused before anything is written: %j", async (faults) => {
    const world = serprogWorld({ faults: { ...NO_FAULTS, ...faults } });
    expect(await writeAndRead(world)).toMatch(/^BRIDGE_(PROTOCOL|SILENT)$/);
    expect(world.sim.chip.counters.programs + world.sim.chip.counters.erases).toBe(0);
  });
});

/** What a bridge does in the middle of a job, and when the job is over at the latest. */
async function inMidJob(
  incident: Incident,
  options: SerprogWorldOptions = {},
): Promise<{ code: string | undefined; world: SerprogWorld; tookUs: number }> {
  const [from, to] = (await countBytes()).up;
  const at = { direction: "up", atByte: Math.floor((from + to) / 2) } as const;
  const world = serprogWorld({ ...options, faults: { planned: [{ at, fault: incident }] } });
  const timed = { atUs: 0 };
  const startUs = world.sim.clock.nowUs();
  const code = await writeAndRead(world).finally(() => (timed.atUs = world.sim.clock.nowUs()));
  return { code, world, tookUs: timed.atUs - startUs };
}

describe("a bridge that in the middle of a job", () => {
  it("goes silent: the job ends within five seconds", async () => {
    const { code, tookUs } = await inMidJob({ kind: "mute", direction: "both" });
    expect(code).toBe("INTERRUPTED");
    expect(tookUs).toBeLessThan(5_000_000 + 1_000_000);
  });

  it("goes silent: the same command goes on where it stopped", async () => {
    const { code, world } = await inMidJob({ kind: "mute", direction: "both" });
    expect(code).toBe("INTERRUPTED");
    const again = serprogWorld();
    again.sim.chip.load(0, world.sim.chip.peek(0, again.sim.chip.geometry.capacityBytes));
    await again.run((flash) => again.write(flash, 0, IMAGE));
    expect(Buffer.compare(again.sim.chip.peek(0, JOB_BYTES), IMAGE)).toBe(0);
    const third = serprogWorld();
    third.sim.chip.load(0, again.sim.chip.peek(0, again.sim.chip.geometry.capacityBytes));
    await third.run((flash) => third.write(flash, 0, IMAGE));
    expect(third.sim.chip.counters.programs + third.sim.chip.counters.erases).toBe(0);
  });

  it("is unplugged: the job ends at once", async () => {
    const { code, tookUs } = await inMidJob({ kind: "disconnect" });
    expect(code).toBe("INTERRUPTED");
    expect(tookUs).toBeLessThan(1_000_000);
  });

  it("answers late, but not too late: the job goes on", async () => {
    const { code, world } = await inMidJob({ kind: "stall", direction: "down", forMs: 700 });
    expect(code).toBeUndefined();
    expect(world.notes).toEqual([]);
  });

  it("answers too late: the late answers are no answers to anything, and the job goes on", async () => {
    const { code, world } = await inMidJob({ kind: "stall", direction: "both", forMs: 2000 });
    expect(code).toBeUndefined();
    expect(Buffer.compare(world.sim.chip.peek(0, JOB_BYTES), IMAGE)).toBe(0);
  });

  it("answers too late: no cell is programmed twice without an erase between", async () => {
    for (const share of effort([0.5], [0.3, 0.5, 0.7, 0.9])) {
      const [from, to] = (await countBytes()).up;
      const at = { direction: "up", atByte: Math.floor(from + (to - from) * share) } as const;
      const stall: PlannedFault = { at, fault: { kind: "stall", direction: "both", forMs: 2000 } };
      const world = serprogWorld({ faults: { planned: [stall] } });
      const { chip } = world.sim;
      expect(await writeAndRead(world)).toBeUndefined();
      const twice = chip.violations.filter(({ rule }) => rule === "program-zero-to-one");
      expect(twice).toEqual([]);
      // Four pages, and four more after each erase but the first.
      expect(chip.counters.programs).toBeLessThanOrEqual(4 * chip.counters.erases);
    }
  });

  it("restarts, boot log and all: the job goes on", async () => {
    const { code, world } = await inMidJob({ kind: "bridge-reset", bootMs: 900, log: "\r\nboot\r\n" });
    expect(code).toBeUndefined();
    expect(Buffer.compare(world.sim.chip.peek(0, JOB_BYTES), IMAGE)).toBe(0);
  });
});

describe("a bridge that from the beginning", () => {
  const base: SerprogProfile = SERPROG_PROFILES["frser-duino"];

  it("types boot noise first is waited for", async () => {
    const noise: PlannedFault[] = [0, 200, 450].map((atMs) => ({
      at: { atMs },
      fault: { kind: "bridge-reset", bootMs: 300, log: "ets Jun 8 2016\r\nrst:0x1\r\n" },
    }));
    const world = serprogWorld({ faults: { planned: noise } });
    expect(await writeAndRead(world)).toBeUndefined();
  });

  it("never answers is given up within five seconds", async () => {
    const world = serprogWorld({
      faults: { planned: [{ at: { atMs: 0 }, fault: { kind: "mute", direction: "both" } }] },
    });
    expect(await writeAndRead(world)).toBe("BRIDGE_SILENT");
    expect(world.sim.clock.nowUs()).toBeLessThan(5_000_000);
  });

  it("refuses every operation is told from a line that loses bytes, and nothing is written", async () => {
    const world = serprogWorld({ profile: { ...SERPROG_PROFILES["pico-serprog"], sumLimitBytes: 0 }, isChecked: true });
    expect(await writeAndRead(world)).toBe("BRIDGE_PROTOCOL");
    expect(world.sim.chip.counters.programs).toBe(0);
    expect(world.sim.clock.nowUs()).toBeLessThan(20_000_000);
  });

  it("has another version, no SPI or no SPI operation is refused by name", async () => {
    for (const commands of [
      base.commands.filter((opcode) => opcode !== 0x13),
      base.commands.filter((opcode) => opcode !== 0x02),
    ]) {
      const world = serprogWorld({ profile: { ...base, commands } });
      expect(await writeAndRead(world)).toBe("BRIDGE_PROTOCOL");
    }
  });
});

describe("where flashrom goes wrong", () => {
  it("one bit flipped in a read: the second read differs, a third settles it", async () => {
    const clean = serprogWorld();
    let from = 0;
    await clean.run((_, bridge) => {
      from = bridge.statistics.bytesReceived;
      return Promise.resolve();
    });
    for (const offset of effort([100], [3, 100, 700])) {
      const at = { direction: "down", atByte: from + offset } as const;
      const world = serprogWorld({ faults: { planned: [{ at, fault: { kind: "flip", bits: 1 } }] } });
      world.sim.chip.load(0, OLD);
      const read: number[] = [];
      await world.run((flash) =>
        readFlash(flash, { address: 0, lengthBytes: JOB_BYTES }, (_, data) => void read.push(...data), world.context),
      );
      expect(Buffer.compare(Uint8Array.from(read), OLD)).toBe(0);
    }
  });

  it("the chip loses power in the middle: said so, as resumable", async () => {
    const world = serprogWorld({ settings: { powerCutAt: "14000" } });
    expect(await writeAndRead(world)).toBe("INTERRUPTED");
  });

  it("a sector that will not erase: stops there, and every other sector is as it was", async () => {
    const world = serprogWorld();
    const { chip } = world.sim;
    const before = pattern(chip.geometry.capacityBytes, 3);
    chip.load(0, before);
    chip.breakErase({ address: 0x3000, lengthBytes: 4096 });
    const code = await caught(world.run((flash) => world.write(flash, 0x3000, pattern(4096, 4))));
    // Its cells are as they were: the chip ignored the command.
    expect(code).toBe("EROFS");
    const after = chip.peek(0, chip.geometry.capacityBytes);
    expect(Buffer.compare(after.slice(0, 0x3000), before.slice(0, 0x3000))).toBe(0);
    expect(Buffer.compare(after.slice(0x4000), before.slice(0x4000))).toBe(0);
  });

  it("protection: refused before anything is touched", async () => {
    const world = serprogWorld();
    const { chip } = world.sim;
    if (!(chip instanceof At25Model)) throw new Error("the status of this chip cannot be set");
    // BP2..BP0 all set: the whole chip.
    chip.presetStatus(0x1c, 0);
    chip.setPins({ wp: false });
    chip.load(0, OLD);
    expect(await caught(world.run((flash) => world.write(flash, 0, IMAGE)))).toBe("EROFS");
    expect(chip.counters.programs + chip.counters.erases).toBe(0);
    expect(world.sim.violations.map(({ rule }) => rule)).toEqual([]);
  });

  it("one changed sector: no full read before, none after", async () => {
    const world = serprogWorld();
    world.sim.chip.load(0, pattern(world.sim.chip.geometry.capacityBytes, 3));
    const bytes = await world.run(async (flash, bridge) => {
      const before = bridge.statistics.bytesReceived;
      await world.write(flash, 0x5000, pattern(4096, 8));
      return bridge.statistics.bytesReceived - before;
    });
    // The sector itself once for the verify, and next to nothing beside.
    expect(bytes).toBeLessThan(4096 * 1.15);
  });

  it("an image smaller than the chip: written, and the rest of its last sector kept", async () => {
    const world = serprogWorld();
    const before = pattern(16_384, 3);
    world.sim.chip.load(0, before);
    await world.run((flash) => world.write(flash, 0, pattern(10_000, 4)));
    const expected = before.slice();
    expected.set(pattern(10_000, 4));
    expect(Buffer.compare(world.sim.chip.peek(0, 16_384), expected)).toBe(0);
  });

  it("erasing a part keeps the rest", async () => {
    const world = serprogWorld();
    world.sim.chip.load(0, pattern(16_384, 3));
    await world.run((flash) =>
      eraseRange(flash, { address: 5000, lengthBytes: 3000 }, { keepOutside: true }, world.context),
    );
    const expected = pattern(16_384, 3).fill(0xff, 5000, 8000);
    expect(Buffer.compare(world.sim.chip.peek(0, 16_384), expected)).toBe(0);
  });
});
