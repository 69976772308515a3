/**
 * `npm run bench -- cuts [N]`: power goes at N places between the first erase and the last program of a write of 1500 bytes
 * over the end of one sector and the begin of the next; then it comes back, and the same is asked again: of flashrom by the
 * same command, of norbridge by `resume`. What the chip holds in the end: the image, and around it what was there.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sameBytes } from "../bytes.ts";
import { realClock } from "../clock.ts";
import { applyChipFaults } from "../sim/chip/core/chip-faults.ts";
import { createChip } from "../sim/chip/chip-catalog.ts";
import type { ChipModel } from "../sim/chip/core/chip-model.ts";
import { createRandom } from "../sim/random.ts";
import { parseSimParameters } from "../sim/sim-parameters.ts";
import { serveSimulation } from "../sim/sim-server.ts";
import { flashromMissing, runFlashrom, runProgram } from "./flashrom-program.ts";

const CLI = fileURLToPath(new URL("../../bin/norbridge.cjs", import.meta.url));
const CAPACITY = 512 * 1024;
const START = 4096 - 100;
const LENGTH = 1500;
const LIMIT_SECONDS = 20;
const OLD = createRandom("cuts").branch("old").bytes(CAPACITY);
const IMAGE = createRandom("cuts").branch("image").bytes(LENGTH);
const EXPECTED = OLD.slice();
EXPECTED.set(IMAGE, START);

type Who = "flashrom" | "norbridge";

/** Prints the two rows, or why there are none. */
export async function flashromCutTable(count: number, print: (text: string) => void): Promise<void> {
  if (flashromMissing !== undefined) {
    print(flashromMissing);
    return;
  }
  print("| power cut at so many places, then once more | all right | bytes around the image lost | image not whole |");
  print("| --- | --- | --- | --- |");
  for (const who of ["flashrom", "norbridge"] as const) {
    const [first, last] = await changesOf(who);
    const ends = new Map<string, number>();
    for (let place = 0; place < count; place++) {
      const end = await endOf(who, Math.floor(first + ((last - first) * place) / count), place);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    const of = (end: string): number => ends.get(end) ?? 0;
    print(`| ${who}, ${count} | ${of("right")} | ${of("around")} | ${of("image")} |`);
  }
}

/** SPI bytes before the first erase, and after the last program, of an undisturbed run. */
async function changesOf(who: Who): Promise<readonly [number, number]> {
  const chip = oldChip();
  const marks: number[] = [];
  let changes = 0;
  const watched = new Proxy(chip, {
    get(target, name) {
      if (name === "deselect") {
        return (nowNs: number) => {
          target.deselect(nowNs);
          const { programs, erases, spiBytes } = target.counters;
          if (programs + erases > changes) marks.push(spiBytes);
          changes = programs + erases;
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  await withFolder((folder) => run(who, watched, folder, false));
  return [(marks[0] ?? 0) - 1, (marks.at(-1) ?? 0) + 1];
}

function oldChip(): ChipModel {
  const chip = createChip("AT25SF041", { seed: 1, times: "typical" });
  chip.load(0, OLD);
  return chip;
}

async function endOf(who: Who, powerCutAtByte: number, seed: number): Promise<string> {
  const chip = oldChip();
  return withFolder(async (folder) => {
    await run(who, applyChipFaults(chip, { powerCutAtByte }, createRandom(seed)), folder, false);
    const healed = chip.fork();
    healed.powerCut(400e9, createRandom(seed));
    healed.powerOn(-1e9);
    await run(who, healed, folder, true);
    const cells = healed.peek(0, CAPACITY);
    if (!sameBytes(cells.slice(START, START + LENGTH), IMAGE)) return "image";
    return sameBytes(cells, EXPECTED) ? "right" : "around";
  });
}

async function run(who: Who, chip: ChipModel, folder: string, isSecond: boolean): Promise<void> {
  const params = parseSimParameters("AT25SF041", new Map(Object.entries({ bridge: "frser-duino", times: "typical" })));
  const server = await serveSimulation({ params, chip, host: "127.0.0.1", port: 0, realtime: false, clock: realClock });
  const { port } = server.address;
  try {
    if (who === "flashrom") {
      const part = [START.toString(16), (START + LENGTH - 1).toString(16)].join(":");
      writeFileSync(join(folder, "layout"), `${part} part\n`);
      const whole = OLD.slice();
      whole.set(IMAGE, START);
      writeFileSync(join(folder, "image"), whole);
      const layout = ["-l", join(folder, "layout"), "-i", "part", "-N"];
      await runFlashrom(
        `serprog:ip=127.0.0.1:${port}`,
        ["-c", "AT25SF041", "-w", join(folder, "image"), ...layout],
        LIMIT_SECONDS,
      );
      return;
    }
    writeFileSync(join(folder, "image"), IMAGE);
    const journal = join(folder, "jobs");
    const words = ["-p", `tcp://127.0.0.1:${port}`, "--protocol", "serprog", "--journal", journal, "-q"];
    const isLeft = isSecond && readdirSync(journal).length > 0;
    const job = isLeft ? ["resume"] : ["write", join(folder, "image"), "--offset", String(START)];
    await runProgram(process.execPath, [CLI, ...job, ...words], LIMIT_SECONDS);
  } finally {
    await server.close();
  }
}

async function withFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-cuts-"));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
