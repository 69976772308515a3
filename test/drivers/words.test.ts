/** The words that drivers are written in: geometry, names of units, steps and what their results mean. */
import { describe, expect, it } from "vitest";
import { chipEraseUnit, eraseUnitName, uniformEraseUnit } from "../../drivers/erase-units.ts";
import {
  eraseBlockAt,
  eraseBlocksTouching,
  type EraseUnit,
  pagesOf,
  rangeContains,
  rangeEnd,
  rangeIntersection,
  smallestEraseUnit,
} from "../../drivers/geometry.ts";
import {
  addressed,
  answerOf,
  asking,
  digestProgram,
  failureOf,
  outcomeOf,
  pollTimeoutMs,
  readProgram,
  receivedAt,
  receivedByte,
  sending,
  sendingAt,
  sendingData,
  waiting,
  withAddress,
} from "../../drivers/step-answers.ts";
import type { StepResult } from "../../firmware-protocol/step.ts";

const range = (address: number, lengthBytes: number): { address: number; lengthBytes: number } => ({
  address,
  lengthBytes,
});
const received = (...bytes: number[]): StepResult => ({ kind: "transfer", received: Uint8Array.from(bytes) });
const SKIPPED: StepResult = { kind: "skipped" };

describe("geometry", () => {
  it("contains, and shares", () => {
    const outer = range(10, 10);
    const inside = [range(10, 10), range(10, 0), range(20, 0), range(19, 1), range(12, 3)];
    expect(inside.map((inner) => rangeContains(outer, inner))).toEqual(inside.map(() => true));
    const outside = [range(9, 2), range(9, 12), range(19, 2), range(21, 0), range(9, 0), range(0, 5)];
    expect(outside.map((inner) => rangeContains(outer, inner))).toEqual(outside.map(() => false));
    expect(rangeEnd(outer)).toBe(20);
    expect(rangeIntersection(outer, range(15, 20))).toEqual(range(15, 5));
    expect(rangeIntersection(range(0, 11), outer)).toEqual(range(10, 1));
    expect(rangeIntersection(outer, range(12, 2))).toEqual(range(12, 2));
    for (const other of [range(20, 5), range(0, 10), range(15, 0), range(30, 5)]) {
      expect(rangeIntersection(outer, other)).toBeUndefined();
    }
  });

  const uneven: EraseUnit = {
    name: "sector",
    regions: [
      { address: 8, unitBytes: 2, count: 4, typicalUs: 1, maximumUs: 2 },
      { address: 16, unitBytes: 8, count: 2, typicalUs: 3, maximumUs: 4 },
    ],
  };

  it("finds the block of every address, and none outside", () => {
    const starts = Array.from({ length: 34 }, (_, address) => eraseBlockAt(uneven, address)?.address);
    const expected = Array.from({ length: 34 }, (_, address) => {
      if (address < 8 || address >= 32) return undefined;
      return address < 16 ? address - (address % 2) : address - (address % 8);
    });
    expect(starts).toEqual(expected);
    expect(eraseBlockAt(uneven, 13)).toEqual({ unit: uneven, address: 12, lengthBytes: 2, typicalUs: 1, maximumUs: 2 });
    expect(eraseBlockAt(uneven, 31)).toEqual({ unit: uneven, address: 24, lengthBytes: 8, typicalUs: 3, maximumUs: 4 });
  });

  it("walks the blocks that a range touches, as far as there are any", () => {
    const walk = (address: number, lengthBytes: number): number[] =>
      [...eraseBlocksTouching(uneven, range(address, lengthBytes))].map((block) => block.address);
    expect(walk(9, 8)).toEqual([8, 10, 12, 14, 16]);
    expect(walk(9, 7)).toEqual([8, 10, 12, 14]);
    expect(walk(9, 0)).toEqual([]);
    expect(walk(30, 100)).toEqual([24]);
    expect(walk(0, 100)).toEqual([]);
  });

  it("cuts at page borders", () => {
    const geometry = {
      capacityBytes: 64,
      pageBytes: 8,
      erasedByte: 0xff,
      eraseUnits: [uneven],
      programTypicalUs: 1,
      programMaximumUs: 1,
    };
    expect([...pagesOf(geometry, range(6, 11))]).toEqual([range(6, 2), range(8, 8), range(16, 1)]);
    expect([...pagesOf(geometry, range(8, 8))]).toEqual([range(8, 8)]);
    expect([...pagesOf(geometry, range(7, 0))]).toEqual([]);
    expect(smallestEraseUnit(geometry)).toBe(uneven);
    expect(() => smallestEraseUnit({ ...geometry, eraseUnits: [] })).toThrow(
      new RangeError("a flash geometry needs at least one erase unit"),
    );
  });

  it("units tile the chip, and are named after their size", () => {
    expect(uniformEraseUnit("x", 4096, 512, { typicalMs: 2, maximumMs: 3 })).toEqual({
      name: "x",
      regions: [{ address: 0, unitBytes: 512, count: 8, typicalUs: 2000, maximumUs: 3000 }],
    });
    expect(chipEraseUnit(4096, { typicalMs: 2, maximumMs: 3 })).toEqual({
      name: "chip",
      regions: [{ address: 0, unitBytes: 4096, count: 1, typicalUs: 2000, maximumUs: 3000 }],
    });
    expect([256, 512, 1023, 1024, 2048, 4096, 8192, 65_536].map((size) => eraseUnitName(size))).toEqual([
      ...["256-byte page", "512-byte page", "1023-byte page", "1 KiB sector", "2 KiB sector", "4 KiB sector"],
      ...["8 KiB block", "64 KiB block"],
    ]);
  });
});

