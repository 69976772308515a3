/** When bytes arrive on a simulated line: line rate, latency timer of a USB converter, and stalls. */
import { describe, expect, it } from "vitest";
import { type DirectionParts, LinkDirection } from "../../../src/sim/link/link-direction.ts";
import { PacedClock } from "../../../src/sim/link/paced-clock.ts";

interface Arrival {
  readonly atUs: number;
  readonly length: number;
}

function line(options: Partial<DirectionParts> = {}): {
  clock: PacedClock;
  up: LinkDirection;
  arrivals: Arrival[];
  got: number[];
} {
  const clock = new PacedClock();
  const arrivals: Arrival[] = [];
  const got: number[] = [];
  const up = new LinkDirection({
    clock,
    nsPerByte: () => 5000,
    latencyNs: 0,
    latencyTimerNs: 0,
    packetBytes: 64,
    stages: [],
    receive: (bytes) => bytes,
    deliver(bytes) {
      arrivals.push({ atUs: clock.nowNs() / 1000, length: bytes.length });
      got.push(...bytes);
    },
    happen: () => undefined,
    isQuiet: true,
    ...options,
  });
  return { clock, up, arrivals, got };
}

const run = (clock: PacedClock, untilNs = Number.POSITIVE_INFINITY): void => {
  while (clock.runNext(untilNs));
};
const bytes = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => i & 255);

describe("time on the wire", () => {
  it("is bytes times time, behind what was sent before", () => {
    const { clock, up, arrivals } = line();
    expect(up.send(bytes(100))).toBe(500_000);
    expect(up.send(bytes(20))).toBe(600_000);
    run(clock);
    expect(arrivals).toEqual([
      { atUs: 500, length: 100 },
      { atUs: 600, length: 20 },
    ]);
    expect(up.send(bytes(1))).toBe(605_000);
  });

  it("loses no fraction: 115200 bytes at 1152000 baud take a second", () => {
    const { clock, up, arrivals } = line({ nsPerByte: () => 1e10 / 1_152_000 });
    for (let i = 0; i < 1152; i++) up.send(bytes(100));
    run(clock);
    expect(arrivals.at(-1)).toEqual({ atUs: 1_000_000, length: 100 });
  });

  it("adds the latency and cuts long writes into frames' worth", () => {
    const { clock, up, arrivals, got } = line({ latencyNs: 500_000 });
    up.send(bytes(1000));
    run(clock);
    expect(arrivals).toEqual([
      { atUs: 384 * 5 + 500, length: 384 },
      { atUs: 768 * 5 + 500, length: 384 },
      { atUs: 1000 * 5 + 500, length: 232 },
    ]);
    expect(got).toEqual([...bytes(1000)]);
  });
});

describe("latency timer", () => {
  it("lets full packets go and makes the rest wait", () => {
    const { clock, up, arrivals } = line({ latencyTimerNs: 16_000_000, latencyNs: 125_000 });
    up.send(bytes(100));
    run(clock);
    expect(arrivals).toEqual([
      { atUs: 500 + 125, length: 62 },
      { atUs: 500 + 16_000 + 125, length: 38 },
    ]);
  });

  it("waits for nothing when packets are full", () => {
    const { clock, up, arrivals } = line({ latencyTimerNs: 16_000_000 });
    up.send(bytes(62));
    up.send(bytes(124));
    run(clock);
    expect(arrivals).toEqual([
      { atUs: 310, length: 62 },
      { atUs: 930, length: 124 },
    ]);
  });

  it("fills a waiting packet up", () => {
    const { clock, up, arrivals } = line({ latencyTimerNs: 16_000_000 });
    up.send(bytes(10));
    run(clock, 1_000_000);
    clock.advanceTo(1_000_000);
    up.send(bytes(60));
    run(clock);
    expect(arrivals).toEqual([
      { atUs: 1300, length: 62 },
      { atUs: 17_300, length: 8 },
    ]);
  });
});

describe("incidents", () => {
  it("a stall keeps everything and gives it in order", () => {
    const { clock, up, arrivals, got } = line();
    up.stall(10_000_000);
    up.send(bytes(10));
    up.send(bytes(20));
    run(clock);
    expect(arrivals).toEqual([
      { atUs: 10_000, length: 10 },
      { atUs: 10_000, length: 20 },
    ]);
    expect(got).toEqual([...bytes(10), ...bytes(20)]);
  });

  it("a mute line takes bytes and gives none", () => {
    const { clock, up, arrivals } = line();
    up.send(bytes(10));
    run(clock);
    up.mute();
    up.send(bytes(10));
    run(clock);
    expect(arrivals).toHaveLength(1);
  });
});
