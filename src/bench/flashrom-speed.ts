/**
 * `npm run bench -- flashrom [REPEATS]`: flashrom and norbridge one after the other on the same simulated serprog bridge,
 * over real sockets and in real time. The median of the repeats counts, and the ratio of the two.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { realClock } from "../clock.ts";
import { createRandom } from "../sim/random.ts";
import { parseSimParameters } from "../sim/sim-parameters.ts";
import { serveSimulation } from "../sim/sim-server.ts";
import { flashromMissing, type ProgramResult, runFlashrom, runProgram } from "./flashrom-program.ts";

const CLI = fileURLToPath(new URL("../../bin/norbridge.cjs", import.meta.url));
const CAPACITY = 512 * 1024;
const LIMIT_SECONDS = 240;

interface Link {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  /** What is specified to norbridge about the link, which it sees as TCP. */
  readonly words: readonly string[];
}

const LINKS: readonly Link[] = [
  { name: "frser-duino, 2 Mbaud", settings: { bridge: "frser-duino", baud: "2000000" }, words: [] },
  { name: "pico-serprog, USB FS", settings: { bridge: "pico-serprog" }, words: ["--checked"] },
];

interface Files {
  readonly image: string;
  readonly changed: string;
  readonly sector: string;
  readonly read: string;
}

/** Sector of the third job. */
const SECTOR_AT = 0x20000;
const SECTOR_BYTES = 4096;

const JOBS: readonly {
  readonly name: string;
  /** What the chip holds before: nothing, or the image. */
  readonly before: "blank" | "image";
  flashrom(files: Files): readonly string[];
  norbridge(files: Files): readonly string[];
}[] = [
  {
    name: "write random to blank, verify",
    before: "blank",
    flashrom: ({ image }) => ["-w", image],
    norbridge: ({ image }) => ["write", image],
  },
  {
    name: "one 4 KiB sector changed",
    before: "image",
    flashrom: ({ changed }) => ["-w", changed],
    norbridge: ({ sector }) => ["write", sector, "--offset", String(SECTOR_AT)],
  },
  {
    name: "read all",
    before: "image",
    flashrom: ({ read }) => ["-r", read],
    norbridge: ({ read }) => ["read", read],
  },
];

/** Prints the table, or why there is none. */
export async function flashromSpeedTable(repeats: number, print: (text: string) => void): Promise<void> {
  if (flashromMissing !== undefined) {
    print(flashromMissing);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "norbridge-bench-"));
  try {
    const image = createRandom("flashrom").branch("image").bytes(CAPACITY);
    const sector = createRandom("flashrom").branch("sector").bytes(SECTOR_BYTES);
    const changed = image.slice();
    changed.set(sector, SECTOR_AT);
    const files = {
      image: join(folder, "image.bin"),
      changed: join(folder, "changed.bin"),
      sector: join(folder, "sector.bin"),
      read: join(folder, "read.bin"),
    };
    writeFileSync(files.image, image);
    writeFileSync(files.changed, changed);
    writeFileSync(files.sector, sector);
    print(`| job | bridge and link | flashrom, s | norbridge, s | ratio of the medians of ${repeats} |`);
    print("| --- | --- | --- | --- | --- |");
    for (const link of LINKS) {
      for (const job of JOBS) {
        const { flashrom, norbridge } = await medians(
          link,
          job,
          files,
          job.before === "image" ? image : undefined,
          repeats,
        );
        print(
          `| ${job.name} | ${link.name} | ${flashrom.toFixed(1)} | ${norbridge.toFixed(1)} | ${(flashrom / norbridge).toFixed(1)} x |`,
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Median seconds of both programs, which run by turns. */
async function medians(
  link: Link,
  job: (typeof JOBS)[number],
  files: Files,
  before: Uint8Array | undefined,
  repeats: number,
): Promise<{ readonly flashrom: number; readonly norbridge: number }> {
  const theirs: number[] = [];
  const ours: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    theirs.push(
      await timed(link, before, ({ port }) =>
        runFlashrom(`serprog:ip=127.0.0.1:${port}`, ["-c", "AT25SF041", ...job.flashrom(files)], LIMIT_SECONDS),
      ),
    );
    ours.push(
      await timed(link, before, ({ port }) => {
        const bridge = ["-p", `tcp://127.0.0.1:${port}`, "--protocol", "serprog", "-q", ...link.words];
        return runProgram(process.execPath, [CLI, ...job.norbridge(files), ...bridge], LIMIT_SECONDS);
      }),
    );
  }
  return { flashrom: median(theirs), norbridge: median(ours) };
}

/** Seconds of a program against a bridge of its own, start of the program included. */
async function timed(
  link: Link,
  before: Uint8Array | undefined,
  run: (address: { readonly port: number }) => Promise<ProgramResult>,
): Promise<number> {
  const settings = { times: "typical", latencyMs: "0.5", ...link.settings };
  const server = await serveSimulation({
    params: parseSimParameters("AT25SF041", new Map(Object.entries(settings))),
    host: "127.0.0.1",
    port: 0,
    realtime: true,
    clock: realClock,
  });
  if (before !== undefined) server.simulation.chip.load(0, before);
  try {
    const { code, output, seconds } = await run(server.address);
    if (code !== 0) throw new Error(`the program ended with ${code}: ${output}`);
    return seconds;
  } finally {
    await server.close();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
