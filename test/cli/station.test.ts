/** `norbridge station ...` as a user types it. */
import { cpSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runHere } from "../support/cli.ts";
import { removeFolder } from "../support/remove-folder.ts";

const GOLDEN = fileURLToPath(new URL("../golden/recipes/", import.meta.url));
const VALUES = [
  "mac=70-B3-D5-12-30-01",
  "board=B00000002",
  "made=2026-11-29T12:00:00Z",
  "uid=0102030405060708",
].flatMap((value) => ["--value", value]);
const UNIT = ["--unit", "MK3-2648-00017F", ...VALUES];

let folder = "";
let recipe = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-station-"));
  cpSync(join(GOLDEN, "good"), folder, { recursive: true });
  recipe = join(folder, "logger.yaml");
});
afterAll(() => {
  removeFolder(folder);
});

it("checks, approves and composes", async () => {
  const checked = await runHere(["station", "check", recipe]);
  expect(checked).toMatchObject({ code: 0, stderr: "" });
  expect(checked.stdout).toMatch(/approval +none\nthe recipe has no errors\n$/);
  expect((await runHere(["station", "approve", recipe, "--by", "A. Smith"])).code).toBe(0);
  expect((await runHere(["station", "check", recipe])).stdout).toMatch(/approval +by A\. Smith, 20/);
  const files = [join(folder, "one.hex"), join(folder, "two.hex")];
  for (const file of files) {
    expect(await runHere(["station", "compose", recipe, ...UNIT, "-o", file])).toMatchObject({ code: 0, stderr: "" });
  }
  const [one, two] = files.map((file) => readFileSync(file));
  expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
  // The image is one that the other commands take.
  const port = ["-p", "sim:AT25SF041"];
  expect((await runHere(["write", files[0] ?? "", "--dry-run", ...port])).code).toBe(0);
});

it("writes the image to stdout, and nothing else", async () => {
  const { code, stdout, stderr } = await runHere([
    "station",
    "compose",
    recipe,
    ...UNIT,
    "-o",
    "-",
    "--format",
    "srec",
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^(?:S[0-9][0-9A-F]+\r?\n)+$/);
  expect(stderr).toContain("composed unit MK3-2648-00017F");
});

it("shows all errors with file, line and column, exit code 1", async () => {
  const { code, stdout } = await runHere(["station", "check", join(GOLDEN, "bad/04-not-yet.yaml")]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/04-not-yet\.yaml:14:5: the step contact is not in this version\n/);
});

it.each([
  [
    ["compose", "bad/04-not-yet.yaml", "--unit", "T-1", "-o", "x.hex"],
    9,
    /not-yet\.yaml:5:1: the key mode is not in this version \(9 more errors\)\nhint: {2}.*norbridge station check RECIPE/,
  ],
  [["approve", "bad/10-chips.yaml", "--by", "me"], 9, /10-chips\.yaml:5:28/],
  [["check", "bad/none.yaml"], 9, /cannot be read/],
  [
    ["compose", "good/logger.yaml", "--unit", "MK3-2648-00017F", "-o", "x.hex"],
    2,
    /values of the unit are missing: mac .*\nhint: {2}.*Use --value\./s,
  ],
  [["compose", "good/logger.yaml", ...UNIT, "-o", "x.bin"], 2, /a raw file has no addresses/],
  [["compose", "good/logger.yaml", ...UNIT, "-o", "x.uf2"], 2, /cannot be written as uf2/],
  [
    ["compose", "good/logger.yaml", ...UNIT, "--value", "mac=0", "-o", "x.hex"],
    2,
    /--value mac is given more than once/,
  ],
] as const)("refuses %j", async (words, exitCode, text) => {
  const [verb, file, ...rest] = words;
  const { code, stderr } = await runHere(["station", verb, join(GOLDEN, file), ...rest]);
  expect([code, stderr]).toEqual([exitCode, expect.stringMatching(text)]);
  expect(existsSync("x.hex")).toBe(false);
});
