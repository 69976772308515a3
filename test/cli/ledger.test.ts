/** `norbridge ledger ...`: a unit from its numbers to its record, as a script of a user makes it. */
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hostPlatform } from "../../src/platform.ts";
import { type CliResult, runHere, runQuickly } from "../support/cli.ts";
import { jsonLines } from "../support/fake-io.ts";
import { itUnless } from "../support/needs.ts";
import { removeFolder } from "../support/remove-folder.ts";

const GOOD = fileURLToPath(new URL("../golden/recipes/good/", import.meta.url));
const CHIP = ["--jedec", "1f8401", "--uid", "0102030405060708"];
const schema: unknown = JSON.parse(
  readFileSync(new URL("../../schema/norbridge-output-1.schema.json", import.meta.url), "utf8"),
);
const isPublished = new Ajv2020({ strict: false, validateFormats: false }).compile(schema as object);

let folder = "";
let recipe = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-ledger-"));
  cpSync(GOOD, folder, { recursive: true });
  recipe = join(folder, "logger.yaml");
});
afterAll(() => {
  removeFolder(folder);
});

function ledger(...words: readonly string[]): Promise<CliResult> {
  return runHere(["ledger", ...words, "--ledger", join(folder, "state/ledger.sqlite")]);
}

/** The lines of a command with --json, each as the schema says. */
async function lines(...words: readonly string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await ledger(...words, "--json");
  const said = jsonLines(stdout);
  for (const line of said) expect([line, isPublished(line)]).toEqual([line, true]);
  return said;
}

interface Taken {
  readonly session: string;
  readonly made: string;
  readonly texts: Readonly<Record<string, string>>;
}

async function take(...words: readonly string[]): Promise<Taken> {
  const said = await lines("take", recipe, ...words);
  const result = said.at(-1);
  const numbers = said.filter(({ type }) => type === "number");
  const texts = Object.fromEntries(numbers.map(({ name, text }) => [String(name), String(text)]));
  return { session: String(result?.["session"]), made: String(result?.["made"]), texts };
}

it("takes numbers, composes the unit, records it, and explains all of it", async () => {
  const { session, made, texts } = await take(...CHIP);
  const { serial = "", mac = "" } = texts;
  expect(serial).toMatch(/^MK3-[0-9]{4}-00001[0-9A-Z]$/);
  expect(mac).toBe("70-B3-D5-12-30-00");
  const values = [`mac=${mac}`, `made=${made}`, "board=B00000001", "uid=0102030405060708"].flatMap((one) => [
    "--value",
    one,
  ]);
  const compose = ["station", "compose", recipe, "--unit", serial, ...values, "-o", join(folder, "unit.hex"), "--json"];
  const composed = jsonLines((await runHere(compose)).stdout).at(-1);
  const sha256 = String(composed?.["unitSha256"]);
  expect(
    (await ledger("issue", session, "--unit", serial, "--image-hash", sha256, "--value", "board=B00000001")).code,
  ).toBe(0);
  const [unit] = await lines("unit", serial);
  expect(unit).toMatchObject({
    serial,
    contentSha256: sha256,
    chips: [{ uid: "0102030405060708" }],
    values: [{ name: "board" }],
  });
  const shown = await ledger("unit", serial);
  expect(shown.stdout).toContain(`mac      ${mac} (`);
  const failed = await take("--jedec", "1f8401", "--uid", "1112131415161718");
  expect((await ledger("burn", failed.session, "--reason", "cells fail")).code).toBe(0);
  const account = await ledger("account", "mk3-serial");
  expect(account).toMatchObject({ code: 0, stderr: "" });
  expect(account.stdout).toMatch(
    /^1 +MK3-\S+ +issued +MK3-\S+\n2 +MK3-\S+ +burned +cells fail\n1 issued, 1 burned, 99997 free\n$/,
  );
  expect(await lines("account", "mk3-serial")).toHaveLength(3);
});

