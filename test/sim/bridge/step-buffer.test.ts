/** The step buffer of the simulated bridge joins a stream that arrives in any order. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StepBuffer } from "../../../src/sim/bridge/step-buffer.ts";

const bytes = (from: number, to: number): Uint8Array => new Uint8Array(to - from).map((_, i) => (from + i) & 255);

describe("step buffer", () => {
  it.each([
    ["the next piece", 0, 10, "new", 10, []],
    ["a piece ahead", 20, 30, "new", 0, [{ start: 20, end: 30 }]],
    ["more than there is room for", 60, 101, "beyond-credit", 0, []],
    ["exactly to the end", 90, 100, "new", 0, [{ start: 90, end: 100 }]],
  ] as const)("%s", (_, from, to, placement, received, stretches) => {
    const buffer = new StepBuffer(100);
    expect(buffer.place(from, bytes(from, to))).toBe(placement);
    expect([buffer.received, buffer.stretches]).toEqual([received, stretches]);
  });

  it("joins what touches", () => {
    const buffer = new StepBuffer(100);
    for (const from of [20, 60, 40]) buffer.place(from, bytes(from, from + 10));
    buffer.place(30, bytes(30, 40));
    expect(buffer.stretches).toEqual([
      { start: 20, end: 50 },
      { start: 60, end: 70 },
    ]);
    expect(buffer.place(22, bytes(22, 28))).toBe("known");
    buffer.place(0, bytes(0, 20));
    expect([buffer.received, buffer.stretches]).toEqual([50, [{ start: 60, end: 70 }]]);
  });

  it("puts any cutting, order and doubling of a stream together again", () => {
    const piece = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 200 }),
        fc.array(piece, { minLength: 1, maxLength: 400 }),
        (capacity, pieces) => {
          const total = 70_000;
          const buffer = new StepBuffer(capacity);
          const read: number[] = [];
          for (const { at, length } of pieces) {
            const start = Math.max(0, Math.floor(buffer.consumed + (at * 1.4 - 0.2) * capacity));
            const end = Math.min(total, start + length);
            const placed = buffer.place(start & 0xffff, bytes(start, end));
            expect(placed === "beyond-credit").toBe(end > buffer.consumed + capacity);
            expect(buffer.availableBytes).toBeLessThanOrEqual(capacity);
            const take = Math.floor(buffer.availableBytes * at);
            read.push(...buffer.peek(take));
            buffer.consume(take);
          }
          expect(read).toEqual([...bytes(0, read.length)]);
        },
      ),
    );
  });
});
