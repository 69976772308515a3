/** Which blocks are erased and which pages programmed. The plan is compared with the cheapest of all possible ways. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EraseBlock, eraseBlockAt, type FlashGeometry } from "../../../drivers/geometry.ts";
import { mostExpensiveErases, type PieceState, planWrite, type SurveyUnit } from "../../../src/jobs/write/plan.ts";
import { TOY, unitOf } from "../support/nor-double.ts";

/** One character a sector: `.` not in the image, `=` same, `_` blank, `*` differs, `h` its first half differs. */
function survey(picture: string, geometry: FlashGeometry = TOY, pagesWithContent = 2): SurveyUnit[] {
  const states: Record<string, PieceState> = { "=": "same", _: "blank", "*": "differs", h: "differs" };
  return Array.from(picture).flatMap((character, index) => {
    const state = states[character];
    const block = eraseBlockAt(geometry.eraseUnits[0]!, index * 8)!;
    if (state === undefined) return [];
    const content = { address: block.address, lengthBytes: Math.min(pagesWithContent * 4, character === "h" ? 4 : 8) };
    const piece = { address: block.address, lengthBytes: character === "h" ? 4 : 8, state, check: 0 };
    return [{ block, pieces: [{ ...piece, content: content.lengthBytes === 0 ? [] : [content] }] }];
  });
}

const erases = (picture: string): string[] =>
  planWrite(survey(picture), TOY).erases.map((block) => `${block.unit.name} ${block.address / 8}`);

describe("planWrite", () => {
  it.each([
    ["nothing to do", "================", []],
    ["blank needs no erase", "____------------", []],
    ["one sector", "=*==", ["sector 1"]],
    ["a pair is faster than two sectors", "**..............", ["pair 0"]],
    ["two sectors of two pairs", ".**.", ["sector 1", "sector 2"]],
    ["a block is faster than two pairs", "****", ["block 0"]],
    ["three and a right one: erased with them and programmed again", "***=", ["block 0"]],
    ["three and a blank one", "***_", ["block 0"]],
    ["a sector outside of the image is not put at risk", "***.", ["pair 0", "sector 2"]],
    ["a partly covered one that must be erased anyway is", "***h", ["block 0"]],
    ["blocks, not a row that crosses them", "..****..", ["pair 2", "pair 4"]],
    ["the last block", "............****", ["block 12"]],
  ])("%s", (_, picture, expected) => {
    expect(erases(picture)).toEqual(expected);
  });

  it("lists ranges, joined", () => {
    expect(planWrite(survey("=h__"), TOY)).toEqual({
      erases: [expect.objectContaining({ address: 8, lengthBytes: 8 })],
      programs: [
        { address: 8, lengthBytes: 4 },
        { address: 16, lengthBytes: 16 },
      ],
      keeps: [{ address: 12, lengthBytes: 4 }],
      verifies: [{ address: 8, lengthBytes: 24 }],
      estimateUs: 100 + 6 * 10,
      sameBytes: 8,
      blankBytes: 16,
    });
  });

  it("programs no blank page", () => {
    expect(planWrite(survey("____", TOY, 0), TOY)).toMatchObject({ programs: [], verifies: [], estimateUs: 0 });
  });

  it("counts the link where it is the limit", () => {
    // Three sectors and a right one: 250 against 220 + 20; at 100 bytes a second the right one costs 80 ms.
    const plan = planWrite(survey("***="), TOY, { linkBytesPerSecond: 100 });
    expect(plan.erases.map(({ unit }) => unit.name)).toEqual(["pair", "sector"]);
  });

  it("takes the chip erase where it is faster", () => {
    const withChip = { ...TOY, eraseUnits: [...TOY.eraseUnits, unitOf("chip", 128, 128, 800)] };
    const whole = planWrite(survey("*".repeat(16), withChip), withChip);
    expect(whole.erases.map(({ unit }) => unit.name)).toEqual(["chip"]);
    const most = planWrite(survey(`====${"*".repeat(12)}`, withChip), withChip);
    expect(most.erases.map(({ unit }) => unit.name)).toEqual(["block", "block", "block"]);
    expect(mostExpensiveErases({ address: 0, lengthBytes: 128 }, withChip)).toBe(4 * 220);
  });

  it("passes over blocks that do not nest", () => {
    const odd: FlashGeometry = {
      ...TOY,
      capacityBytes: 144,
      eraseUnits: [unitOf("sector", 144, 8, 100), unitOf("odd", 144, 12, 1), unitOf("block", 144, 48, 220)],
    };
    const plan = planWrite(survey("******", odd), odd);
    expect(plan.erases.map(({ unit }) => unit.name)).toEqual(["block"]);
  });

  it("costs least: against every way there is", () => {
    const states = fc.array(fc.constantFrom(".", "=", "_", "*", "h"), { minLength: 16, maxLength: 16 });
    const times = fc.tuple(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 500 }),
    );
    fc.assert(
      fc.property(states, times, (characters, [sectorUs, pairUs, blockUs]) => {
        const geometry = {
          ...TOY,
          eraseUnits: [
            unitOf("sector", 128, 8, sectorUs),
            unitOf("pair", 128, 16, pairUs),
            unitOf("block", 128, 32, blockUs),
          ],
        };
        const picture = characters.join("");
        const plan = planWrite(survey(picture, geometry), geometry);
        expect(costOf(plan.erases, picture)).toBe(leastCost(0, picture, geometry));
      }),
      { numRuns: 500 },
    );
  });
});

/** Typical time of erases, and of programming again the right sectors in them: two pages each. */
function costOf(blocks: readonly EraseBlock[], picture: string): number {
  return blocks.reduce((total, block) => {
    const inside = picture.slice(block.address / 8, (block.address + block.lengthBytes) / 8);
    return total + block.typicalUs + Array.from(inside).filter((c) => c === "=").length * 20;
  }, 0);
}

/** The slow and obvious way: from left to right, every block that may begin here. */
function leastCost(index: number, picture: string, geometry: FlashGeometry): number {
  const character = picture[index];
  if (character === undefined) return 0;
  const mustErase = "*h".includes(character);
  let least = mustErase ? Infinity : leastCost(index + 1, picture, geometry);
  for (const [number, unit] of geometry.eraseUnits.entries()) {
    const block = eraseBlockAt(unit, index * 8)!;
    const inside = picture.slice(index, index + block.lengthBytes / 8);
    if (block.address !== index * 8) continue;
    if (number === 0 ? !mustErase : inside.includes(".")) continue;
    least = Math.min(least, costOf([block], picture) + leastCost(index + inside.length, picture, geometry));
  }
  return least;
}
