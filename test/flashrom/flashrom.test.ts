/**
 * flashrom against `norbridge sim`, over TCP and over a pseudo terminal: identify, write with verify, read, erase, verify,
 * with no rule of the chip or of the wire broken.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cliProgram, ensureBuilt } from "../support/cli.ts";
import { effort } from "../support/effort.ts";
import { makePty, ptyMissing } from "../support/pty.ts";
import { flashromMissing, type ProgramResult, runFlashrom } from "../../src/bench/flashrom-program.ts";

interface Sim {
  readonly port: number;
  /** Ends it; answers which rules were broken, and how often. */
  stop(): Promise<Record<string, number>>;
}

async function startSim(args: readonly string[]): Promise<Sim> {
  ensureBuilt();
  const child = spawn(process.execPath, [cliProgram, "sim", "--listen", "127.0.0.1:0", "--json", ...args]);
  let out = "";
  let talk = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (talk += text));
  const ended = new Promise<string>((resolve) => {
    child.on("close", (code, signal) => resolve(`exit code ${code ?? "none"}, signal ${signal ?? "none"}`));
  });
  const listening = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => reject(new Error(`norbridge sim ended: ${out}`)));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      const port = /"type":"listening".*"port":([0-9]+)/.exec(out)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
  const port = await listening;
  return {
    port,
    async stop() {
      child.kill("SIGINT");
      const how = await ended;
      const last: unknown = JSON.parse(out.trim().split("\n").at(-1) ?? "{}");
      const rules: unknown = typeof last === "object" && last !== null ? Reflect.get(last, "brokenRules") : undefined;
      if (typeof rules !== "object" || rules === null) throw new Error(`no rules in ${out}${talk} (${how})`);
      return { ...rules };
    },
  };
}

const CHIPS = [
  { chip: "AT25SF041", called: "AT25SF041", sizeBytes: 524_288 },
  { chip: "AT25SF321", called: "AT25SF321", sizeBytes: 4_194_304 },
  { chip: "AT45DB041E?pageBytes=264", called: "AT45DB041D", sizeBytes: 540_672 },
  { chip: "W25Q128JV", called: "SFDP-capable chip", sizeBytes: 16_777_216 },
] as const;

/** A folder of the test's own. */
async function inFolder(job: (file: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-flashrom-"));
  try {
    await job((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** flashrom allows 50 ms for a byte when it begins; where the machine is busy that may be too little. */
async function patiently(run: () => Promise<ProgramResult>): Promise<ProgramResult> {
  for (let tries = 1; ; tries++) {
    const result = await run();
    if (tries === 3 || !result.output.includes("cannot synchronize protocol")) return result;
  }
}

/** Everything flashrom is used for. `erases`: also the erase of all, for which it waits itself where there is no O_DELAY. */
async function allJobs(
  file: (name: string) => string,
  programmer: string,
  called: string,
  sizeBytes: number,
  erases = true,
): Promise<void> {
  // Only the beginning, where the whole would take minutes; and of every chip but in CI.
  const isWhole = sizeBytes <= effort(0, 540_672);
  const usedBytes = isWhole ? sizeBytes : 0x20000;
  if (!isWhole) writeFileSync(file("layout"), "00000000:0001ffff part\n");
  const part = isWhole ? [] : ["-l", file("layout"), "-i", "part", "-N"];
  const flashrom = async (...args: string[]): Promise<string> => {
    const { code, output } = await patiently(() => runFlashrom(programmer, ["-c", called, ...args], 100));
    expect(code, output).toBe(0);
    return output;
  };
  const image = Buffer.alloc(sizeBytes, 0xff);
  for (let i = 0; i < usedBytes; i++) image[i] = (i * 31 + (i >> 8) * 7 + (i >> 16)) & 0xff;
  writeFileSync(file("image"), image);
  expect(await flashrom()).toContain("Found");
  expect(await flashrom("-w", file("image"), ...part)).toContain("VERIFIED");
  await flashrom("-r", file("read"), ...part);
  expect(Buffer.compare(readFileSync(file("read")).subarray(0, usedBytes), image.subarray(0, usedBytes))).toBe(0);
  expect(await flashrom("-v", file("image"), ...part)).toContain("VERIFIED");
  if (!erases) return;
  await flashrom("-E", ...part);
  await flashrom("-r", file("read"), ...part);
  expect(
    readFileSync(file("read"))
      .subarray(0, usedBytes)
      .every((byte) => byte === 0xff),
  ).toBe(true);
}

// Most of the time flashrom sleeps: side by side it takes a quarter of it.
describe
  .skipIf(flashromMissing !== undefined)
  .concurrent(`flashrom (${flashromMissing ?? "installed"})`, { timeout: 150_000 }, () => {
    it.each(CHIPS.slice(0, effort(1, 4)).map((each) => [each.chip, each] as const))(
      "drives %s over TCP",
      async (_, { chip, called, sizeBytes }) =>
        inFolder(async (file) => {
          const sim = await startSim(["--protocol", "serprog", "--chip", chip, "--image", file("chip")]);
          await allJobs(file, `serprog:ip=127.0.0.1:${sim.port}`, called, sizeBytes);
          expect(await sim.stop()).toEqual({});
        }),
    );

    const noPty = effort(0, 1) === 0 ? "in CI only" : ptyMissing;
    it.skipIf(noPty !== undefined)(`drives a chip over a pseudo terminal (${noPty ?? "there is one"})`, async () =>
      inFolder(async (file) => {
        const sim = await startSim(["--protocol", "serprog", "--chip", "AT25SF041", "--image", file("chip")]);
        const pty = await makePty();
        pty.peer.relay(connect(sim.port, "127.0.0.1"));
        try {
          await allJobs(file, `serprog:dev=${pty.path}:115200`, "AT25SF041", 524_288);
        } finally {
          await pty.peer.vanish();
        }
        expect(await sim.stop()).toEqual({});
      }),
    );

    it("is told from native on the same port", async () =>
      inFolder(async (file) => {
        const sim = await startSim(["--chip", "AT25SF041", "--image", file("chip")]);
        const programmer = `serprog:ip=127.0.0.1:${sim.port}`;
        const { code, output } = await patiently(() => runFlashrom(programmer, ["-c", "AT25SF041"]));
        expect(code, output).toBe(0);
        expect(await sim.stop()).toEqual({});
      }));

    // On TCP there are no packets, so bridges that hang on packets cannot be had here.
    it.each(["frser-duino", "stm32-vserprog", "pico-serprog", "esp32-serprog"].slice(0, effort(0, 4)))(
      "works with a bridge that behaves like %s",
      async (bridge) =>
        inFolder(async (file) => {
          const sim = await startSim(["--chip", `AT25SF041?bridge=${bridge}`, "--image", file("chip")]);
          const programmer = `serprog:ip=127.0.0.1:${sim.port}`;
          await allJobs(file, programmer, "AT25SF041", 524_288, bridge === "frser-duino");
          expect(await sim.stop()).toEqual({});
        }),
    );
  });
