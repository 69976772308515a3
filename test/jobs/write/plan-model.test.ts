/**
 * The plan against a model that knows only bytes: for every byte of a small chip it says whether it is erased, programmed,
 * verified or kept, the slow way, and the ranges of the plan have to say the same.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ByteRange, eraseBlockAt, type FlashGeometry, rangeEnd } from "../../../drivers/geometry.ts";
import { appendRange, mergeRanges, subtractRanges, totalBytes } from "../../../drivers/byte-ranges.ts";
import {
  cheapestErases,
  mostExpensiveErases,
  isChipErase,
  isProgrammedAsItIs,
  keptRanges,
  needsErase,
  type PieceState,
  planSteps,
  planWrite,
  programTimeUs,
  type SurveyPiece,
  type SurveyUnit,
  windowUnit,
} from "../../../src/jobs/write/plan.ts";
import { HALF_MEGABYTE, TOY, unitOf } from "../support/nor-double.ts";

const STATES: readonly PieceState[] = ["same", "blank", "assumed-blank", "differs"];

/** Pieces of a sector of 8 bytes: where each begins and ends, its state, whether its pages hold anything. */
interface DrawnPiece {
  readonly from: number;
  readonly length: number;
  readonly state: PieceState;
  readonly hasContent: boolean;
}

const drawnPiece: fc.Arbitrary<DrawnPiece> = fc.record({
  from: fc.integer({ min: 0, max: 7 }),
  length: fc.integer({ min: 1, max: 8 }),
  state: fc.constantFrom(...STATES),
  hasContent: fc.boolean(),
});

/** Sectors of the toy chip, each with up to two pieces. */
const drawnSurvey = fc
  .array(fc.array(drawnPiece, { maxLength: 2 }), { minLength: 16, maxLength: 16 })
  .map((sectors) => sectors.flatMap((drawn, index): SurveyUnit[] => unitFrom(drawn, index)));

function unitFrom(drawn: readonly DrawnPiece[], index: number): SurveyUnit[] {
  const block = eraseBlockAt(TOY.eraseUnits[0]!, index * 8)!;
  const pieces: SurveyPiece[] = [];
  for (const { from, length, state, hasContent } of [...drawn].sort((a, b) => a.from - b.from)) {
    const address = Math.max(block.address + from, rangeEnd(pieces.at(-1) ?? { address: 0, lengthBytes: 0 }));
    const lengthBytes = Math.min(length, rangeEnd(block) - address);
    if (lengthBytes <= 0) continue;
    const range = { address, lengthBytes };
    pieces.push({ ...range, state, check: 0, content: hasContent ? [range] : [] });
  }
  return pieces.length === 0 ? [] : [{ block, pieces }];
}

const bytesIn = (ranges: readonly ByteRange[]): string => {
  const map = new Array<string>(128).fill(".");
  for (const { address, lengthBytes } of ranges) map.fill("x", address, address + lengthBytes);
  return map.join("");
};

/** No two of the ranges touch, none is empty, all are in order. */
function expectJoined(ranges: readonly ByteRange[]): void {
  for (const [index, range] of ranges.entries()) {
    expect(range.lengthBytes).toBeGreaterThan(0);
    const before = ranges[index - 1];
    if (before !== undefined) expect(range.address).toBeGreaterThan(rangeEnd(before));
  }
}

const modelOf = (survey: readonly SurveyUnit[], isErased: (address: number) => boolean): Record<string, string> => {
  const marks = { programs: [] as ByteRange[], verifies: [] as ByteRange[], keeps: [] as ByteRange[] };
  for (const { block, pieces } of survey) {
    const goes = isErased(block.address);
    const isInPiece = (address: number): boolean =>
      pieces.some((piece) => address >= piece.address && address < rangeEnd(piece));
    for (const piece of pieces) {
      const isProgrammed =
        goes || piece.state === "assumed-blank" || (piece.state === "blank" && piece.content.length > 0);
      if (isProgrammed) marks.programs.push(...piece.content);
      if (isProgrammed) marks.verifies.push(piece);
    }
    if (!goes) continue;
    marks.verifies.push(block);
    for (let address = block.address; address < rangeEnd(block); address++) {
      if (!isInPiece(address)) marks.keeps.push({ address, lengthBytes: 1 });
    }
  }
  return {
    programs: bytesIn(marks.programs),
    verifies: bytesIn(marks.verifies),
    keeps: bytesIn(marks.keeps),
  };
};

