/**
 * What reading a large image file costs beside srec_cat, and what very many short segments cost. In CPU time, so that
 * load counts for all.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { concatBytes } from "../bytes.ts";
import { removeFile } from "../disk/folder.ts";
import { quietly } from "../disk/quietly.ts";
import { replaceFile } from "../disk/replace-file.ts";
import type { ImageEncoder } from "../files/image-encoder.ts";
import { intelHexEncoder } from "../files/intel-hex.ts";
import { srecEncoder } from "../files/srec.ts";
import { createRandom } from "../sim/random.ts";

const SIZE = 16 * 1024 * 1024;
const SHREDS = 900_000;
const READER = fileURLToPath(new URL("../files/open-image.js", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../bin/norbridge.cjs", import.meta.url));

/**
 * Opens a file as a job does, and prints the most memory it took, MiB. What the system counts first is the parent's
 * before the start.
 */
const READ = `const { openImage } = await import(process.argv[1]);
const { existsSync, readFileSync } = await import("node:fs");
await openImage(process.argv[2]);
const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
const ownKiB = /VmHWM:\\s+(\\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
console.log(Number(ownKiB) / 1024);`;

/** Prints medians of `rounds` rounds. Needs bash; srec_cat for the ratios. */
export function fileSpeedTable(rounds: number, print: (line: string) => void): void {
  if (spawnSync("bash", ["-c", "exit"]).status !== 0) {
    print("The CPU time of a child process is taken by bash, which is not installed.");
    return;
  }
  const hasSrecCat = spawnSync("srec_cat", ["--version"]).error === undefined;
  print("| file | CPU s | peak MiB | srec_cat CPU s | ratio | target |");
  print("| --- | --- | --- | --- | --- | --- |");
  const data = createRandom("file speed").bytes(SIZE);
  for (const [name, encoder, option] of [
    ["hex", intelHexEncoder(), "-intel"],
    ["srec", srecEncoder(), "-motorola"],
  ] as const) {
    inFile(name, concatBytes([encoder.data(0, data), encoder.end()]), (file) => {
      const words = ["--input-type=module", "-e", READ, READER, file];
      const own = median(rounds, () => cpuSeconds(process.execPath, words));
      const peakMiB = Number(execFileSync(process.execPath, words, { encoding: "utf8" }));
      const other = hasSrecCat
        ? median(rounds, () => cpuSeconds("srec_cat", [file, option, "-o", "/dev/null", "-binary"]))
        : undefined;
      const ratio = other === undefined ? "" : (own / other).toFixed(2);
      print(
        `| 16 MiB, ${name} | ${own.toFixed(2)} | ${peakMiB.toFixed(0)} | ${other?.toFixed(2) ?? ""} | ${ratio} | 1.00 |`,
      );
    });
  }
  inFile("hex", shredded(intelHexEncoder()), (file) => {
    const words = [PROGRAM, "write", file, "-q", "--no-journal", "-p", "sim:W25Q128JV"];
    const own = median(rounds, () => cpuSeconds(process.execPath, words));
    print(`| ${SHREDS} segments of one byte, written to a simulated chip | ${own.toFixed(2)} | | | | 5 s |`);
  });
}

/** Every second byte. */
function shredded(encoder: ImageEncoder): Uint8Array {
  const bytes = Array.from({ length: SHREDS }, (_, index) => encoder.data(2 * index, Uint8Array.of(index & 0x7f)));
  return concatBytes([...bytes, encoder.end()]);
}

function inFile(format: string, contents: Uint8Array, run: (file: string) => void): void {
  const file = join(tmpdir(), `norbridge-bench-${process.pid}.${format}`);
  replaceFile(file, contents);
  try {
    run(file);
  } finally {
    quietly(() => {
      removeFile(file);
    });
  }
}

function median(rounds: number, measure: () => number): number {
  const all = Array.from({ length: rounds }, measure).sort((a, b) => a - b);
  return all[all.length >> 1] ?? 0;
}

/** User and system time of a program. Throws if it fails. */
function cpuSeconds(program: string, words: readonly string[]): number {
  const script = 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>&1; } 2>&1';
  const times = execFileSync("bash", ["-c", script, "bash", program, ...words], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return times
    .trim()
    .split(" ")
    .reduce((sum, seconds) => sum + Number(seconds), 0);
}
