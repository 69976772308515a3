/**
 * A stretch of the campaign (`npm run campaign`): seeded jobs under mixed faults of link, bridge, chip and host; and that its
 * oracle barks. NORBRIDGE_CAMPAIGN_JOBS says how many; CI goes on with other seeds for minutes.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseCase } from "../../src/bench/campaign/case.ts";
import { runCase } from "../../src/bench/campaign/run-seed.ts";
import { drawScene } from "../../src/bench/campaign/scene.ts";
import { shrink } from "../../src/bench/campaign/shrink.ts";
import { effort } from "../support/effort.ts";
import { PLANTED } from "./support/planted.ts";

const jobs = Number(process.env["NORBRIDGE_CAMPAIGN_JOBS"] ?? effort(20, 300));
const PER_TEST = effort(20, 50);

describe.each(["native", "serprog"] as const)("%s", (protocol) => {
  const many = protocol === "native" ? jobs : jobs / 2;
  const starts = Array.from({ length: Math.ceil(many / PER_TEST) }, (_, i) => 1 + i * PER_TEST);
  it.each(starts)(
    `${PER_TEST} jobs from seed %i end right or with a clear error, and no byte is wrong`,
    { timeout: 600_000 },
    async (first) => {
      const wrong = [];
      for (let seed = first; seed < first + PER_TEST; seed++) {
        const verdict = await runCase({ seed, protocol });
        if (verdict.complaints.length > 0) wrong.push(verdict);
      }
      expect(wrong).toEqual([]);
    },
  );
});

it("a seed given again is the same run to the byte", async () => {
  for (const seed of [3, 17, 43, 1613]) {
    const [first, second] = [await runCase({ seed, protocol: "native" }), await runCase({ seed, protocol: "native" })];
    expect(second).toEqual(first);
    expect(first.traceHash).toMatch(/^[0-9a-f]{8,}$/);
  }
});

const regressions = JSON.parse(readFileSync(new URL("regressions.json", import.meta.url), "utf8")) as readonly {
  readonly was: string;
  readonly case: unknown;
}[];

it.each(regressions)("stays right: $was", async (regression) => {
  const verdict = await runCase(parseCase(JSON.stringify(regression.case)));
  expect(verdict.complaints).toEqual([]);
});

describe("the oracle barks at a planted bug", { timeout: 120_000 }, () => {
  const MOST_SEEDS = 2000;

  it.each(PLANTED)("$invariant: $what", async ({ invariant, kinds, tamper }) => {
    let seed = 0;
    for (; seed < MOST_SEEDS; seed++) {
      const given = { seed, protocol: "native" as const };
      if (!kinds.includes(drawScene(given).kind)) continue;
      const { complaints } = await runCase(given, tamper());
      if (complaints.some((complaint) => complaint.invariant === invariant)) break;
    }
    expect(seed, "the seed that shows it").toBeLessThan(MOST_SEEDS);
  });

  it("has three bugs for each of the eight", () => {
    const count = (invariant: string): number => PLANTED.filter((bug) => bug.invariant === invariant).length;
    expect(["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8"].map(count)).toEqual([3, 3, 3, 3, 3, 3, 3, 3]);
  });

  it("and a failing case becomes smaller, and still fails", async () => {
    const bug = PLANTED.find(({ what }) => what === "an erase of one block too many");
    if (bug === undefined) throw new Error("no such bug");
    for (let seed = 0; ; seed++) {
      const verdict = await runCase({ seed, protocol: "native" }, bug.tamper());
      if (!verdict.complaints.some(({ invariant }) => invariant === "I2")) continue;
      const small = await shrink(verdict, bug.tamper());
      expect(small.without).toContain("noise-up");
      expect(small.mostBytes ?? Number.POSITIVE_INFINITY).toBeLessThan(64 * 1024);
      const again = await runCase(parseCase(JSON.stringify(small)), bug.tamper());
      expect(again.complaints.map(({ invariant }) => invariant)).toContain("I2");
      return;
    }
  });
});
