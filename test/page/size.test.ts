/** The size of the built page: what is loaded before it is shown, what a connection adds, and what is loaded late. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { buildPages } from "../support/browser.ts";

const PAGE = fileURLToPath(new URL("../../dist/page-chip", import.meta.url));
const KIB = 1024;

it("shows itself after 26 KiB; plot, simulator and formats of storage are loaded late", () => {
  buildPages();
  const assets = readdirSync(join(PAGE, "assets"));
  const sizes = new Map(
    assets.map((name) => [name, gzipSync(readFileSync(join(PAGE, "assets", name)), { level: 9 }).length] as const),
  );
  const weigh = (pattern: RegExp): number =>
    [...sizes].reduce((sum, [name, size]) => sum + (pattern.test(name) ? size : 0), 0);
  const index = readFileSync(join(PAGE, "index.html"), "utf8");
  const shown = weigh(/^(index-|icon-)/) + gzipSync(index).length;
  const late = weigh(/^(simulator|chip-catalog|records|pass|open-key-values|stream-job|examine-bridge)-/);
  const engine = weigh(/./) - weigh(/^(index-|icon-|draw-plot-)/) - late;
  process.stdout.write(
    `page ${Math.round(shown / KIB)} KiB, engine ${Math.round(engine / KIB)} KiB, late ${Math.round(late / KIB)} KiB (gzip)\n`,
  );
  expect(shown).toBeLessThanOrEqual(26 * KIB);
  expect(weigh(/^draw-plot-/)).toBeLessThanOrEqual(24 * KIB);
  expect(engine).toBeLessThanOrEqual(180 * KIB);
  expect(weigh(/^(simulator|chip-catalog)-/)).toBeLessThanOrEqual(42 * KIB);
  // The content policy allows no script, style or address of another place in the page itself.
  expect(index).not.toMatch(/<script>|<style|\son\w+=|https?:/);
  expect(readFileSync(join(PAGE, "LICENSES.txt"), "utf8")).toMatch(/preact 10\.[\s\S]*uplot 1\.6/);
});
