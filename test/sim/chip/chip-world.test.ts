/** What holds for every simulated chip: blocks equal bytes, forks are apart, power cuts tear as said, times by seed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createChip, simulatedChipNames } from "../../../src/sim/chip/chip-catalog.ts";
import { applyChipFaults } from "../../../src/sim/chip/core/chip-faults.ts";
import { TORN_ERASES, TORN_PROGRAMS } from "../../../src/sim/chip/core/chip-model.ts";
import { ChipTimes } from "../../../src/sim/chip/core/chip-times.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { effort } from "../../support/effort.ts";
import { at, Bus, MS } from "./bus.ts";

const OPCODES = [
  0x02, 0x03, 0x05, 0x06, 0x04, 0x0b, 0x20, 0x35, 0x01, 0x9f, 0x52, 0x81, 0x82, 0x84, 0x87, 0x88, 0x89, 0xab, 0xb9,
  0xd2, 0xd4, 0xd7, 0x53, 0x58, 0x60, 0x50, 0x5a, 0x48, 0x42, 0x3d, 0x77,
];

const windowArbitrary = fc.record({
  send: fc
    .tuple(
      fc.constantFrom(...OPCODES),
      fc.array(fc.constantFrom(0, 1, 2, 0x0f, 0xff), { maxLength: 3, minLength: 3 }),
      fc.uint8Array({ maxLength: 300 }),
    )
    .map(([opcode, address, data]) => [opcode, ...address, ...data]),
  receive: fc.integer({ min: 0, max: 700 }),
  waitsMs: fc.constantFrom(0, 0, 1, 20, 1000),
});

/** All of them in CI; here every seventh, which takes some of each kind. */
const NAMES = simulatedChipNames().filter((_, index) => index % effort(7, 1) === 0);

