/** README and docs as text: short enough, plain enough, and every link goes somewhere. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { PAGES, ROOT } from "./support/pages.ts";
import { anchorsOf, linksOf, median, sentencesOf, wordsIn } from "./support/prose.ts";

const README_LINES = 220;
const README_COLUMNS = 120;
/** The sentence in the middle is shorter than this, on every page. */
const SENTENCE_WORDS = 16;
const MAX_SENTENCE_WORDS = 40;

const textOf = (name: string): string => readFileSync(join(ROOT, name), "utf8");

describe("README.md", () => {
  const lines = textOf("README.md").trimEnd().split("\n");

  it("is read in five minutes", () => {
    expect(lines.length).toBeLessThanOrEqual(README_LINES);
  });

  it("has no line that an editor would wrap", () => {
    expect(lines.filter((line) => line.length > README_COLUMNS)).toEqual([]);
  });
});

/** Other pages that people read. */
const MORE_PAGES = [
  ...[
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "GLOSSARY.md",
    "SECURITY.md",
    "drivers/at25/at25.md",
    "drivers/at45/at45.md",
  ],
  ...["firmware-protocol/PROTOCOL.md", "firmware-protocol/serprog/SERPROG.md", "firmware-protocol/firmware/README.md"],
  ...readdirSync(join(ROOT, "docs/decisions")).map((name) => `docs/decisions/${name}`),
  ...["examples/04-sim-in-ci/README.md", "examples/07-own-driver/README.md", "examples/images/README.md"],
];

describe.each([...PAGES, ...MORE_PAGES])("%s", (name) => {
  const page = textOf(name);

  it("has short sentences", () => {
    const sentences = sentencesOf(page);
    expect(median(sentences.map(wordsIn))).toBeLessThan(SENTENCE_WORDS);
    expect(sentences.filter((sentence) => wordsIn(sentence) > MAX_SENTENCE_WORDS)).toEqual([]);
  });

  it("links to files and headings that exist", () => {
    const broken = linksOf(page).filter(({ path, anchor }) => {
      const target = join(ROOT, dirname(name), path);
      if (path !== "" && !existsSync(target)) return true;
      if (anchor === "") return false;
      return !anchorsOf(path === "" ? page : readFileSync(target, "utf8")).has(anchor);
    });
    expect(broken).toEqual([]);
  });
});

it("finds sentences, links and anchors", () => {
  const page =
    "# A b, c!\n\nOne two. See [the `x` page](x.md#y), and\ngo on. `code. Here`\n\n- item\n\n| a. B. | c |\n";
  expect(sentencesOf(page)).toEqual(["One two.", "See the code page, and go on.", "code", "item"]);
  expect(linksOf(page)).toEqual([{ path: "x.md", anchor: "y" }]);
  expect([...anchorsOf(page)]).toEqual(["a-b-c"]);
  expect(median([1, 5, 3, 100])).toBe(4);
});
