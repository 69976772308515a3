/** The size of the built page: what a browser loads before anything is shown, and what it loads for a plot. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { buildPages } from "../support/browser.ts";

const PAGE = fileURLToPath(new URL("../../dist/page-station", import.meta.url));
const KIB = 1024;

it("loads 28 KiB before anything is shown, and 24 KiB for the first plot", () => {
  buildPages();
  const assets = readdirSync(join(PAGE, "assets"));
  const weigh = (pattern: RegExp): number =>
    assets
      .filter((name) => pattern.test(name))
      .reduce((sum, name) => sum + gzipSync(readFileSync(join(PAGE, "assets", name)), { level: 9 }).length, 0);
  const index = readFileSync(join(PAGE, "index.html"), "utf8");
  expect(weigh(/^index-/) + gzipSync(index).length).toBeLessThanOrEqual(28 * KIB);
  expect(weigh(/^draw-plot-/)).toBeLessThanOrEqual(24 * KIB);
  // Nothing else: no map of the sources, no second copy of a package.
  expect(assets.map((name) => name.replace(/-[\w-]{8}\./, ".")).toSorted()).toEqual([
    ...["draw-plot.css", "draw-plot.js", "icon.svg", "index.css", "index.js"],
  ]);
  // The content policy allows no script, style or address of another place in the page itself.
  expect(index).not.toMatch(/<script>|<style|\son\w+=|https?:/);
  expect(readFileSync(join(PAGE, "LICENSES.txt"), "utf8")).toMatch(/preact 10\.[\s\S]*uplot 1\.6/);
});
