/**
 * `npm run bench [-- WORDS]`: prints the table of the README. Virtual time: every line is the same on every computer but the
 * last.
 */
import { BENCH_JOBS, type BenchJob, BRIDGES, LINKS } from "./bench-jobs.ts";
import { type BenchRun, measure } from "./bench-world.ts";
import { extractionTable } from "./extraction-cost.ts";
import { fileSpeedTable } from "./file-speed.ts";
import { flashromCutTable } from "./flashrom-cuts.ts";
import { flashromFaultTable } from "./flashrom-faults.ts";
import { flashromSpeedTable } from "./flashrom-speed.ts";
import { hostCosts } from "./host-cost.ts";
import { logSpeedTable } from "./log-speed.ts";
import { noiseTable } from "./noise.ts";
import { readProofTable } from "./read-proof-cost.ts";
import { serprogSpeedTable } from "./serprog-speed.ts";
import { startTable } from "./start-cost.ts";
import { walkTable } from "./walk.ts";

const onlyJobs = process.argv.slice(2);

async function main(): Promise<void> {
  if (onlyJobs[0] === "noise") {
    const bridges = onlyJobs.slice(2);
    return noiseTable(Number(onlyJobs[1] ?? "20"), print, bridges.length > 0 ? bridges : undefined);
  }
  if (onlyJobs[0] === "faults") return flashromFaultTable(print);
  if (onlyJobs[0] === "cuts") return flashromCutTable(Number(onlyJobs[1] ?? "40"), print);
  if (onlyJobs[0] === "reads") return readProofTable(print);
  if (onlyJobs[0] === "serprog") return serprogSpeedTable(print);
  if (onlyJobs[0] === "flashrom") return flashromSpeedTable(Number(onlyJobs[1] ?? "3"), print);
  if (onlyJobs[0] === "start") {
    startTable(Number(onlyJobs[1] ?? "15"), print);
    return;
  }
  if (onlyJobs[0] === "files") {
    fileSpeedTable(Number(onlyJobs[1] ?? "5"), print);
    return;
  }
  if (onlyJobs[0] === "walk") {
    walkTable(onlyJobs[1] === "files", print);
    return;
  }
  if (onlyJobs[0] === "extraction") return extractionTable(Number(onlyJobs[1] ?? "100"), print);
  if (onlyJobs[0] === "logs") return logSpeedTable(print);
  const jobs = BENCH_JOBS.filter(({ name }) => onlyJobs.length === 0 || onlyJobs.some((word) => name.includes(word)));
  print(row("job", "bridge", "link", "seconds", "floor", "ratio", "target", "flashrom", "gain", "up", "down", "waits"));
  print(row(...new Array<string>(12).fill("---")));
  for (const job of jobs) for (const bridge of BRIDGES) await printLines(job, bridge);
  if (onlyJobs.length > 0) return;
  print("");
  print(row("host", "CPU s", "peak MiB", "virtual s"));
  print(row("---", "---", "---", "---"));
  for (const { job, cpuSeconds, peakMemoryMiB, virtualSeconds } of await hostCosts()) {
    print(row(job, cpuSeconds.toFixed(1), peakMemoryMiB.toFixed(0), virtualSeconds.toFixed(1)));
  }
}

async function printLines(job: BenchJob, bridge: (typeof BRIDGES)[number]): Promise<void> {
  for (const [index, link] of LINKS.entries()) {
    // The AT45 was compared at one rate.
    if (job.chip === "AT45DB041E" && job.floor[bridge][index] === undefined) continue;
    const settings = { ...link.settings, bridge, times: "typical", latencyMs: "0.5" };
    const run = await measure(
      job.chip,
      settings,
      (simulation) => job.prepare(simulation),
      (subject) => job.run(subject),
    );
    print(line(job, bridge, index, run));
  }
}

function line(job: BenchJob, bridge: (typeof BRIDGES)[number], index: number, run: BenchRun): string {
  const floor = job.floor[bridge][index];
  const flashrom = job.flashrom[index];
  return row(
    job.name,
    bridge,
    LINKS[index]?.name ?? "",
    run.seconds.toFixed(2),
    floor === undefined ? "" : String(floor),
    floor === undefined ? "" : (run.seconds / floor).toFixed(2),
    job.target === undefined ? "" : job.target.toFixed(2),
    flashrom === undefined ? "" : String(flashrom),
    flashrom === undefined ? "" : `${(flashrom / run.seconds).toFixed(1)} x`,
    String(run.bytesUp),
    String(run.bytesDown),
    String(run.roundTrips),
  );
}

function row(...cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
