/** What the host sends and sends again: the bridge's credit is never exceeded, whatever is lost. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LinkStatus } from "../../../firmware-protocol/status.ts";
import { SendWindow } from "../../../src/bridge/native/send-window.ts";

function status(fields: Partial<LinkStatus> = {}): LinkStatus {
  const none = { consumed: 0, busy: false, sendAgain: false, cancelled: false, shift: 0, maxFrameUnits: 0 };
  return { ...none, stretches: [], ...fields };
}

function bytes(length: number, from = 0): Uint8Array {
  return new Uint8Array(length).map((_, i) => (from + i) & 255);
}

/** A window of 1000 bytes with pieces of 100 sent at 0, 10, 20 ... microseconds. */
function sent(pieces: number, bufferBytes = 1000): SendWindow {
  const window = new SendWindow(bufferBytes);
  window.push(bytes(100 * pieces));
  for (let i = 0; i < pieces; i++) window.takeNew(100, false, 10 * i);
  return window;
}

describe("what goes out", () => {
  it("is cut into whole pieces; a rest waits for more or for a flush", () => {
    const window = new SendWindow(1000);
    window.push(bytes(150));
    expect(window.takeNew(100, false, 0)).toEqual({ offset: 0, payload: bytes(100) });
    expect(window.takeNew(100, false, 0)).toBeUndefined();
    expect(window.waitingBytes).toBe(50);
    expect(window.takeNew(100, true, 0)).toEqual({ offset: 100, payload: bytes(50, 100) });
    expect(window.takeNew(100, true, 0)).toBeUndefined();
    expect([window.sentEnd, window.unacknowledgedBytes, window.isIdle]).toEqual([150, 150, false]);
  });

  it("is joined from many small records", () => {
    const window = new SendWindow(1000);
    for (let i = 0; i < 7; i++) window.push(Uint8Array.of(i, i));
    expect(window.takeNew(5, false, 0)?.payload).toEqual(Uint8Array.of(0, 0, 1, 1, 2));
    expect(window.takeNew(5, false, 0)?.payload).toEqual(Uint8Array.of(2, 3, 3, 4, 4));
  });

  it("never exceeds the credit; what is consumed frees it", () => {
    const window = sent(9);
    window.push(bytes(500));
    expect(window.takeNew(100, false, 0)).toBeDefined();
    expect(window.takeNew(100, false, 0)).toBeUndefined();
    expect(window.acknowledge(1000, status({ consumed: 99 }), 100).newBytes).toBe(1000);
    expect(window.takeNew(100, false, 0)).toBeUndefined();
    window.acknowledge(1000, status({ consumed: 100 }), 100);
    expect(window.takeNew(100, false, 0)).toMatchObject({ offset: 1000 });
  });

  it("a buffer smaller than a frame is filled by halves", () => {
    const window = new SendWindow(64);
    window.push(bytes(600));
    expect(window.takeNew(256, false, 0)?.payload.length).toBe(64);
    window.acknowledge(64, status({ consumed: 31 }), 0);
    expect(window.takeNew(256, false, 0)).toBeUndefined();
    window.acknowledge(64, status({ consumed: 32 }), 0);
    expect(window.takeNew(256, false, 0)?.payload.length).toBe(32);
  });
});

describe("acknowledgement", () => {
  it("frees whole pieces and parts of one, and gives a round trip", () => {
    const window = sent(3);
    expect(window.acknowledge(150, undefined, 500)).toEqual({ newBytes: 150, sampleUs: 500, sampleBytes: 150 });
    expect(window.unacknowledgedBytes).toBe(150);
    window.doubtFirst(0, 1000);
    expect(window.takeLost(100, 1000)).toEqual({ offset: 150, payload: bytes(50, 150) });
    expect(window.acknowledge(300, undefined, 1200)).toEqual({ newBytes: 150, sampleUs: 1180, sampleBytes: 300 });
    expect(window.isIdle).toBe(true);
  });

  it("of a piece that was sent again gives no round trip", () => {
    const window = sent(1);
    window.doubtFirst(0, 50);
    window.takeLost(100, 50);
    expect(window.acknowledge(100, undefined, 60)).toEqual({ newBytes: 100 });
  });

  it.each([
    ["of the past", 0],
    ["of what was never sent", 301],
    ["from the other side of the circle", 0x8000],
  ])("%s changes nothing", (_, ack) => {
    const window = sent(3);
    window.acknowledge(100, undefined, 0);
    expect(window.acknowledge(ack, status({ consumed: 100 }), 0).newBytes).toBe(0);
    expect(window.unacknowledgedBytes).toBe(200);
  });

  it("credit beyond what was sent is not believed", () => {
    const window = sent(10);
    window.acknowledge(1000, status({ consumed: 1001 }), 0);
    window.push(bytes(100));
    expect(window.takeNew(100, false, 0)).toBeUndefined();
  });
});

