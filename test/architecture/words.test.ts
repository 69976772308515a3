/** Plain English where a person reads: messages, help, documents, comments. The words are in word-list.ts. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { commentsOf, commentsOfC, sourceFiles, textsOfFile } from "../support/source-texts.ts";
import { UNWANTED_IN_COMMENTS, unwantedIn, WORD_LIST } from "./word-list.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Saves taking most files apart; a sum of texts is not seen through, so it may stand between two words. */
const ANY = new RegExp(WORD_LIST.map(({ pattern }) => pattern.source.replaceAll(" ", "[^a-z]+")).join("|"), "i");

/** Names of values and of fields are no English: a text is what has a space. */
const isText = (text: string): boolean => /\S \S/.test(text);

function wordsOfSource(file: string): string[] {
  return textsOfFile(file, ANY).flatMap(({ text, line }) =>
    isText(text) ? unwantedIn(text).map((found) => `${line}: ${found}`) : [],
  );
}

/** Lines of a page, without what a program printed and what code says. */
function wordsOfPage(page: string): string[] {
  let isCode = false;
  return page.split("\n").flatMap((line, index) => {
    if (/^\s*```/.test(line)) isCode = !isCode;
    return isCode ? [] : unwantedIn(line.replace(/`[^`]*`/g, "`")).map((found) => `${index + 1}: ${found}`);
  });
}

const PAGES = [
  ...["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...["firmware-protocol/PROTOCOL.md", "firmware-protocol/serprog/SERPROG.md", "firmware-protocol/firmware/README.md"],
  ...["drivers/at25/at25.md", "drivers/at45/at45.md"],
  ...pagesUnder("docs"),
  ...pagesUnder("src/storage"),
  ...pagesUnder("examples"),
];

function pagesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .toSorted();
}

const HELP = readdirSync(join(ROOT, "test/golden/help")).map((name) => `test/golden/help/${name}`);

/** Folders with comments that belong to the project. */
const COMMENTED = ["src", "drivers", "firmware-protocol", "test", "examples", ".ci"];

/** Unwanted words in comments, as "file:line: word". Only a file that has such a word at all is taken apart. */
function wordsOfComments(): string[] {
  const files = COMMENTED.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map(
      (name) => `${folder}/${name.replaceAll("\\", "/")}`,
    ),
  ).filter((name) => /\.(?:tsx?|mjs|c|h)$/.test(name) && !/node_modules|\/golden\//.test(name));
  return files.flatMap((name) => {
    const source = readFileSync(join(ROOT, name), "utf8");
    if (source.search(UNWANTED_IN_COMMENTS) < 0) return [];
    return wordsInComments(name, source);
  });
}

function wordsInComments(name: string, source: string): string[] {
  return (/\.[ch]$/.test(name) ? commentsOfC(source) : commentsOf(source, name)).flatMap(({ text, line }) =>
    text
      .split("\n")
      .flatMap((part, at) => (part.match(UNWANTED_IN_COMMENTS) ?? []).map((word) => `${name}:${line + at}: ${word}`)),
  );
}

/** By file, what is wrong in it. */
function allUnwanted(): Map<string, string[]> {
  const sources = sourceFiles(["drivers", "src"]).filter((file) => !file.startsWith("src/bench/"));
  const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");
  const found: [string, string[]][] = [
    ...sources.map((file): [string, string[]] => [file, wordsOfSource(file)]),
    ...PAGES.filter((name) => existsSync(join(ROOT, name))).map((name): [string, string[]] => [
      name,
      wordsOfPage(read(name)),
    ]),
    ...HELP.map((name): [string, string[]] => [name, unwantedIn(read(name))]),
  ];
  return new Map(found.filter(([, words]) => words.length > 0));
}

it("uses no word of the list", () => {
  const found = allUnwanted();
  if (process.env["NORBRIDGE_SHOW_WORDS"] !== undefined) {
    for (const [file, words] of found) process.stdout.write(`${file}: ${words.length}\n  ${words.join("\n  ")}\n`);
  }
  expect([...found]).toEqual([]);
});

it("names the actor in comments", () => {
  expect(wordsOfComments()).toEqual([]);
});

it("sees comments and nothing else", () => {
  const typescript =
    'const a = "// nobody"; // Nobody asks.\n/** One line.\n * Whoever calls. */\nconst b = `/* anybody */ ${a /* somebody */}`;\n';
  expect(wordsInComments("a.ts", typescript).toSorted()).toEqual([
    "a.ts:1: Nobody",
    "a.ts:3: Whoever",
    "a.ts:4: somebody",
  ]);
  const c = 'char *a = "/* nobody */"; /* the so-manieth\n   of anybody */\nint b; // whoever\n';
  expect(wordsInComments("a.c", c)).toEqual(["a.c:1: so-manieth", "a.c:2: anybody", "a.c:3: whoever"]);
});

it("finds what the list is for, and leaves right uses alone", () => {
  for (const wrong of [
    "the chip says its name",
    "a line that nobody checks",
    "the job is gone on with",
    "the step in hand",
    "the digest behind the programs",
    "0x10 is no multiple of 4096",
    "a job on a AT25SF041",
    "its sound header",
    "locks it for good",
    "--all and --range do not go together",
    "another program holds the port",
    "the device behind this port",
  ]) {
    expect(unwantedIn(wrong), wrong).not.toEqual([]);
  }
  for (const right of [
    "an AT25SF041",
    "the board behind",
    "a good frame",
    "the start of the region",
    "it begins at 0x1000",
    "no number is given",
    "put the chip back into its socket",
    "the chip holds 512 KiB",
    "there are 3 bytes left",
  ]) {
    expect(unwantedIn(right), right).toEqual([]);
  }
  expect(WORD_LIST.every(({ pattern }) => pattern.flags.includes("g"))).toBe(true);
});