describe.each(NAMES)("%s", (name) => {
  it("does the same byte by byte as in blocks", () => {
    fc.assert(
      fc.property(fc.array(windowArbitrary, { maxLength: 30 }), (windows) => {
        const [bytes, blocks] = [new Bus(createChip(name), true), new Bus(createChip(name))];
        for (const { send, receive, waitsMs } of windows) {
          expect(blocks.send(send, receive)).toEqual(bytes.send(send, receive));
          blocks.wait(waitsMs * MS);
          bytes.wait(waitsMs * MS);
        }
        expect(blocks.chip.violations).toEqual(bytes.chip.violations);
        expect(blocks.chip.counters).toEqual(bytes.chip.counters);
        expect(blocks.chip.busyUntilNs).toBe(bytes.chip.busyUntilNs);
        expect(Buffer.compare(blocks.chip.peek(0, 0x20000), bytes.chip.peek(0, 0x20000))).toBe(0);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it("a fork goes on as its origin would, and neither sees the other", () => {
    fc.assert(
      fc.property(fc.array(windowArbitrary, { minLength: 2, maxLength: 20 }), (windows) => {
        const origin = new Bus(createChip(name));
        const half = windows.length >> 1;
        const play = (bus: Bus, part: typeof windows): number[][] =>
          part.map(({ send, receive, waitsMs }) => bus.wait(waitsMs * MS).send(send, receive));
        play(origin, windows.slice(0, half));
        const fork = new Bus(origin.chip.fork());
        fork.nowNs = origin.nowNs;
        const image = origin.chip.peek(0, 0x20000);
        const answers = play(fork, windows.slice(half));
        expect(Buffer.compare(origin.chip.peek(0, 0x20000), image)).toBe(0);
        expect(play(origin, windows.slice(half))).toEqual(answers);
        expect(fork.chip.violations).toEqual(origin.chip.violations);
        expect(Buffer.compare(origin.chip.peek(0, 0x20000), fork.chip.peek(0, 0x20000))).toBe(0);
      }),
      { numRuns: 40, seed: 11 },
    );
  });
});

describe("power cut", () => {
  const programmed = (): Bus => {
    const bus = new Bus(createChip("AT25SF041", { times: "typical" }));
    bus.chip.load(0x1000, new Uint8Array(0x1000).fill(0x5a));
    bus.chip.load(0x2000, new Uint8Array(256).fill(0xff));
    bus.send([0x06]);
    return bus;
  };
  const page = (bus: Bus): Uint8Array => bus.chip.peek(0x2000, 256);
  const value = new Uint8Array(256).map((_, i) => i);

  it.each(TORN_PROGRAMS)("in a program leaves %s", (torn) => {
    const bus = programmed();
    bus.send(at(0x02, 0x2000, ...value));
    bus.chip.powerCut(bus.nowNs, createRandom(3), torn);
    const cells = page(bus);
    // Whatever the state: only bits that should go have gone.
    expect(cells.every((byte, i) => (byte & value[i]!) === value[i])).toBe(true);
    const right = cells.filter((byte, i) => byte === value[i]).length;
    if (torn === "none") expect(cells.every((byte) => byte === 0xff)).toBe(true);
    else if (torn === "prefix" || torn === "random-bits") expect(right).toBeLessThan(256);
    else expect(right).toBe(256);
    const around = bus.chip.peek(0x2100, 0xf00).filter((byte) => byte !== 0xff).length;
    expect(around).toBe(torn === "all-and-a-neighbour" ? 1 : 0);
  });

  it.each(TORN_ERASES)("in an erase leaves %s", (torn) => {
    const bus = programmed();
    bus.send(at(0x20, 0x1000));
    bus.chip.powerCut(bus.nowNs, createRandom(3), torn);
    const cells = bus.chip.peek(0x1000, 0x1000);
    const counts = { old: 0, zero: 0, erased: 0 };
    for (const byte of cells) {
      if (byte === 0x5a) counts.old++;
      if (byte === 0) counts.zero++;
      if (byte === 0xff) counts.erased++;
    }
    if (torn === "untouched") expect(counts.old).toBe(4096);
    if (torn === "partly-zero") expect([counts.old + counts.zero, counts.zero > 1000]).toEqual([4096, true]);
    if (torn === "random") expect(new Set(cells).size).toBe(256);
    if (torn === "done" || torn === "marginal") expect(counts.erased).toBe(4096);
    bus.chip.powerOn(bus.nowNs);
    bus.wait(10 * MS);
    const [first, second] = [bus.send(at(0x03, 0x1000), 4096), bus.send(at(0x03, 0x1000), 4096)];
    expect(JSON.stringify(first) === JSON.stringify(second)).toBe(torn !== "marginal");
    bus.send([0x06]);
    bus.send(at(0x20, 0x1000));
    bus.ready();
    expect(bus.send(at(0x03, 0x1000), 4096).every((byte) => byte === 0xff)).toBe(true);
  });

  it("outside of an operation changes nothing, and a command that was being sent is lost", () => {
    const bus = programmed();
    bus.chip.select(bus.nowNs);
    for (const byte of at(0x02, 0x2000, 1, 2, 3)) bus.chip.exchange(byte, bus.nowNs);
    bus.chip.powerCut(bus.nowNs, createRandom(1));
    bus.chip.deselect(bus.nowNs);
    expect(page(bus).every((byte) => byte === 0xff)).toBe(true);
    expect(bus.send([0x9f], 3)).toEqual([0xff, 0xff, 0xff]);
    bus.chip.powerOn(bus.nowNs);
    expect(bus.wait(10 * MS).send([0x9f], 3)).toEqual([0x1f, 0x84, 0x01]);
    expect(bus.send([0x05], 1)).toEqual([0]);
  });
});

describe("faults", () => {
  const faulty = (settings: Parameters<typeof applyChipFaults>[1]): Bus =>
    new Bus(applyChipFaults(createChip("AT25SF041", { times: "typical" }), settings, createRandom(1)));

  it("cuts power at the byte that was named, also in the middle of a block", () => {
    for (const isByteWise of [true, false]) {
      const bus = new Bus(applyChipFaults(createChip("AT25SF041"), { powerCutAtByte: 3 }, createRandom(1)), isByteWise);
      expect(bus.send([0x9f], 4)).toEqual([0x1f, 0x84, 0xff, 0xff]);
      expect(bus.wait(20 * MS).send([0x9f], 1)).toEqual([0xff]);
    }
  });

  it("holds a bit at 0, erased or programmed", () => {
    const bus = faulty({ stuckAt: { address: 0x1003, bit: 4 } });
    expect(bus.send(at(0x03, 0x1002), 2)).toEqual([0xff, 0xef]);
    bus.send([0x06]);
    bus.send(at(0x20, 0x1000));
    bus.ready();
    expect(bus.send(at(0x03, 0x1003), 1)).toEqual([0xef]);
  });

  it("stays busy from the operation that was named", () => {
    const bus = faulty({ busyForeverFrom: 1 });
    for (const address of [0, 256]) {
      bus.send([0x06]);
      bus.send(at(0x02, address, 0));
      bus.wait(10_000 * MS);
    }
    expect(bus.send([0x05], 1)).toEqual([0x03]);
  });

  it("is another device: it returns its own ID, and nothing else", () => {
    const bus = faulty({ otherDevice: Uint8Array.of(0x04, 0x7f, 0x27, 0x03) });
    expect(bus.send([0x9f], 6)).toEqual([0x04, 0x7f, 0x27, 0x03, 0xff, 0xff]);
    expect(bus.send([0x05], 2)).toEqual([0xff, 0xff]);
    expect(bus.send([0x9f], 2)).toEqual([0x04, 0x7f]);
  });

  it.each([0xff, 0x00] as const)("is not there: %i", (missing) => {
    const bus = faulty({ missing });
    expect(bus.send([0x9f], 3)).toEqual([missing, missing, missing]);
  });

  it("leaves cells that cannot be erased as they are", () => {
    const bus = faulty({});
    bus.chip.load(0, new Uint8Array(4096));
    bus.chip.breakErase({ address: 16, lengthBytes: 4 });
    bus.send([0x06]);
    bus.send(at(0x20, 0));
    expect([...bus.chip.peek(14, 8)]).toEqual([0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff]);
  });
});

describe("times", () => {
  const time = { typicalUs: 700, maximumUs: 3000 };
  const all = (mode: "typical" | "varying" | "maximum", seed = 1): number[] =>
    Array.from({ length: 2000 }, (_, i) => new ChipTimes(mode, seed).nanoseconds(time, i * 256, i));

  it("are the data sheet's, or vary by seed between them with a tail", () => {
    expect(new Set(all("typical"))).toEqual(new Set([700_000]));
    expect(new Set(all("maximum"))).toEqual(new Set([3_000_000]));
    const varying = all("varying");
    expect(varying).toEqual(all("varying"));
    expect(varying).not.toEqual(all("varying", 2));
    expect(Math.min(...varying)).toBeGreaterThanOrEqual(630_000);
    expect(Math.max(...varying)).toBeLessThanOrEqual(3_000_000);
    const slow = varying.filter((ns) => ns > 1_000_000).length;
    expect(slow).toBeGreaterThan(20);
    expect(slow).toBeLessThan(100);
  });
});
