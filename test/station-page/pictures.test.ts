/** Pictures of the station's page for docs/pictures, written with NORBRIDGE_WRITE_PICTURES=1. Look at them before a commit. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import {
  browserMissing,
  buildPages,
  openPage,
  startBrowser,
  until,
  visibleText,
  waitForText,
} from "../support/browser.ts";
import { itUnless } from "../support/needs.ts";
import { serveStation } from "./served-page.ts";

const FOLDER = fileURLToPath(new URL("../../docs/pictures", import.meta.url));
const MOST_BYTES = 60_000;

const isAsked = process.env["NORBRIDGE_WRITE_PICTURES"] === "1";
const reason = isAsked ? browserMissing("chromium") : "pictures are written with NORBRIDGE_WRITE_PICTURES=1";

const PICTURES = [
  {
    name: "station-4-light",
    slots: 4,
    place: "",
    words: /WRITE/,
    theme: "light",
    width: 1280,
    height: 720,
    scale: 0.8,
  },
  {
    name: "station-16-dark",
    slots: 16,
    place: "",
    words: /RECORDED/,
    theme: "dark",
    width: 1920,
    height: 1080,
    scale: 0.6,
  },
  {
    name: "station-report-light",
    slots: 4,
    place: "#/report",
    words: /Unexplained/,
    theme: "light",
    width: 1280,
    height: 1240,
    scale: 0.75,
  },
  {
    name: "station-unit-dark",
    slots: 4,
    place: "#/unit/NB26-000412",
    words: /px_log_fs/,
    theme: "dark",
    width: 1280,
    height: 1130,
    scale: 0.75,
  },
  { name: "station-phone", slots: 4, place: "", words: /WRITE/, theme: "light", width: 360, height: 780, scale: 1 },
] as const;

itUnless(reason)("pictures of the station's page", async () => {
  buildPages();
  const tested = await startBrowser("chromium");
  mkdirSync(FOLDER, { recursive: true });
  for (const { name, slots, place, words, ...look } of PICTURES) {
    let nowMs = Date.now() - 3_600_000;
    const { station, server } = await serveStation(slots, { nowMs: () => (nowMs += 700) });
    for (let unit = 0; unit < 137; unit++) {
      if (unit % 45 === 44) station.fail("A", "earlier");
      else station.pass("A", "earlier");
      station.empty("A");
    }
    nowMs = Date.now() - slots * 3000;
    station.showEverything();
    const watched = await openPage(tested, `${server.url}${place}`, look);
    await waitForText(watched, words);
    if (place.startsWith("#/unit")) {
      await until(
        async () => (await watched.page.$(".plot-area canvas")) !== null,
        () => visibleText(watched),
      );
    }
    const picture = await watched.page.screenshot({ type: "webp", quality: 60 });
    expect(picture.length, name).toBeLessThan(MOST_BYTES);
    writeFileSync(join(FOLDER, `${name}.webp`), picture);
    await server.close();
  }
  await tested.close();
});

it("has a name for each picture", () => {
  expect(new Set(PICTURES.map(({ name }) => name)).size).toBe(PICTURES.length);
});
