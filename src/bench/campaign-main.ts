/**
 * `npm run campaign -- [JOBS] [FIRST-SEED] [SECONDS] [native|serprog]`: so many seeded jobs, or as many as fit into so many seconds; prints
 * how they ended, and every seed that went wrong.
 */
import { parseSize } from "../bytes.ts";
import { realClock } from "../clock.ts";
import { runSeed } from "./campaign.ts";

const mostJobs = numberFrom(process.argv[2], 10_000);
const firstSeed = numberFrom(process.argv[3], 1);
const protocol = process.argv[5] === "serprog" ? "serprog" : "native";
const endUs = realClock.nowUs() + numberFrom(process.argv[4], 24 * 3600) * 1e6;
let jobs = 0;
const outcomes = new Map<string, number>();
let wrong = 0;
let virtualSeconds = 0;
for (let seed = firstSeed; jobs < mostJobs && realClock.nowUs() < endUs; seed++) {
  jobs++;
  const verdict = await runSeed(seed, protocol);
  outcomes.set(verdict.outcome, (outcomes.get(verdict.outcome) ?? 0) + 1);
  virtualSeconds += verdict.virtualSeconds;
  if (verdict.complaints.length === 0) continue;
  wrong++;
  print(`seed ${seed}: ${verdict.job}, ${verdict.outcome}`);
  for (const complaint of verdict.complaints) print(`  ${complaint}`);
}
print(
  `${jobs} jobs from seed ${firstSeed}, ${(virtualSeconds / 3600).toFixed(1)} hours of virtual time, ${wrong} wrong`,
);
for (const [outcome, count] of [...outcomes].sort((a, b) => b[1] - a[1]))
  print(`${String(count).padStart(8)}  ${outcome}`);
process.exitCode = wrong === 0 ? 0 : 1;

function numberFrom(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = parseSize(text);
  if (value === undefined) throw new Error(`expected a number, not "${text}"`);
  return value;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
