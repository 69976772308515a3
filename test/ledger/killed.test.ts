/**
 * Processes that are killed while they write a ledger, two at a time: what one has said is in the ledger, no number is with two
 * units, every number is explained, and the chain of events is whole.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import type { AccountLine } from "../../src/ledger/ledger.ts";
import { openLedger } from "../../src/ledger/sqlite-ledger.ts";
import { createRandom } from "../../src/sim/random.ts";
import { ensureCompiled } from "../support/cli.ts";
import { effort } from "../support/effort.ts";
import { ledgerFolder } from "./support.ts";

const path = ledgerFolder();
const STATION = fileURLToPath(new URL("station-process.mjs", import.meta.url));

beforeAll(() => {
  ensureCompiled();
});

/** Runs a station until it has written so many lines; returns them. */
function runUntilKilled(file: string, slot: string, lines: number): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [STATION, file, slot]);
    let text = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.split("\n").length > lines) child.kill("SIGKILL");
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => (errors += piece));
    child.on("error", reject);
    child.on("close", (_code, signal) => {
      if (signal !== "SIGKILL") reject(new Error(`the station ended by itself: ${errors}`));
      else resolve(text.split("\n").slice(0, -1));
    });
  });
}

/** States that a number may be in after a line said the first word. */
const AFTER: Readonly<Record<string, readonly string[]>> = {
  reserved: ["reserved", "exposed", "issued", "burned"],
  exposed: ["exposed", "issued", "burned"],
  issued: ["issued"],
  burned: ["burned"],
};

it("forgets nothing that was said", { timeout: 120_000 }, async () => {
  const random = createRandom("killed");
  const file = path("killed.sqlite");
  const taken = new Set<string>();
  const last = new Map<string, string>();
  for (let round = 0; round < effort(1, 12); round++) {
    const stations = ["1", "2"].map((slot) => runUntilKilled(file, slot, 1 + random.intBelow(effort(12, 40))));
    for (const line of (await Promise.all(stations)).flat()) {
      const [word = "", value = ""] = line.split(" ");
      if (word === "reserved") {
        expect(taken.has(value), `${value} was given out twice`).toBe(false);
        taken.add(value);
      }
      last.set(value, word);
    }
    const ledger = await openLedger(file, { programVersion: "test" });
    const { lines, unexplained } = await ledger.account("p");
    expect(unexplained).toEqual([]);
    expect(await ledger.verify()).toBeUndefined();
    const known = new Map(lines.map((line): [string, AccountLine] => [String(line.value), line]));
    for (const [value, word] of last) {
      expect(AFTER[word], `${value}: ${word}`).toContain(known.get(value)?.state);
      if (word === "issued") expect(known.get(value)?.serial).toBe(`T-${value}`);
    }
    const open = await ledger.openSessions();
    // What was exposed and is not on a unit stays with its session, until a person decides.
    expect(open.flatMap(({ numbers }) => numbers).filter(({ state }) => state === "issued")).toEqual([]);
    await ledger.close();
  }
  expect(taken.size).toBeGreaterThan(1);
});
