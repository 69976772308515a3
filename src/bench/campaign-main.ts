/** `npm run campaign -- [JOBS] [FIRST-SEED]`: so many seeded jobs; prints how they ended, and every seed that went wrong. */
import { parseSize } from "../bytes.ts";
import { runSeed } from "./campaign.ts";

const [jobs, firstSeed] = [numberFrom(process.argv[2], 10_000), numberFrom(process.argv[3], 1)];
const outcomes = new Map<string, number>();
let wrong = 0;
let virtualSeconds = 0;
for (let seed = firstSeed; seed < firstSeed + jobs; seed++) {
  const verdict = await runSeed(seed);
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
