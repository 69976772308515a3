/** Every console block of README and docs is typed as it stands, and prints what the page shows. `npm run docs` rewrites them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { blocksOf } from "./support/blocks.ts";
import { isWriting, PAGES, ROOT } from "./support/pages.ts";
import { effort } from "../support/effort.ts";
import { isRun, RUN_LANGUAGES, runPage } from "./support/run-page.ts";

/** What a page's folder has of the checkout. The README has nothing: it is read without one as well. */
const linksOf = (page: string): readonly string[] => (page === "README.md" ? [] : ["examples"]);

/** The pages that a newcomer follows; CI, and `npm run docs`, run all. */
const FIRST_PAGES = ["README.md", "docs/getting-started.md", "docs/logs-and-settings.md"];

it.each(isWriting ? PAGES : effort(FIRST_PAGES, PAGES))(
  "%s: its blocks print what they show",
  { timeout: 180_000 },
  async (name) => {
    const path = join(ROOT, name);
    const page = readFileSync(path, "utf8");
    const asRun = await runPage(page, { links: linksOf(name) });
    if (isWriting) writeFileSync(path, asRun);
    else expect(asRun).toBe(page);
  },
);

it("leaves out few blocks, each with its reason", () => {
  const skipped = PAGES.flatMap((name) =>
    blocksOf(readFileSync(join(ROOT, name), "utf8"))
      .filter((block) => RUN_LANGUAGES.includes(block.language) && !isRun(block))
      .map((block) => `${name}: ${block.tags.join(" ")}: ${block.lines[0] ?? ""}`),
  );
  expect(skipped).toMatchInlineSnapshot(`
    [
      "README.md: install: npm start      # writes a program image to a simulated chip, and prints each command it runs",
      "README.md: install: npm pack                                      # builds the program and packs it",
      "README.md: hardware: norbridge list                  # serial ports, and which of them look like a bridge",
      "docs/extraction.md: hardware: norbridge logs views --store returns > views.sql",
      "docs/install.md: install: npm pack                                      # builds the program and packs it",
      "docs/install.md: hardware: norbridge doctor --udev | sudo tee /etc/udev/rules.d/70-norbridge.rules",
      "docs/install.md: hardware: sudo usermod -aG dialout "$USER"    # then log in again",
      "docs/page.md: hardware: npx norbridge page            # http://127.0.0.1:8485/",
      "docs/ports-and-simulator.md: hardware: norbridge sim --chip AT25SF041 --listen 127.0.0.1:4000 --image chip.bin",
      "docs/production.md: hardware: norbridge ledger take logger.yaml --jedec 1f8401 --uid 0102030405060708 --json   # numbers and the ID of the session",
      "docs/production.md: hardware: norbridge ledger join --server postgres://line@db.example/production --station line-1",
      "docs/serprog.md: hardware: flashrom -p serprog:dev=/dev/ttyACM0:115200 -r backup.bin",
      "docs/windows.md: install: sudo apt-get install --no-install-recommends wine64 gcc-mingw-w64-x86-64 socat",
    ]
  `);
});
