/**
 * The program is killed, or its disk is full, at each call that changes a file of the store. A dump is whole or absent,
 * and so is each line; what is in the index is there; the next command goes on.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { ExtractionStore } from "../../src/extract/extraction-store.ts";
import { createRandom } from "../../src/sim/random.ts";
import { runCli } from "../support/cli.ts";
import { effort } from "../support/effort.ts";
import { sha256 } from "../storage/support/packed-golden.ts";
import { run } from "./support/run.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-kills-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const example = fileURLToPath(new URL("../../examples/03-read-log/", import.meta.url));
const port = ["-p", `image:${join(example, "logger.bin")}`];
const struct = ["--struct", join(example, "record.json")];
const hook = fileURLToPath(new URL("support/fail-at.cjs", import.meta.url));
const RECORDS = 1148;

const empty = join(folder, "empty-store");
const filled = join(folder, "filled-store");
for (const serial of ["1", "2"]) await run(folder, "extract", "--store", filled, "--serial", serial, ...port);

const commands = [
  {
    name: "extract",
    start: empty,
    words: (store: string) => ["extract", "--store", store, "--serial", "3", ...port, ...struct],
  },
  { name: "logs decode", start: filled, words: (store: string) => ["logs", "decode", "--store", store, ...struct] },
  { name: "logs compact", start: filled, words: (store: string) => ["logs", "compact", "--store", store] },
];

/** Names of the calls that change a file, in order. */
async function callsOf(words: readonly string[]): Promise<readonly string[]> {
  const count = join(folder, "count.txt");
  rmSync(count, { force: true });
  const { code } = await runCli(words, { env: { NODE_OPTIONS: `--require ${hook}`, COUNT_INTO: count } });
  expect(code).toBe(0);
  return readFileSync(count, "utf8").split("\n");
}

function copyOf(start: string, name: string): string {
  const store = join(folder, `${name.replaceAll(" ", "-")}-store`);
  if (start !== empty) cpSync(start, store, { recursive: true });
  return store;
}

/** Everything that a reader relies on. */
async function check(path: string): Promise<void> {
  for (const name of filesBelow(path)) {
    if (!/dumps.*\.gz$/.test(name)) continue;
    const bytes = gunzipSync(readFileSync(join(path, name)));
    expect(name).toContain(sha256(bytes));
  }
  const store = new ExtractionStore(path, "test");
  const state = await store.state();
  for (const { dumps } of state.extractions.values()) {
    for (const { sha256: name, lengthBytes } of dumps) expect((await store.dumps.get(name)).length).toBe(lengthBytes);
  }
  const names = filesBelow(path);
  for (const [file, extractions] of state.files) {
    expect(names, file).toContain(file);
    expect(extractions.length).toBeGreaterThan(0);
  }
}

function filesBelow(path: string): readonly string[] {
  try {
    return readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/"));
  } catch {
    return [];
  }
}

/** The command again, undisturbed: all records are there once, and no file is left over. */
async function goOn(words: readonly string[], path: string, wanted: number): Promise<void> {
  const done = await run(folder, ...words, "--json");
  expect([done.code, done.err]).toEqual([0, ""]);
  expect((await run(folder, "logs", "decode", "--store", path)).code).toBe(0);
  await check(path);
  const store = new ExtractionStore(path, "test");
  const { decodes, files } = await store.state();
  const records = [...decodes.values()].flatMap(({ line }) => line.logs.map((log) => log.records));
  expect(records.filter((count) => count !== RECORDS)).toEqual([]);
  expect(records.length).toBeGreaterThanOrEqual(wanted);
  const left = filesBelow(join(path, "records")).filter((name) => name.endsWith(".parquet"));
  expect(left.map((name) => `records/${name}`).toSorted()).toEqual([...files.keys()].toSorted());
}

describe.each(effort(commands.slice(0, 1), commands))("$name", { timeout: 600_000 }, ({ name, words, start }) => {
  it("survives a kill and a full disk at every step", async () => {
    const random = createRandom(name);
    const calls = await callsOf(words(copyOf(start, `${name}-count`)));
    expect(calls.length).toBeGreaterThan(3);
    const steps = calls.map((_, at) => at + 1);
    // CI tries every second step; NORBRIDGE_KILLS=all tries each.
    const inCi = process.env["NORBRIDGE_KILLS"] === "all" ? steps : steps.filter((step) => step % 2 === 1);
    for (const step of effort([random.pick(steps)], inCi)) {
      for (const how of effort(["kill"], calls[step - 1] === "writeSync" ? ["kill", "full"] : ["kill"])) {
        const path = copyOf(start, `${name}-${how}-${step}`);
        const env = { NODE_OPTIONS: `--require ${hook}`, FAIL_AT: String(step), FAIL_HOW: how };
        const { code, stderr } = await runCli(words(path), { env });
        if (how === "kill") expect(code, `step ${step}`).toBe(-1);
        else if (code !== 0)
          expect([code, stderr]).toEqual([9, expect.stringContaining("no space is left on the disk")]);
        await check(path);
        await goOn(words(path), path, start === empty ? 1 : 2);
        rmSync(path, { recursive: true, force: true });
      }
    }
  });
});