describe("steps", () => {
  it("carry opcode, address and data, most significant byte first", () => {
    expect(sending(6)).toEqual({ kind: "transfer", send: Uint8Array.of(6), receiveBytes: 0 });
    expect(asking(3, 0x9f, 1)).toEqual({ kind: "transfer", send: Uint8Array.of(0x9f, 1), receiveBytes: 3 });
    expect([...addressed(2, 0x1a2b3c4d, 9, 8)]).toEqual([2, 0x2b, 0x3c, 0x4d, 9, 8]);
    expect([...withAddress(2, 3, 0x1a2b3c4d, 9)]).toEqual([2, 0x2b, 0x3c, 0x4d, 9]);
    expect([...withAddress(0x12, 4, 0xfa2b3c4d, 9)]).toEqual([0x12, 0xfa, 0x2b, 0x3c, 0x4d, 9]);
    const data = Uint8Array.of(7, 8);
    expect(sendingAt(0x12, 4, 0x010203, data)).toEqual({
      kind: "transfer",
      send: Uint8Array.of(0x12, 0, 1, 2, 3, 7, 8),
      receiveBytes: 0,
    });
    expect(sendingData(2, 0x010203, data)).toEqual({
      kind: "transfer",
      send: Uint8Array.of(2, 1, 2, 3, 7, 8),
      receiveBytes: 0,
    });
  });

  it("wait half as long again as a sound chip takes, and at least a millisecond", () => {
    expect([0, 1, 666, 667, 1000, 5000, 3_000_000].map((us) => pollTimeoutMs(us))).toEqual([1, 1, 1, 2, 2, 8, 4500]);
    const ready = { opcode: 5, mask: 1, value: 0 };
    const poll = { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 30, timeoutMs: 8 };
    expect(waiting(ready, 5000, 30)).toEqual(poll);
    expect(waiting(ready, 5000, 30)).toHaveProperty("typicalUs", undefined);
    expect(waiting(ready, 5000, 30, 700)).toEqual({ ...poll, typicalUs: 700 });
  });
});

