/** Virtual time, seeded random numbers and the trace. Every repeatable simulation depends on these three. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/sim/random.ts";
import { createTrace } from "../../src/sim/trace.ts";
import { createVirtualClock } from "../../src/sim/virtual-clock.ts";

describe("virtual clock", () => {
  it("advances exactly, and twice ten is twenty", async () => {
    const clock = createVirtualClock();
    await clock.run(async () => {
      await clock.wait(10);
      expect(clock.nowUs()).toBe(10);
      await clock.wait(10);
      expect(clock.nowUs()).toBe(20);
    });
  });

  it("runs events of one time in the order of scheduling, those for the past behind them", async () => {
    const clock = createVirtualClock();
    const order: string[] = [];
    clock.scheduleNs(500, () => order.push("b"));
    clock.scheduleNs(100, () => {
      order.push("a");
      clock.scheduleNs(100, () => order.push("a2"));
      clock.scheduleNs(0, () => order.push("past"));
    });
    clock.scheduleNs(100, () => order.push("a1"));
    clock.scheduleNs(500, () => order.push("c"));
    await clock.run(() => clock.wait(1));
    expect(order).toEqual(["a", "a1", "a2", "past", "b", "c"]);
  });

  it("takes events back, also from within another and also its own", async () => {
    const clock = createVirtualClock();
    const order: string[] = [];
    const cancelB = clock.scheduleNs(200, () => order.push("b"));
    const cancelA = clock.scheduleNs(100, () => {
      order.push("a");
      cancelA();
      cancelB();
    });
    await clock.run(() => clock.wait(1));
    expect(order).toEqual(["a"]);
  });

  it("wait(0) lets what is ready go first; an aborted wait ends at once and takes no time", async () => {
    const clock = createVirtualClock();
    const stop = new AbortController();
    const order: string[] = [];
    await clock.run(async () => {
      const waiting = clock.wait(1_000_000, stop.signal).then(() => order.push("aborted"));
      void Promise.resolve().then(() => order.push("ready"));
      await clock.wait(0);
      order.push("zero");
      stop.abort();
      await waiting;
      await clock.wait(5, stop.signal);
    });
    expect(order).toEqual(["ready", "zero", "aborted"]);
    expect(clock.nowUs()).toBe(0);
  });

  it("runs code that became ready between two events, quiet ones excepted", async () => {
    const clock = createVirtualClock();
    const order: string[] = [];
    await clock.run(async () => {
      void clock.wait(1).then(() => order.push(`woken at ${clock.nowNs()}`));
      clock.scheduleNs(1001, () => order.push("next"), { quiet: true });
      clock.scheduleNs(1002, () => order.push("last"), { quiet: true });
      await clock.wait(2);
    });
    expect(order).toEqual(["woken at 1000", "next", "last"]);
  });

  it("says so when the job waits for what never comes, or time stands still", async () => {
    const clock = createVirtualClock();
    await expect(clock.run(() => new Promise(() => undefined))).rejects.toThrow("no event is scheduled");
    const again = (): void => void clock.scheduleNs(0, again, { quiet: true });
    again();
    await expect(clock.run(() => clock.wait(10))).rejects.toThrow("time stands still");
  });

  it("keeps ten thousand events in order", async () => {
    const clock = createVirtualClock();
    const random = createRandom("heap");
    const seen: number[] = [];
    for (let i = 0; i < 10_000; i++) {
      const atNs = random.intBelow(5_000);
      clock.scheduleNs(atNs, () => seen.push(atNs), { quiet: true });
    }
    await clock.run(() => clock.wait(10));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen).toHaveLength(10_000);
  });
});

describe("random", () => {
  it("gives the same numbers for the same seed and others for another", () => {
    const draw = (seed: number | string): number[] => {
      const random = createRandom(seed);
      return Array.from({ length: 8 }, () => random.nextUint32());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).toEqual(draw("1"));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("branches by name, whatever was drawn before", () => {
    const a = createRandom(7);
    const b = createRandom(7);
    b.bytes(1000);
    expect(a.branch("link").nextUint32()).toBe(b.branch("link").nextUint32());
    expect(a.branch("link").nextUint32()).not.toBe(a.branch("chip").nextUint32());
  });

  it("is even: every byte value comes about as often as any other", () => {
    const counts = new Array<number>(256).fill(0);
    for (const byte of createRandom("even").bytes(256_000)) counts[byte] = (counts[byte] ?? 0) + 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 255 degrees of freedom: 99.9 % of fair generators lie below 331.
    expect(chiSquare).toBeLessThan(331);
  });

  it("keeps to its limits", () => {
    const random = createRandom("limits");
    for (let i = 0; i < 1000; i++) expect(random.intBelow(3)).toBeLessThan(3);
    expect(() => random.intBelow(0)).toThrow(RangeError);
    expect(() => random.pick([])).toThrow(RangeError);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
  });
});

describe("trace", () => {
  it("is the same for the same events and differs for any change of one", () => {
    const hash = (label: string, a: number, byte: number): string => {
      const trace = createTrace();
      trace.add("start");
      trace.add(label, a, 2, Uint8Array.of(1, byte));
      return trace.hash;
    };
    const hashes = [hash("x", 1, 1), hash("y", 1, 1), hash("x", 2 ** 40, 1), hash("x", 1, 2)];
    expect(hash("x", 1, 1)).toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(4);
  });
});
