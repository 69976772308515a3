/**
 * A stretch of the campaign (`npm run campaign`): seeded jobs under mixed faults of link, bridge, chip and host; and that its
 * oracle barks. NORBRIDGE_CAMPAIGN_JOBS says how many; CI continues with other seeds for minutes.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseCase } from "../../src/bench/campaign/case.ts";
import { runCase } from "../../src/bench/campaign/run-seed.ts";
import { type CampaignCase, drawScene, type JobKind } from "../../src/bench/campaign/scene.ts";
import { shrink } from "../../src/bench/campaign/shrink.ts";
import { effort } from "../support/effort.ts";
import { checkedByCrc32, PLANTED } from "./support/planted.ts";

const jobs = Number(process.env["NORBRIDGE_CAMPAIGN_JOBS"] ?? effort(20, 300));
const PER_TEST = effort(20, 50);
const FOUND_PER_TEST = effort(10, 50);

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

describe.each(["native", "serprog"] as const)("chips as they are found, %s", (protocol) => {
  const starts = Array.from({ length: Math.ceil(jobs / 2 / FOUND_PER_TEST) }, (_, i) => 1 + i * FOUND_PER_TEST);
  it.each(starts)(
    `${FOUND_PER_TEST} jobs from seed %i leave registers and modes as they were, or refuse before any change`,
    { timeout: 600_000 },
    async (first) => {
      const wrong = [];
      for (let seed = first; seed < first + FOUND_PER_TEST; seed++) {
        const verdict = await runCase({ seed, protocol, found: true });
        if (verdict.complaints.length > 0) wrong.push(verdict);
      }
      expect(wrong).toEqual([]);
    },
  );
});

it("every state in which a chip may be found is drawn", () => {
  const drawn = new Set<string>();
  for (let seed = 1; seed < 400; seed++) {
    const { found } = drawScene({ seed, protocol: "native", found: true });
    for (const key of Object.keys({ ...found?.found, ...found?.odd })) drawn.add(key);
    if (found?.statusRegisters.some((value) => value !== 0) === true) drawn.add("protection");
    if (found?.named !== undefined) drawn.add("named");
  }
  expect([...drawn].sort()).toEqual(
    [
      ...["bank", "busyMs", "busyReads", "cellsBytes", "continuousRead", "hasBlockLocks", "hasStickyError", "isAsleep"],
      ...["isFourByteMode", "isInQpi", "named", "noVolatile", "oneByteStatus", "protection", "sfdp", "status2Cleared"],
      "suspended",
    ].sort(),
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

/** Every second one; all in CI. */
it.each(regressions.filter((_, index) => index % effort(2, 1) === 0))("stays right: $was", async (regression) => {
  const verdict = await runCase(parseCase(JSON.stringify(regression.case)));
  expect(verdict.complaints).toEqual([]);
});

describe("the oracle barks at a planted bug", { timeout: 120_000 }, () => {
  const MAX_SEEDS = 2000;
  /** What a seed's job is, by seed: each bug looks for its kind, and a scene has a whole chip. */
  const kinds = { plain: [] as JobKind[], found: [] as JobKind[] };

  function kindOf(given: CampaignCase): JobKind {
    const known = given.found === true ? kinds.found : kinds.plain;
    return (known[given.seed] ??= drawScene(given).kind);
  }

  it.each(PLANTED)("$invariant: $what", async ({ invariant, kinds: shown, tamper, shows }) => {
    let seed = 0;
    for (; seed < MAX_SEEDS; seed++) {
      const given = { seed, protocol: "native" as const, ...(shows === undefined ? {} : { found: true }) };
      if (!shown.includes(kindOf(given)) || shows?.(drawScene(given)) === false) continue;
      const { complaints } = await runCase(given, tamper());
      if (!complaints.some((complaint) => complaint.invariant === invariant)) continue;
      expect((await runCase(given)).complaints, "without the bug").toEqual([]);
      break;
    }
    expect(seed, "the seed that shows it").toBeLessThan(MAX_SEEDS);
  });

  it("has three bugs for each of the ten, and four for what a job counts", () => {
    const count = (invariant: string): number => PLANTED.filter((bug) => bug.invariant === invariant).length;
    const all = ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10"];
    expect(all.map(count)).toEqual(all.map((invariant) => (invariant === "I7" ? 4 : 3)));
  });

  it("and at a check by CRC-32, which cannot tell records with their own CRC-32 apart", async () => {
    for (let seed = 0; seed < MAX_SEEDS; seed++) {
      const given = { seed, protocol: "native" as const, records: true };
      if (kindOf(given) !== "write") continue;
      const { complaints } = await runCase(given, checkedByCrc32(drawScene(given)));
      if (complaints.length === 0) continue;
      expect(complaints.map(({ invariant }) => invariant)).toContain("I1");
      expect((await runCase(given)).complaints, "without the bug").toEqual([]);
      return;
    }
    throw new Error("no seed shows it");
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