describe("a plan, byte by byte", () => {
  it("erases, programs, verifies and keeps what the model does", () => {
    fc.assert(
      fc.property(drawnSurvey, (survey) => {
        const plan = planWrite(survey, TOY);
        const erased = bytesIn(plan.erases);
        const model = modelOf(survey, (address) => erased[address] === "x");
        expect({
          programs: bytesIn(plan.programs),
          verifies: bytesIn(plan.verifies),
          keeps: bytesIn(plan.keeps),
        }).toEqual(model);
        for (const ranges of [plan.programs, plan.verifies, plan.keeps]) expectJoined(ranges);
        const pieces = survey.flatMap((unit) => unit.pieces);
        const inState = (state: PieceState): number =>
          pieces.reduce((total, piece) => total + (piece.state === state ? piece.lengthBytes : 0), 0);
        expect([plan.sameBytes, plan.blankBytes]).toEqual([inState("same"), inState("blank")]);
        const touched = bytesIn([...plan.programs, ...plan.keeps]);
        let pages = 0;
        for (let at = 0; at < 128; at += 4) if (touched.slice(at, at + 4).includes("x")) pages++;
        // Ranges that share a page without touching count it each.
        expect(plan.estimateUs).toBeGreaterThanOrEqual(
          plan.erases.reduce((us, { typicalUs }) => us + typicalUs, pages * 10),
        );
      }),
      { numRuns: 400 },
    );
  });

  it("puts every unit that needs something into one step, in order, with the erase that clears it", () => {
    fc.assert(
      fc.property(drawnSurvey, (survey) => {
        const { erases } = cheapestErases(survey, TOY);
        const expected = survey.flatMap((unit) => {
          const erase = erases.find(
            (block) => unit.block.address >= block.address && unit.block.address < rangeEnd(block),
          );
          const isNeeded = erase !== undefined || unit.pieces.some((piece) => isProgrammedAsItIs(piece));
          return isNeeded ? [`${erase?.address ?? "as it is"}: ${unit.block.address}`] : [];
        });
        const steps = planSteps(survey, TOY);
        const found = steps.flatMap(({ erase, units }) =>
          units.map(({ block }) => `${erase?.address ?? "as it is"}: ${block.address}`),
        );
        expect(found).toEqual(expected);
        // No step without a unit, no erase twice.
        expect(steps.every(({ units }) => units.length > 0)).toBe(true);
        expect(steps.flatMap(({ erase }) => erase ?? [])).toEqual(erases);
        // All that differs is erased, and nothing outside of the image but within the smallest blocks of such.
        for (const unit of survey) {
          const isErased = erases.some(
            (block) => unit.block.address >= block.address && unit.block.address < rangeEnd(block),
          );
          if (needsErase(unit)) expect(isErased).toBe(true);
          else if (isErased) expect(keptRanges(unit)).toEqual([]);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("what a piece needs", () => {
  const range = { address: 0, lengthBytes: 4 };
  it.each([
    ["same", true, false, false],
    ["blank", true, true, false],
    ["blank", false, false, false],
    ["assumed-blank", true, true, false],
    ["assumed-blank", false, true, false],
    ["differs", true, false, true],
  ] as const)("%s, content %s: programmed as it is %s, erased %s", (state, hasContent, asItIs, erased) => {
    const piece: SurveyPiece = { ...range, state, check: 0, content: hasContent ? [range] : [] };
    expect(isProgrammedAsItIs(piece)).toBe(asItIs);
    expect(needsErase({ block: eraseBlockAt(TOY.eraseUnits[0]!, 0)!, pieces: [piece] })).toBe(erased);
  });
});

it("one piece that differs is enough, whatever the others are", () => {
  const block = eraseBlockAt(TOY.eraseUnits[0]!, 0)!;
  const piece = (address: number, state: PieceState): SurveyPiece => {
    const range = { address, lengthBytes: 4 };
    return { ...range, state, check: 0, content: [range] };
  };
  expect(needsErase({ block, pieces: [piece(0, "same"), piece(4, "differs")] })).toBe(true);
  expect(needsErase({ block, pieces: [piece(0, "differs"), piece(4, "blank")] })).toBe(true);
  expect(needsErase({ block, pieces: [piece(0, "same"), piece(4, "blank")] })).toBe(false);
});

it("where a larger unit has no block, the smaller ones stand", () => {
  const half = { name: "half", regions: [{ address: 0, unitBytes: 16, count: 4, typicalUs: 110, maximumUs: 200 }] };
  const geometry: FlashGeometry = { ...TOY, eraseUnits: [TOY.eraseUnits[0]!, half] };
  const survey = Array.from({ length: 16 }, (_, index): SurveyUnit => {
    const block = eraseBlockAt(TOY.eraseUnits[0]!, index * 8)!;
    const whole = { address: block.address, lengthBytes: 8 };
    return { block, pieces: [{ ...whole, state: "differs", check: 0, content: [whole] }] };
  });
  expect(planWrite(survey, geometry).erases.map(({ unit, address }) => `${unit.name} ${address}`)).toEqual([
    ...[0, 16, 32, 48].map((address) => `half ${address}`),
    ...[64, 72, 80, 88, 96, 104, 112, 120].map((address) => `sector ${address}`),
  ]);
});

describe("times and units", () => {
  it("pages are counted from the first that is touched to the last, each range by itself", () => {
    const time = (...ranges: [number, number][]): number =>
      programTimeUs(
        ranges.map(([address, lengthBytes]) => ({ address, lengthBytes })),
        TOY,
        {},
      );
    expect([time(), time([0, 1]), time([0, 4]), time([0, 5]), time([3, 2]), time([3, 1]), time([4, 4])]).toEqual([
      0, 10, 10, 20, 20, 10, 10,
    ]);
    expect(time([0, 4], [8, 4])).toBe(20);
  });

  it("the link counts where it is slower than the chip", () => {
    const time = (linkBytesPerSecond: number): number =>
      programTimeUs([{ address: 0, lengthBytes: 8 }], TOY, { linkBytesPerSecond });
    expect([time(1e9), time(400_000), time(100_000), time(1000)]).toEqual([20, 20, 80, 8000]);
  });

  it("windows are the largest blocks short of the chip; where there are none, the smallest", () => {
    expect(windowUnit(HALF_MEGABYTE).name).toBe("64 KiB block");
    expect(windowUnit(TOY).name).toBe("block");
    const only = unitOf("chip", 128, 128, 1);
    expect(isChipErase(only, TOY)).toBe(true);
    expect(isChipErase(TOY.eraseUnits[0]!, TOY)).toBe(false);
    expect(windowUnit({ ...TOY, eraseUnits: [only] })).toBe(only);
  });

  it("the most that a window can cost leaves the chip erase out", () => {
    expect(mostExpensiveErases({ address: 0, lengthBytes: 65_536 }, HALF_MEGABYTE)).toBe(250_000);
    expect(mostExpensiveErases({ address: 4096, lengthBytes: 4096 }, HALF_MEGABYTE)).toBe(70_000);
    expect(mostExpensiveErases({ address: 0, lengthBytes: 524_288 }, HALF_MEGABYTE)).toBe(8 * 250_000);
    const cheap: FlashGeometry = { ...TOY, eraseUnits: [...TOY.eraseUnits, unitOf("chip", 128, 128, 1)] };
    expect(mostExpensiveErases({ address: 0, lengthBytes: 128 }, cheap)).toBe(4 * 220);
  });

  it("what an erase costs counts what has to be programmed again", () => {
    const unit = (index: number, state: PieceState): SurveyUnit => {
      const block = eraseBlockAt(TOY.eraseUnits[0]!, index * 8)!;
      const whole = { address: block.address, lengthBytes: 8 };
      return { block, pieces: [{ ...whole, state, check: 0, content: [whole] }] };
    };
    const cost = (...states: PieceState[]): unknown => {
      const { costUs, againUs, erasableBytes, erases } = cheapestErases(
        states.map((state, i) => unit(i, state)),
        TOY,
      );
      return [erases.map(({ unit: { name } }) => name).join(" "), costUs, againUs, erasableBytes];
    };
    expect(cost("differs")).toEqual(["sector", 100, 0, 8]);
    expect(cost("same")).toEqual(["", 0, 20, 8]);
    expect(cost("blank", "blank")).toEqual(["", 0, 0, 16]);
    expect(cost("differs", "differs")).toEqual(["pair", 150, 0, 16]);
    // 150 and twice ten against 100.
    expect(cost("differs", "same")).toEqual(["sector", 100, 20, 16]);
    expect(cost("differs", "differs", "differs", "same")).toEqual(["block", 240, 20, 32]);
    expect(cheapestErases([], TOY)).toEqual({ erases: [], costUs: 0, againUs: 0, erasableBytes: 0 });
    // As costly is not cheaper.
    const even = { ...TOY, eraseUnits: [unitOf("sector", 128, 8, 100), unitOf("pair", 128, 16, 200)] };
    expect(cheapestErases([unit(0, "differs"), unit(1, "differs")], even).erases).toHaveLength(2);
  });
});

describe("arithmetic with ranges", () => {
  const ranges = fc.array(fc.record({ address: fc.nat(60), lengthBytes: fc.nat(20) }), { maxLength: 8 });

  it("merging joins what touches, and loses no byte", () => {
    fc.assert(
      fc.property(ranges, (drawn) => {
        const merged = mergeRanges(drawn);
        expectJoined(merged);
        expect(bytesIn(merged)).toBe(bytesIn(drawn));
        expect(totalBytes(merged)).toBe(Array.from(bytesIn(drawn)).filter((mark) => mark === "x").length);
      }),
    );
  });

  it("subtracting leaves what no hole covers", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 40 }), ranges, (address, lengthBytes, drawn) => {
        const whole = { address, lengthBytes };
        const holes = mergeRanges(drawn);
        const left = subtractRanges(whole, holes);
        expectJoined(left);
        const covered = bytesIn(holes);
        expect(bytesIn(left)).toBe(
          Array.from(bytesIn([whole]))
            .map((mark, i) => (covered[i] === "x" ? "." : mark))
            .join(""),
        );
      }),
    );
  });

  it("appending makes the last longer where it touches or overlaps, and takes no empty one", () => {
    const list: ByteRange[] = [];
    for (const [address, lengthBytes] of [
      [0, 0],
      [4, 4],
      [8, 2],
      [9, 5],
      [9, 1],
      [15, 1],
      [20, 0],
    ] as const) {
      appendRange(list, { address, lengthBytes });
    }
    expect(list).toEqual([
      { address: 4, lengthBytes: 10 },
      { address: 15, lengthBytes: 1 },
    ]);
  });
});
