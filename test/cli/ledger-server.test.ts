/** `norbridge ledger join, lease, sync, rebuild-server`, and `account --server`, against a real PostgreSQL server. */
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, expect, it } from "vitest";
import { type CliResult, runHere } from "../support/cli.ts";
import { jsonLines } from "../support/fake-io.ts";
import { describeUnless } from "../support/needs.ts";
import { postgresMissing, usePostgres } from "../support/postgres.ts";
import { removeFolder } from "../support/remove-folder.ts";

const schema: unknown = JSON.parse(
  readFileSync(new URL("../../schema/norbridge-output-1.schema.json", import.meta.url), "utf8"),
);
const isPublished = new Ajv2020({ strict: false, validateFormats: false }).compile(schema as object);
const folder = mkdtempSync(join(tmpdir(), "norbridge-stations-"));
cpSync(fileURLToPath(new URL("../golden/recipes/good/", import.meta.url)), folder, { recursive: true });
afterAll(() => {
  removeFolder(folder);
});

function ledger(station: string, ...words: readonly string[]): Promise<CliResult> {
  return runHere(["ledger", ...words, "--ledger", join(folder, `${station}.sqlite`)]);
}

async function linesOf(work: Promise<CliResult>): Promise<Record<string, unknown>[]> {
  const lines = jsonLines((await work).stdout);
  for (const line of lines) expect([line, isPublished(line)]).toEqual([line, true]);
  return lines;
}

it("names what is wrong with a server, and never a password", async () => {
  const wrong = await ledger("none", "join", "--server", "mysql://u:geheim@host/db", "--station", "a");
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("postgres://USER@HOST:PORT/DATABASE")]);
  const away = await ledger("none", "join", "--server", "postgres://u:geheim@127.0.0.1:1/db", "--station", "a");
  expect([away.code, away.stderr]).toEqual([5, expect.stringContaining("u@127.0.0.1:1/db")]);
  for (const { stderr, stdout } of [wrong, away]) expect(stderr + stdout).not.toContain("geheim");
});

describeUnless(postgresMissing)("two stations", () => {
  const postgres = usePostgres();

  it("take numbers of one pool, each its own, and the server explains them", { timeout: 120_000 }, async () => {
    const server = ["--server", postgres.database()];
    const recipe = join(folder, "logger.yaml");
    const texts: unknown[] = [];
    for (const station of ["a", "b"]) {
      const joined = await ledger(station, "join", "--station", station, ...server);
      expect([joined.code, joined.stdout]).toEqual([0, expect.stringContaining(`is the station ${station}`)]);
      // The recipe brings the pools; their numbers come from the server.
      const none = await ledger(station, "take", recipe, "--jedec", "1f8401", "--uid", `010203040506070${station}`);
      expect([none.code, none.stderr]).toEqual([8, expect.stringContaining("has no number left")]);
      for (const pool of ["mk3-serial", "mk3-mac"]) {
        const [leased] = await linesOf(ledger(station, "lease", pool, "--count", "2", ...server, "--json"));
        expect(leased).toMatchObject({ ok: true, pool, left: "2" });
      }
      const taken = await linesOf(
        ledger(station, "take", recipe, "--jedec", "1f8401", "--uid", `010203040506070${station}`, "--json"),
      );
      texts.push(...taken.filter(({ type }) => type === "number").map(({ text }) => text));
      const [synced] = await linesOf(ledger(station, "sync", ...server, "--json"));
      expect(synced).toMatchObject({ ok: true, conflicts: 0 });
    }
    expect(new Set(texts).size).toBe(texts.length);
    const lines = await linesOf(ledger("a", "account", "mk3-serial", ...server, "--json"));
    expect(lines.filter(({ type }) => type === "number").map(({ station }) => station)).toEqual(["a", "b"]);
    expect(lines.filter(({ type }) => type === "block")).toHaveLength(2);
    expect(lines.at(-1)).toMatchObject({ ok: true, exposed: 2, unexplained: 0, conflicts: 0 });
    const text = await ledger("a", "account", "mk3-serial", ...server);
    expect(text.stdout).toMatch(/block \d+ to \d+: b, 1 of 2 given out/);
    const [rebuilt] = await linesOf(ledger("a", "rebuild-server", "--complete", ...server, "--json"));
    expect(rebuilt).toMatchObject({ stations: ["a", "b"], complete: true, events: 0 });
  });
});
