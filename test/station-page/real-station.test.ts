/** The page of a station that makes units: 1, 4 and 16 slots with simulated chips, seen in Chromium. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveStationPage } from "../../src/station-server/serve-page.ts";
import {
  allComplaints,
  browserMissing,
  buildPages,
  openPage,
  startBrowser,
  type TestBrowser,
  until,
  visibleText,
  waitForText,
} from "../support/browser.ts";
import { describeUnless } from "../support/needs.ts";
import { inOrder, newUnit, openTestStation, serialOn, stationFolder, visit, writeRecipe } from "../station/support.ts";

const root = stationFolder();
/** Longer than the test: the result stays until the unit is gone. */
const STAY_MS = 600_000;

describeUnless(browserMissing("chromium"))("the page of a station that makes units", () => {
  let tested: TestBrowser;
  beforeAll(async () => {
    buildPages();
    tested = await startBrowser("chromium");
  });
  afterAll(async () => {
    await tested.close();
  });

  it("shows the serial number that is on each chip, and finds each unit by it", async () => {
    for (const slots of [1, 4, 16]) {
      const folder = join(root, String(slots));
      mkdirSync(folder);
      const units = Array.from({ length: slots }, (_, index) => newUnit(slots * 1000 + index));
      const sources = units.map((unit) => inOrder([visit(unit, { stayMs: STAY_MS })]));
      const test = await openTestStation({ folder, recipe: writeRecipe(folder), sources, target: slots });
      const { station, ledger } = test;
      const server = await serveStationPage({ station, ledger, store: undefined, port: 0 });
      const watched = await openPage(tested, server.url, { width: 1920, height: 1080 });
      await until(
        async () => (await visibleText(watched)).split("PASS").length - 1 === slots,
        () => visibleText(watched),
      );
      const text = await visibleText(watched);
      for (const unit of units) expect(text).toContain(serialOn(unit));
      await watched.page.goto(`${server.url}#/report`);
      await waitForText(watched, new RegExp(`Done\\s+${slots}\\s+Yield\\s+100.0 %`));
      await waitForText(watched, /Slots compared[\s\S]*Unexplained/);
      const serial = serialOn(units[0]!);
      await watched.page.goto(`${server.url}#/unit/${serial}`);
      await waitForText(watched, /70-B3-D5-12-3[\s\S]*Pass/);
      expect(await allComplaints(watched)).toEqual([]);
      await watched.page.close();
      await server.close();
      await test.close();
    }
  });
});
