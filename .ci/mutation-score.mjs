// Reads the reports of mutation testing: what was not noticed, line by line, and the score; ends with 1 below 90 %.
import { existsSync, readFileSync } from "node:fs";
import { AREAS, reportOf } from "./mutation-areas.mjs";

const MIN_PERCENT = 90;
const NOTICED = new Set(["Killed", "Timeout"]);
const LEFT = new Set(["Survived", "NoCoverage"]);

/** Throws where there is no report. */
function mutantsOf(name, isSlowPass) {
  const { files } = JSON.parse(readFileSync(reportOf(name, isSlowPass), "utf8"));
  return Object.entries(files).flatMap(([path, { mutants }]) => mutants.map((mutant) => ({ ...mutant, path })));
}

const keyOf = ({ path, location, mutatorName, replacement }) =>
  JSON.stringify([path, location.start, location.end, mutatorName, replacement]);

/** The places of what the quick tests let pass, as Stryker takes them. */
export function leftPlaces(name) {
  const left = mutantsOf(name, false).filter(({ status }) => LEFT.has(status));
  const places = left.map(({ path, location: { start, end } }) => {
    return `${path}:${start.line}:${start.column}-${end.line}:${end.column}`;
  });
  return [...new Set(places)];
}

function score(name) {
  const slowly = existsSync(reportOf(name, true)) ? mutantsOf(name, true) : [];
  const noticedSlowly = new Set(slowly.filter(({ status }) => NOTICED.has(status)).map((mutant) => keyOf(mutant)));
  const counts = new Map();
  for (const mutant of mutantsOf(name, false)) {
    // What was not changed at all (static, or no valid code) is not counted.
    if (!NOTICED.has(mutant.status) && !LEFT.has(mutant.status)) continue;
    const isLeft = LEFT.has(mutant.status) && !noticedSlowly.has(keyOf(mutant));
    const [noticed, all] = counts.get(mutant.path) ?? [0, 0];
    counts.set(mutant.path, [noticed + (isLeft ? 0 : 1), all + 1]);
    if (!isLeft) continue;
    const { path, location, replacement = "", mutatorName } = mutant;
    const instead = replacement.replaceAll(/\s+/g, " ").slice(0, 100);
    console.log(`${path}:${location.start.line}:${location.start.column} ${mutatorName}: ${instead}`);
  }
  const percent = ([noticed, all]) => `${((100 * noticed) / all).toFixed(1).padStart(5)} %  ${noticed} of ${all}`;
  for (const [path, count] of counts) console.log(`  ${percent(count)}  ${path}`);
  const total = [...counts.values()].reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
  console.log(`${name}: ${percent(total)} changes noticed`);
  return (100 * total[0]) / total[1];
}

if (process.argv[1]?.endsWith("mutation-score.mjs")) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(AREAS);
  const scores = names.map((name) => score(name));
  process.exitCode = scores.every((percent) => percent >= MIN_PERCENT) ? 0 : 1;
}
