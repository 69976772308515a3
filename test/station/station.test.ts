/** Units in simulated slots, from an empty slot to a result that is in the ledger. */
import { expect, it } from "vitest";
import type { SimUnit } from "../../src/sim/fixture.ts";
import {
  holdsItsImage,
  inOrder,
  newUnit,
  openTestStation,
  serialOn,
  stationFolder,
  visit,
  writeRecipe,
} from "./support.ts";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const root = stationFolder();

function folderOf(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  return folder;
}

it("makes the units of a batch on two slots", async () => {
  const folder = folderOf("batch");
  const recipe = writeRecipe(folder);
  const units = [1, 2].map((slot) => [1, 2].map((seed) => newUnit(slot * 1000 + seed)));
  const sources = units.map((some) => inOrder(some.map((unit) => visit(unit, { bounces: 2 }))));
  const test = await openTestStation({ folder, recipe, sources, target: 3 });
  await test.station.batchDone();
  const { batch, pools } = test.station.state();
  expect(batch).toMatchObject({ passed: 3, failed: 0, aborted: 0, firstPass: 3, isRunning: false });
  expect(pools).toEqual([
    { pool: "s", left: "9996" },
    { pool: "m", left: "4093" },
  ]);
  const done = units.flat().filter((unit: SimUnit) => serialOn(unit) !== "");
  expect(new Set(done.map(serialOn)).size).toBe(3);
  for (const unit of done) expect(await holdsItsImage(test, unit, serialOn(unit))).toBe(true);
  expect(done.flatMap(({ chip }) => chip.violations)).toEqual([]);
  expect(await test.ledger.verify()).toBeUndefined();
  expect(await test.ledger.openSessions()).toEqual([]);
  await test.close();
});