it("knows the chip again, and gives it no other numbers", async () => {
  const { session, texts } = await take(...CHIP);
  expect(texts["mac"]).toBe("70-B3-D5-12-30-00");
  const again = await ledger("take", recipe, ...CHIP);
  expect([again.code, again.stderr]).toEqual([8, expect.stringContaining("which is still open")]);
  const check = await ledger("check");
  expect(check.stdout).toMatch(/^open: .*rework, open; \nthe ledger is undamaged: 2 pools, 1 open session\n$/);
  expect((await lines("check")).map(({ type }) => type)).toEqual(["session", "result"]);
  expect((await ledger("burn", session, "--reason", "only looked at")).code).toBe(0);
  const copied = await ledger(
    "take",
    recipe,
    "--jedec",
    "1f8401",
    "--uid",
    "9192939495969798",
    "--stored",
    texts["serial"] ?? "",
  );
  expect([copied.code, copied.stderr]).toEqual([2, expect.stringContaining("of a unit with another chip")]);
});

it("a known unit keeps the time it was made, and gets only the numbers that a later revision adds", async () => {
  const chip = ["--jedec", "1f8401", "--uid", "2122232425262728"];
  const first = await take(...chip);
  const serial = first.texts["serial"] ?? "";
  const made = "2026-03-01T12:00:00Z";
  const issue = ["issue", first.session, "--unit", serial, "--image-hash", "a".repeat(64), "--value", `made=${made}`];
  expect((await ledger(...issue)).code).toBe(0);
  const text = readFileSync(recipe, "utf8").replace("revision: 7", "revision: 8");
  writeFileSync(recipe, text.replace("  mac: {pool: mk3-mac}\n", "  mac: {pool: mk3-mac}\n  radio: {pool: mk3-mac}\n"));
  const again = await take(...chip);
  expect(again).toMatchObject({ made, texts: first.texts });
  expect(again.texts["radio"]).toMatch(/^70-B3-D5-12-30-[0-9A-F]{2}$/);
  expect(again.texts["radio"]).not.toBe(first.texts["mac"]);
  expect((await ledger("issue", again.session, "--unit", serial, "--image-hash", "b".repeat(64))).code).toBe(0);
  const [unit] = await lines("unit", serial);
  expect(unit).toMatchObject({ numbers: [{ name: "mac" }, { name: "radio" }, { name: "serial" }] });
  expect((await take(...chip)).texts).toEqual(again.texts);
});

it("exports every event, each with the hash of the one before", async () => {
  const { code, stdout } = await ledger("export");
  expect(code).toBe(0);
  const events = jsonLines(stdout);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.slice(1).map(({ prev }) => prev)).toEqual(events.slice(0, -1).map(({ hash }) => hash));
  expect((await lines("export")).length).toBe(events.length + 1);
});

it.each([
  [["unit", "X"], 1, /there is no unit X in the ledger/],
  [["account", "none"], 2, /there is no pool none in the ledger/],
  [["burn", "none", "--reason", "x"], 2, /there is no session none/],
  [["issue", "none", "--unit", "X", "--image-hash", "12"], 2, /it takes 64 hex digits/],
  [["take", "none.yaml"], 9, /none\.yaml: cannot be read/],
] as const)("refuses %j", async (words, exitCode, text) => {
  const { code, stdout, stderr } = await ledger(...words);
  expect([code, stdout + stderr]).toEqual([exitCode, expect.stringMatching(text)]);
});

itUnless(hostPlatform === "windows" ? "names of files there have no colon" : undefined)(
  "takes every name for a file, also those that SQLite takes for none",
  async () => {
    for (const name of [":memory:", "file:numbers.sqlite?mode=memory"]) {
      const options = { cwd: folder };
      expect((await runQuickly(["ledger", "take", recipe, "--ledger", name], options)).code).toBe(0);
      const { stdout } = await runQuickly(["ledger", "account", "mk3-serial", "--ledger", name], options);
      expect(stdout).toContain("1 exposed, 99998 free");
      expect(existsSync(join(folder, name))).toBe(true);
    }
  },
);

it("reads no ledger that is not there", async () => {
  const { code, stderr } = await runHere(["ledger", "account", "p", "--ledger", join(folder, "none.sqlite")]);
  expect([code, stderr]).toEqual([9, expect.stringContaining("no such file or directory")]);
});