describe("lost pieces", () => {
  it("one that was sent before another that has arrived is lost for certain", () => {
    const window = sent(4);
    window.acknowledge(100, status({ stretches: [{ start: 200, end: 300 }] }), 50);
    expect(window.takeLost(100, 60)).toMatchObject({ offset: 100 });
    expect(window.takeLost(100, 60)).toBeUndefined();
    // Told again before the second try can have arrived: not lost again.
    window.acknowledge(100, status({ stretches: [{ start: 200, end: 300 }] }), 61);
    expect(window.takeLost(100, 61)).toBeUndefined();
    window.acknowledge(100, status({ stretches: [{ start: 200, end: 400 }] }), 62);
    expect(window.takeLost(100, 62)).toBeUndefined();
    expect(window.acknowledge(400, undefined, 70).newBytes).toBe(300);
    expect(window.isIdle).toBe(true);
  });

  it("is cut anew for smaller frames", () => {
    const window = sent(1);
    window.doubtFirst(0, 5);
    const cuts = [1, 2, 3, 4].map(() => window.takeLost(40, 5));
    expect(cuts.map((cut) => cut && [cut.offset, cut.payload.length])).toEqual([
      [0, 40],
      [40, 40],
      [80, 20],
      undefined,
    ]);
  });

  it("doubt spares what is too young to have been answered", () => {
    const window = sent(1);
    window.doubtFirst(100, 99);
    expect(window.takeLost(100, 99)).toBeUndefined();
    window.doubtFirst(100, 100);
    expect(window.takeLost(100, 100)).toBeDefined();
  });

  it("a stretch that wraps at 64 KiB is understood", () => {
    const window = new SendWindow(200_000);
    window.push(bytes(65_600));
    for (let i = 0; i < 655; i++) {
      window.takeNew(100, false, i);
      if (i < 654) window.acknowledge((100 * (i + 1)) & 0xffff, status({ consumed: 100 * i }), i);
    }
    window.takeNew(100, true, 700);
    window.acknowledge(65_400, status({ consumed: 65_300, stretches: [{ start: 65_500, end: 64 }] }), 710);
    expect(window.takeLost(100, 711)).toMatchObject({ offset: 65_400 });
    expect(window.takeLost(100, 711)).toBeUndefined();
  });
});

it("whatever is lost, all arrives once in order and credit is kept", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 64, max: 3000 }),
      fc.integer({ min: 64, max: 356 }),
      (losses, bufferBytes, maxPayload) => {
        const window = new SendWindow(bufferBytes);
        const all = bytes(5000);
        window.push(all);
        const there = new Array<number | undefined>(5000).fill(undefined);
        let ack = 0;
        for (let turn = 0; ack < 5000 && turn < 20_000; turn++) {
          const out = window.takeLost(maxPayload, turn) ?? window.takeNew(maxPayload, true, turn);
          if (out !== undefined) {
            expect(window.sentEnd - ack).toBeLessThanOrEqual(bufferBytes);
            if (losses[turn % losses.length] !== true || turn % 3 === 0) {
              out.payload.forEach((byte, i) => (there[out.offset + i] = byte));
            }
            while (there[ack] !== undefined) ack++;
          } else window.doubtFirst(0, turn);
          window.acknowledge(ack & 0xffff, status({ consumed: ack }), turn);
        }
        expect(there).toEqual([...all]);
        expect(window.isIdle).toBe(true);
      },
    ),
    { numRuns: 15, seed: 20_260 },
  );
});

describe("what is inferred from an answer", () => {
  const status = (stretches: readonly { start: number; end: number }[]) => ({
    consumed: 0,
    busy: false,
    sendAgain: false,
    cancelled: false,
    shift: 0,
    maxFrameUnits: 0,
    stretches,
  });
  const lostOf = (window: SendWindow): number[] => {
    const offsets: number[] = [];
    for (let lost = window.takeLost(100, 900); lost !== undefined; lost = window.takeLost(100, 900))
      offsets.push(lost.offset);
    return offsets;
  };

  it("without stretches only the first missing byte is told", () => {
    const window = sent(5);
    window.doubtFirst(0, 100);
    window.takeLost(100, 100);
    window.acknowledge(100, undefined, 500, 400);
    // The second copy of the first piece arrived, after all others: but of these only the second is told to be missing.
    expect(lostOf(window)).toEqual([100]);
  });

  it("behind a full list of stretches nothing is told", () => {
    const window = sent(12);
    const stretches = [100, 300, 500, 700].map((start) => ({ start, end: start + 100 }));
    window.doubtFirst(0, 200);
    window.takeLost(100, 200);
    window.acknowledge(0, status(stretches), 300);
    expect(lostOf(window)).toEqual([200, 400, 600]);
  });

  it("a copy that cannot have been answered yet did not arrive: the first did, and patience was too short", () => {
    const window = sent(3);
    window.doubtFirst(0, 200);
    window.takeLost(100, 200);
    expect(window.acknowledge(100, undefined, 250, 150)).toEqual({ newBytes: 100, wasSpurious: true });
    expect(lostOf(window)).toEqual([]);
  });
});
