/**
 * The host's side of the result stream: pieces come early, twice or cut anew, and each byte is handed on once in
 * order.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReceiveWindow } from "../../../src/bridge/native/receive-window.ts";
import { effort } from "../../support/effort.ts";

function bytes(from: number, to: number): Uint8Array {
  return new Uint8Array(to - from).map((_, i) => (from + i) & 255);
}

function push(window: ReceiveWindow, from: number, to: number): number[] {
  return window.push(from & 0xffff, bytes(from, to)).flatMap((piece) => [...piece]);
}

const list = (from: number, to: number): number[] => [...bytes(from, to)];

describe("pieces of the result stream", () => {
  it("in order are handed on at once", () => {
    const window = new ReceiveWindow(512);
    expect(push(window, 0, 10)).toEqual(list(0, 10));
    expect(push(window, 10, 20)).toEqual(list(10, 20));
    expect([window.expected, window.hasGap]).toEqual([20, false]);
  });

  it("that came early wait for what is missing, and are told as stretches", () => {
    const window = new ReceiveWindow(512);
    expect(push(window, 30, 40)).toEqual([]);
    expect(push(window, 10, 20)).toEqual([]);
    expect(push(window, 20, 25)).toEqual([]);
    expect(window.stretches).toEqual([
      { start: 10, end: 25 },
      { start: 30, end: 40 },
    ]);
    expect(push(window, 0, 10)).toEqual(list(0, 25));
    expect(push(window, 25, 30)).toEqual(list(25, 40));
    expect([window.expected, window.hasGap]).toEqual([40, false]);
  });

  it("that repeat or overlap are handed on once", () => {
    const window = new ReceiveWindow(512);
    push(window, 0, 10);
    expect(push(window, 0, 10)).toEqual([]);
    expect(push(window, 5, 15)).toEqual(list(10, 15));
    push(window, 20, 30);
    push(window, 20, 30);
    push(window, 20, 35);
    push(window, 18, 22);
    expect(push(window, 15, 25)).toEqual(list(15, 35));
    expect(window.hasGap).toBe(false);
  });

  it("farther ahead than the bridge may be, or far behind, are refused", () => {
    const window = new ReceiveWindow(512);
    expect(push(window, 513, 520)).toEqual([]);
    expect(window.hasGap).toBe(false);
    expect(window.push(0xfff0, bytes(0, 8))).toEqual([]);
    expect(window.expected).toBe(0);
  });

  it("without a byte say nothing", () => {
    const window = new ReceiveWindow(512);
    expect(window.push(5, new Uint8Array(0))).toEqual([]);
    expect(window.hasGap).toBe(false);
  });

  it("come right in any order, cut and repeated, over the edge of 64 KiB", () => {
    const piece = fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), fc.integer({ min: 0, max: 400 }), (pieces, before) => {
        const window = new ReceiveWindow(512);
        const start = 65_400;
        for (let at = 0; at < start + before; at += 200) push(window, at, Math.min(at + 200, start + before));
        const first = window.expected;
        const got: number[] = [];
        for (const [offset, length] of pieces) got.push(...push(window, first + offset, first + offset + length));
        for (let at = first; at < first + 320; at += 10) got.push(...push(window, at, at + 10));
        expect(got).toEqual(list(first, first + 320));
        expect(window.hasGap).toBe(false);
      }),
      { seed: 4711, numRuns: effort(20, 80) },
    );
  });
});