describe("results", () => {
  it.each<[StepResult[], string | undefined]>([
    [[], undefined],
    [[received(1), { kind: "delay" }, { kind: "poll", status: 0 }], undefined],
    [[received(1), SKIPPED], "skipped"],
    [[{ kind: "failed", reason: "lost" }, SKIPPED], "lost"],
    [[{ kind: "failed", reason: "aborted" }], "aborted"],
    [[{ kind: "failed", reason: "not-supported" }], "aborted"],
    [[{ kind: "failed", reason: "timeout", status: 0x03 }], "timeout"],
    [[{ kind: "failed", reason: "timeout" }], "timeout"],
    [[{ kind: "failed", reason: "timeout", status: 0xff }], "no-answer"],
    [[{ kind: "failed", reason: "timeout", status: 0x00 }], "no-answer"],
    [[received(1), { kind: "failed", reason: "timeout", status: 0x80 }, SKIPPED], "timeout"],
  ])("%j is %s", (results, failure) => {
    expect(failureOf(results)).toBe(failure);
    expect(outcomeOf(results)).toBe(failure ?? "done");
    expect(answerOf(results, () => 5)).toEqual(
      failure === undefined ? { outcome: "done", value: 5 } : { outcome: failure },
    );
  });

  it("a bridge that answers something else is a mistake, said with the step", () => {
    const results: StepResult[] = [received(4, 5), { kind: "delay" }];
    expect([...receivedAt(results, 0)]).toEqual([4, 5]);
    expect([receivedByte(results, 0), receivedByte(results, 0, 1)]).toEqual([4, 5]);
    expect(() => receivedAt(results, 1)).toThrow(new TypeError("step 1 was a transfer, its result is not"));
    expect(() => receivedAt(results, 2)).toThrow(new TypeError("step 2 was a transfer, its result is not"));
    expect(() => receivedByte(results, 0, 2)).toThrow(new TypeError("the result of step 0 has no byte 2"));
  });

  it("reads are cut to the bridge and joined again", () => {
    const limits = { maxSendBytes: 8, maxReceiveBytes: 4 };
    const head = (address: number): Uint8Array => addressed(3, address);
    const program = readProgram(range(0x100, 10), limits, head);
    expect(program.steps).toEqual([
      { kind: "transfer", send: Uint8Array.of(3, 0, 1, 0), receiveBytes: 4 },
      { kind: "transfer", send: Uint8Array.of(3, 0, 1, 4), receiveBytes: 4 },
      { kind: "transfer", send: Uint8Array.of(3, 0, 1, 8), receiveBytes: 2 },
    ]);
    expect(program.steps.some((step) => step.kind === "transfer" && step.ifBusy !== undefined)).toBe(false);
    expect(program.decode([received(1, 2, 3, 4), received(5, 6, 7, 8), received(9, 10)])).toEqual({
      outcome: "done",
      value: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    });
    expect(program.decode([received(1, 2, 3, 4), SKIPPED, SKIPPED])).toEqual({ outcome: "skipped" });
    expect(() => program.decode([received(1, 2, 3, 4), received(5)])).toThrow(
      new TypeError("requested 10 bytes, the bridge returned 5"),
    );
    expect(readProgram(range(0, 4), limits, head, "ignored").steps).toEqual([
      { kind: "transfer", send: Uint8Array.of(3, 0, 0, 0), receiveBytes: 4, ifBusy: "ignored" },
    ]);
    expect(readProgram(range(0, 0), limits, head).steps).toEqual([]);
  });

  it("a digest is one step; of nothing it is none, and 0", () => {
    const program = digestProgram(range(0, 10), Uint8Array.of(3, 0, 0, 0));
    expect(program.steps).toEqual([{ kind: "digest", send: Uint8Array.of(3, 0, 0, 0), lengthBytes: 10 }]);
    expect(program.decode([{ kind: "digest", check: 77 }])).toEqual({ outcome: "done", value: 77 });
    expect(program.decode([SKIPPED])).toEqual({ outcome: "skipped" });
    expect(() => program.decode([{ kind: "delay" }])).toThrow(new TypeError("step 0 was a digest, its result is not"));
    expect(() => program.decode([])).toThrow(TypeError);
    const nothing = digestProgram(range(0, 0), Uint8Array.of(3));
    expect(nothing.steps).toEqual([]);
    expect(nothing.decode([])).toEqual({ outcome: "done", value: 0 });
  });
});
