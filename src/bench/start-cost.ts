/**
 * What a start of the program costs beside an empty Node.js: CPU time of user and system, in one run, so that load counts for
 * all.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../bin/norbridge.cjs", import.meta.url));

interface Start {
  readonly name: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly target?: number | undefined;
}

const INFO = [PROGRAM, "info", "-q", "-p", "sim:AT25SF041"];
const COMPILES = { NODE_DISABLE_COMPILE_CACHE: "1" };

const STARTS: readonly Start[] = [
  { name: "`node -e 0`", words: ["-e", "0"] },
  { name: "`norbridge --help`", words: [PROGRAM, "--help"], target: 2 },
  { name: "`norbridge info` on a simulated chip", words: INFO, target: 3 },
  { name: "`norbridge --help`, compiled anew", words: [PROGRAM, "--help"], env: COMPILES },
  { name: "`norbridge info`, compiled anew", words: INFO, env: COMPILES },
];

/** Prints medians of `rounds` rounds, in each of which every start has its turn. Needs bash. */
export function startTable(rounds: number, print: (line: string) => void): void {
  if (spawnSync("bash", ["-c", "exit"]).status !== 0) {
    print("The CPU time of a child process is taken by bash, which is not installed.");
    return;
  }
  const costs = STARTS.map(() => new Array<number>());
  // The first round compiles, for all later ones.
  for (let round = -1; round < rounds; round++) {
    for (const [index, start] of STARTS.entries()) {
      const milliseconds = cpuMs(start);
      if (round >= 0) costs[index]?.push(milliseconds);
    }
  }
  const medians = costs.map((list) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0);
  print(`Node.js ${process.version}, median of ${rounds}`);
  print("");
  print("| start | CPU ms | ratio | target |");
  print("| --- | --- | --- | --- |");
  for (const [index, { name, target }] of STARTS.entries()) {
    const median = medians[index] ?? 0;
    const ratio = median / (medians[0] ?? 1);
    print(
      `| ${name} | ${median.toFixed(0)} | ${ratio.toFixed(2)} | ${target === undefined ? "" : target.toFixed(1)} |`,
    );
  }
}

/** Throws if the program fails. */
function cpuMs({ words, env = {} }: Start): number {
  const script = 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>&1; } 2>&1';
  const times = execFileSync("bash", ["-c", script, "bash", process.execPath, ...words], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", ...env },
  });
  return times
    .trim()
    .split(" ")
    .reduce((sum, seconds) => sum + Number(seconds) * 1000, 0);
}
