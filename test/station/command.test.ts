/**
 * `norbridge station run` with real processes: the example's recipe, and a station that is killed at any moment. What it
 * has shown as PASS is in the ledger, and every number is explained.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { openLedger } from "../../src/ledger/sqlite-ledger.ts";
import { createRandom } from "../../src/sim/random.ts";
import { ensureCompiled } from "../support/cli.ts";
import { effort } from "../support/effort.ts";
import { stationFolder } from "./support.ts";

const folder = stationFolder();
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const RECIPE = join(ROOT, "examples/08-station/logger.yaml");
const NUMBERS = 99_999n;

beforeAll(() => {
  ensureCompiled();
});

interface Ended {
  readonly code: number | null;
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** Runs a station; kills it after so many records. */
function station(ledger: string, words: readonly string[], killAfter = Number.POSITIVE_INFINITY): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const program = [join(ROOT, "dist/bin/norbridge.cjs"), "station", "run", RECIPE, "--json", "--ledger", ledger];
    const child = spawn(process.execPath, [...program, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.split("\n").length > killAfter) child.kill("SIGKILL");
    });
    child.stderr.resume();
    child.on("error", reject);
    child.on("close", (code) => {
      const lines = text.split("\n").slice(0, -1);
      resolve({ code, records: lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>) });
    });
  });
}

function passedIn({ records }: Ended): readonly string[] {
  return records.flatMap(({ phase, unit }) => (phase === "pass" ? [String(unit)] : []));
}

it("makes the units of the example, one process for each slot", { timeout: 120_000 }, async () => {
  const file = join(folder, "example.sqlite");
  const [slots, units] = [effort(1, 3), effort(2, 20)];
  const port = `${slots}*sim:AT25SF161B?units=${units}&bounce=0.3&pull=0.1`;
  const ended = await station(file, ["--slots", port, "--units", String(units)]);
  expect([ended.code, ended.records.at(-1)]).toMatchObject([0, { type: "result", ok: true, passed: units, failed: 0 }]);
  const ledger = await openLedger(file, { programVersion: "test", readOnly: true });
  expect(await ledger.verify()).toBeUndefined();
  const { lines, unexplained } = await ledger.account("serial");
  expect([unexplained, lines.filter(({ state }) => state === "issued").length]).toEqual([[], units]);
  await ledger.close();
});

it("has recorded what it has shown, also if it is killed", { timeout: 300_000 }, async () => {
  const random = createRandom("killed station");
  const file = join(folder, "killed.sqlite");
  const passed = new Set<string>();
  for (let round = 0; round < effort(1, 6); round++) {
    const port = `${effort(1, 2)}*sim:AT25SF161B?units=50&seed=${1000 * round}`;
    const ended = await station(file, ["--slots", port], 10 + random.intBelow(effort(15, 60)));
    expect(ended.code).toBeNull();
    for (const serial of passedIn(ended)) {
      expect(passed.has(serial), `${serial} was passed twice`).toBe(false);
      passed.add(serial);
    }
    const ledger = await openLedger(file, { programVersion: "test" });
    expect(await ledger.verify()).toBeUndefined();
    const { lines, unexplained, next } = await ledger.account("serial");
    expect(unexplained).toEqual([]);
    expect((await ledger.numbersLeft("serial")) + next).toBeGreaterThanOrEqual(NUMBERS);
    const issued = new Set(lines.flatMap(({ state, text }) => (state === "issued" ? [text] : [])));
    expect([...passed].filter((serial) => !issued.has(serial))).toEqual([]);
    await ledger.close();
  }
});
