/** The map of a chip in a browser: its layout for every size of screen and chip, its runs, and its words. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { MAP_LEGEND } from "../../src/cli/output/sector-map.ts";
import { layOutMap, MAP_STATES, mapRuns, mapStateIndex, mapSummary } from "../../src/panel/map-states.ts";

it("has the states and marks of the command line, in their order", () => {
  expect(MAP_STATES.map(({ name, mark }) => `${mark} ${name}`).join("  ")).toBe(MAP_LEGEND);
  expect(mapStateIndex("failed")).toBe(MAP_STATES.length - 1);
  expect(mapStateIndex("of a newer version")).toBe(0);
});

it("shows every sector inside the box, in cells that can be seen", () => {
  const box = { count: fc.integer({ min: 1, max: 65_536 }), width: fc.integer({ min: 200, max: 3840 }) };
  fc.assert(
    fc.property(box.count, box.width, fc.integer({ min: 100, max: 1200 }), (count, width, height) => {
      const { columns, rows, cellPx, perCell } = layOutMap(count, width, height);
      expect(columns * rows * perCell).toBeGreaterThanOrEqual(count);
      expect(columns * cellPx).toBeLessThanOrEqual(width);
      expect(rows * cellPx).toBeLessThanOrEqual(height);
      expect(cellPx).toBeGreaterThanOrEqual(4);
      // No row is empty.
      expect((rows - 1) * columns * perCell).toBeLessThan(count);
    }),
  );
});

it("lists runs that together are the map", () => {
  const state = fc.integer({ min: 0, max: MAP_STATES.length - 1 });
  fc.assert(
    fc.property(fc.array(state, { maxLength: 40 }), (states) => {
      const runs = mapRuns(Uint8Array.from(states));
      expect(runs.flatMap((run) => Array.from({ length: run.count }, () => run.state))).toEqual(states);
      expect(runs.every((run, index) => run.state !== runs[index - 1]?.state)).toBe(true);
    }),
  );
  expect(mapSummary(Uint8Array.of(0, 9, 0))).toBe("3 sectors: 1 failed, 2 untouched");
});
