/**
 * `npm run campaign -- [--seeds N] [--from SEED] [--seconds S] [--protocol native|serprog] [--plain]`: N seeded jobs, or as many
 * as fit into S seconds, four in five on chips in a state that an earlier program left (`--plain`: none). Prints how they ended,
 * and for every one that went wrong what is wrong, the smallest form of it, and the command that runs it again. `--case JSON`
 * runs one of those.
 */
import { parseArgs } from "node:util";
import { parseSize } from "../../bytes.ts";
import { realClock } from "../../clock.ts";
import { type JobVerdict, runCase } from "./run-seed.ts";
import { type CampaignCase, parseCase } from "./case.ts";
import { shrink } from "./shrink.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    from: { type: "string", default: "1" },
    seconds: { type: "string", default: "86400" },
    protocol: { type: "string", default: "native" },
    case: { type: "string" },
    plain: { type: "boolean", default: false },
  },
});

if (values.case === undefined) await runMany();
else await runOne(parseCase(values.case));

async function runOne(given: CampaignCase): Promise<void> {
  const verdict = await runCase(given);
  print(lineOf(verdict));
  for (const { invariant, what } of verdict.complaints) print(`  ${invariant}: ${what}`);
  print(`  trace ${verdict.traceHash}, ${verdict.virtualSeconds.toFixed(3)} s of virtual time`);
  process.exitCode = verdict.complaints.length === 0 ? 0 : 1;
}

async function runMany(): Promise<void> {
  const mostJobs = numberFrom("seeds", values.seeds);
  const firstSeed = numberFrom("from", values.from);
  if (values.protocol !== "native" && values.protocol !== "serprog") throw new Error("--protocol is native or serprog");
  const { protocol } = values;
  const endUs = realClock.nowUs() + numberFrom("seconds", values.seconds) * 1e6;
  const outcomes = new Map<string, number>();
  let jobs = 0;
  let wrong = 0;
  let virtualSeconds = 0;
  for (let seed = firstSeed; jobs < mostJobs && realClock.nowUs() < endUs; seed++) {
    jobs++;
    const verdict = await runCase({ seed, protocol, records: true, found: values.plain ? undefined : true });
    const ending =
      verdict.afterwards === undefined ? verdict.outcome : `${verdict.outcome}, then ${verdict.afterwards}`;
    outcomes.set(ending, (outcomes.get(ending) ?? 0) + 1);
    virtualSeconds += verdict.virtualSeconds;
    if (verdict.complaints.length === 0) continue;
    wrong++;
    await explain(verdict);
  }
  print(
    `${jobs} jobs from seed ${firstSeed}, ${(virtualSeconds / 3600).toFixed(1)} hours of virtual time, ${wrong} wrong`,
  );
  for (const [outcome, count] of [...outcomes].sort((a, b) => b[1] - a[1]))
    print(`${String(count).padStart(8)}  ${outcome}`);
  process.exitCode = wrong === 0 ? 0 : 1;
}

async function explain(verdict: JobVerdict): Promise<void> {
  print(lineOf(verdict));
  const lines = verdict.complaints.map(({ invariant, what }) => `  ${invariant}: ${what}`);
  for (const line of new Set(lines)) {
    const times = lines.filter((other) => other === line).length;
    print(times === 1 ? line : `${line} (${times} times)`);
  }
  const small = await shrink(verdict);
  print(`  again: npm run campaign -- --case '${JSON.stringify(small)}'`);
}

function lineOf({ case: { seed, protocol }, job, outcome, afterwards }: JobVerdict): string {
  return `seed ${seed}, ${protocol}: ${job}, ${outcome}${afterwards === undefined ? "" : `, then ${afterwards}`}`;
}

function numberFrom(name: string, text: string): number {
  const value = parseSize(text);
  if (value === undefined) throw new Error(`--${name} takes a number, not "${text}"`);
  return value;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
