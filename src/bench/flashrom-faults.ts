/**
 * `npm run bench -- faults`: the same faults under flashrom and under norbridge, on a bridge like frser-duino (an unchecked
 * UART), served on a socket. What each of the two reported, and what the chip or the file held then.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sameBytes } from "../bytes.ts";
import { realClock } from "../clock.ts";
import { At25Model } from "../sim/chip/at25/model.ts";
import type { ChipModel } from "../sim/chip/core/chip-model.ts";
import { createChip } from "../sim/chip/chip-catalog.ts";
import { NO_FAULTS, type PlannedFault } from "../sim/link/link-faults.ts";
import { createRandom } from "../sim/random.ts";
import { parseSimParameters } from "../sim/sim-parameters.ts";
import { serveSimulation } from "../sim/sim-server.ts";
import { flashromMissing, type ProgramResult, runFlashrom, runProgram } from "./flashrom-program.ts";

const CLI = fileURLToPath(new URL("../../bin/norbridge.cjs", import.meta.url));
const CAPACITY = 512 * 1024;
/** A program that has not ended by then hangs. */
const LIMIT_SECONDS = 30;
const BROKEN_SECTOR = { address: 0x20000, lengthBytes: 4096 };
/** In the middle of the read, or of the pages, of either program. */
const IN_MID_JOB = 300_000;

interface FaultRow {
  readonly name: string;
  readonly job: "read" | "write" | "write-small";
  readonly planned?: readonly PlannedFault[] | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
  prepare?(chip: ChipModel): void;
}

const down = { direction: "down", atByte: IN_MID_JOB } as const;
const up = { direction: "up", atByte: IN_MID_JOB } as const;

export const FAULT_ROWS: readonly FaultRow[] = [
  { name: "one bit flipped in a read", job: "read", planned: [{ at: down, fault: { kind: "flip", bits: 1 } }] },
  { name: "one byte lost in a read", job: "read", planned: [{ at: down, fault: { kind: "drop", bytes: 1 } }] },
  { name: "one byte duplicated in a read", job: "read", planned: [{ at: down, fault: { kind: "duplicate" } }] },
  {
    name: "one byte lost on the way to the bridge",
    job: "write",
    planned: [{ at: up, fault: { kind: "drop", bytes: 1 } }],
  },
  {
    name: "bridge goes silent during a write",
    job: "write",
    planned: [{ at: up, fault: { kind: "mute", direction: "both" } }],
  },
  { name: "connection closed during a write", job: "write", planned: [{ at: up, fault: { kind: "disconnect" } }] },
  { name: "chip loses power during a write", job: "write", settings: { powerCutAt: "700000" } },
  {
    name: "one bit flipped on the way to the chip",
    job: "write",
    planned: [{ at: up, fault: { kind: "flip", bits: 1 } }],
  },
  {
    name: "a sector that will not erase",
    job: "write",
    prepare(chip) {
      chip.load(0, OLD);
      chip.breakErase(BROKEN_SECTOR);
    },
  },
  {
    name: "block protection held by hardware",
    job: "write",
    prepare(chip) {
      chip.load(0, OLD);
      if (!(chip instanceof At25Model)) throw new Error("not an AT25");
      // SRP0 and BP2 to BP0 set, WP# low.
      chip.presetStatus(0x9c, 0);
      chip.setPins({ wp: false });
    },
  },
  { name: "image smaller than the chip", job: "write-small" },
];

const OLD = createRandom("faults").branch("old").bytes(CAPACITY);
const IMAGE = createRandom("faults").branch("image").bytes(CAPACITY);
const SMALL = IMAGE.slice(0, 100_000);

/** Prints the table, or why there is none. */
export async function flashromFaultTable(print: (text: string) => void): Promise<void> {
  if (flashromMissing !== undefined) {
    print(flashromMissing);
    return;
  }
  print("| case | flashrom | norbridge |");
  print("| --- | --- | --- |");
  for (const row of FAULT_ROWS) {
    const theirs = await outcomeOf(row, "flashrom");
    const ours = await outcomeOf(row, "norbridge");
    print(`| ${row.name} | ${theirs} | ${ours} |`);
  }
}

async function outcomeOf(row: FaultRow, who: "flashrom" | "norbridge"): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-faults-"));
  const file = join(folder, "file.bin");
  const settings = { bridge: "frser-duino", times: "typical", ...row.settings };
  const params = parseSimParameters("AT25SF041", new Map(Object.entries(settings)));
  const chip = createChip("AT25SF041", { seed: 1, times: "typical" });
  if (row.job === "read") chip.load(0, OLD);
  row.prepare?.(chip);
  const server = await serveSimulation({
    params: { ...params, faults: { ...NO_FAULTS, planned: row.planned ?? [] } },
    chip,
    host: "127.0.0.1",
    port: 0,
    realtime: false,
    clock: realClock,
  });
  try {
    if (row.job !== "read") writeFileSync(file, row.job === "write" ? IMAGE : SMALL);
    const result = await run(who, row, file, server.address.port);
    return `${endOf(result, who)}; ${stateOf(row, file, chip)}`;
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(who: "flashrom" | "norbridge", row: FaultRow, file: string, port: number): Promise<ProgramResult> {
  const isRead = row.job === "read";
  if (who === "flashrom") {
    const args = ["-c", "AT25SF041", isRead ? "-r" : "-w", file];
    return runFlashrom(`serprog:ip=127.0.0.1:${port}`, args, LIMIT_SECONDS);
  }
  const connection = ["-p", `tcp://127.0.0.1:${port}`, "--protocol", "serprog", "-q"];
  return runProgram(process.execPath, [CLI, isRead ? "read" : "write", file, ...connection], LIMIT_SECONDS);
}

function endOf({ code, output }: ProgramResult, who: string): string {
  if (code === "killed") return `hangs, killed after ${LIMIT_SECONDS} s`;
  if (code === 0) return "exit 0";
  const says =
    who === "norbridge"
      ? (/error: (?:write: )?(?:tcp:\S+ )?(.*)/.exec(output)?.[1] ?? "")
      : output.includes("unknown state")
        ? "unknown state"
        : (output.trim().split("\n").at(-1) ?? "");
  return `exit ${code}: ${says.slice(0, 130)}`;
}

/** What is really there: in the file that was read, or on the chip. */
function stateOf(row: FaultRow, file: string, chip: ChipModel): string {
  if (row.job === "read") {
    try {
      return sameBytes(readFileSync(file), OLD) ? "file right" : "file wrong";
    } catch {
      return "no file";
    }
  }
  const image = row.job === "write" ? IMAGE : SMALL;
  const cells = chip.peek(0, CAPACITY);
  if (sameBytes(cells.slice(0, image.length), image)) return "chip right";
  if (row.prepare !== undefined && sameBytes(cells, OLD)) return "chip unchanged";
  const isOld = (at: number): boolean => sameBytes(cells.slice(at, at + 4096), OLD.slice(at, at + 4096));
  const isNew = (at: number): boolean => sameBytes(cells.slice(at, at + 4096), image.slice(at, at + 4096));
  let oldSectors = 0;
  let newSectors = 0;
  for (let at = 0; at < CAPACITY; at += 4096) {
    if (isNew(at)) newSectors++;
    else if (row.prepare !== undefined && isOld(at)) oldSectors++;
  }
  const others = CAPACITY / 4096 - oldSectors - newSectors;
  return `${newSectors} sectors new, ${oldSectors} as before, ${others} neither`;
}
