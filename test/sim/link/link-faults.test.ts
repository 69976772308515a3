/** Faults of a simulated line: they come at the rate that is set, and the same seed gives the same faults. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  drawFaultPlan,
  type FaultPlan,
  faultStages,
  NO_FAULTS,
  type PlannedFault,
} from "../../../src/sim/link/link-faults.ts";
import { type LinkItem, throughStages } from "../../../src/sim/link/link-stage.ts";
import { chanceFrom } from "./paced-world.ts";

const SEED = "link faults";
const zeros = (length: number): Uint8Array => new Uint8Array(length);

function pass(plan: Partial<FaultPlan>, chunks: readonly Uint8Array[], seed = SEED): LinkItem[] {
  const stages = faultStages({ ...NO_FAULTS, ...plan }, "up", chanceFrom(seed));
  return chunks.flatMap((chunk) => throughStages(stages, chunk));
}

function bytesOf(items: readonly LinkItem[]): number[] {
  return items.flatMap((item) => (item instanceof Uint8Array ? [...item] : []));
}

describe("planned faults", () => {
  const at = (atByte: number): { direction: "up"; atByte: number } => ({ direction: "up", atByte });
  it.each<[string, PlannedFault[], number[]]>([
    ["flip", [{ at: at(3), fault: { kind: "flip", bits: 0x81 } }], [0, 1, 2, 0x82, 4, 5, 6, 7, 8, 9]],
    ["drop across chunks", [{ at: at(3), fault: { kind: "drop", bytes: 4 } }], [0, 1, 2, 7, 8, 9]],
    ["duplicate", [{ at: at(5), fault: { kind: "duplicate" } }], [0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9]],
    [
      "garbage",
      [{ at: at(0), fault: { kind: "garbage", bytes: [65, 84, 13] } }],
      [65, 84, 13, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ],
    [
      "two at one byte",
      [
        { at: at(9), fault: { kind: "duplicate" } },
        { at: at(9), fault: { kind: "flip", bits: 1 } },
      ],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8],
    ],
    [
      "another direction's",
      [{ at: { direction: "down", atByte: 1 }, fault: { kind: "drop", bytes: 9 } }],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ],
  ])("%s", (_, planned, expected) => {
    expect(bytesOf(pass({ planned }, [Uint8Array.of(0, 1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8, 9)]))).toEqual(expected);
  });

  it("an incident stands between the bytes before and behind its place", () => {
    const planned: PlannedFault[] = [{ at: at(2), fault: { kind: "disconnect" } }];
    expect(pass({ planned }, [Uint8Array.of(1, 2, 3)])).toEqual([
      Uint8Array.of(1, 2),
      { kind: "disconnect" },
      Uint8Array.of(3),
    ]);
  });
});

describe("rates", () => {
  const size = 200_000;
  it.each([
    [
      "flip",
      { flip: 1e-3 },
      (out: number[]) => out.reduce((sum, byte) => sum + (byte.toString(2).match(/1/g)?.length ?? 0), 0),
      1600,
    ],
    ["drop", { drop: 1e-2 }, (out: number[]) => size - out.length, 2000],
    ["duplicate", { duplicate: 1e-2 }, (out: number[]) => out.length - size, 2000],
  ])("%s as often as asked", (_, rates, count, expected) => {
    const out = bytesOf(
      pass(
        { up: rates },
        Array.from({ length: 1000 }, () => zeros(size / 1000)),
      ),
    );
    expect(count(out) / expected).toBeGreaterThan(0.85);
    expect(count(out) / expected).toBeLessThan(1.15);
  });

  it("does not depend on how the bytes are cut", () => {
    const rates = { flip: 1e-3, drop: 1e-3, duplicate: 1e-3 };
    const whole = bytesOf(pass({ up: { flip: rates.flip } }, [zeros(3000)]));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 20 }), (lengths) => {
        const chunks = [...lengths, 3000 - lengths.reduce((a, b) => a + b, 0)].filter((length) => length > 0);
        if (lengths.reduce((a, b) => a + b, 0) > 3000) return;
        expect(bytesOf(pass({ up: { flip: rates.flip } }, chunks.map(zeros)))).toEqual(whole);
      }),
    );
  });

  it("the same seed is the same fault, another seed is not", () => {
    const plan = { up: { flip: 1e-3, drop: 1e-3, duplicate: 1e-3, garbage: 1e-3 } };
    expect(pass(plan, [zeros(5000)], "a")).toEqual(pass(plan, [zeros(5000)], "a"));
    expect(pass(plan, [zeros(5000)], "a")).not.toEqual(pass(plan, [zeros(5000)], "b"));
  });

  it("draws plans that are plain data", () => {
    for (let seed = 0; seed < 50; seed++) {
      const plan = drawFaultPlan(chanceFrom(String(seed)));
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    }
  });
});
