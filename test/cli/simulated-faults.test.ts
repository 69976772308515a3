/**
 * What is said of a simulated chip: faults that were asked for are no bug of ours, and a chip that cannot be saved is
 * an error.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { cliProgram, ensureBuilt, runHere } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-simulated-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const image = join(folder, "image.bin");
writeFileSync(image, new Uint8Array(1000).fill(0x53));
const BUG = "that is a bug in norbridge";

it.each(["stuckAt=0x100", "stuckAt=0x100&seed=7"])("%s: what the chip saw is a note, and no bug", async (fault) => {
  const done = await runHere(["write", image, "-p", `sim:AT25SF041?${fault}`]);
  expect([done.code, done.stderr]).toEqual([8, expect.stringContaining("note: the simulated chip saw")]);
  expect(done.stderr).toContain("program-zero-to-one (3 times), with the faults set by its port");
  expect(done.stderr).not.toContain(BUG);
});

it("a rule that is broken without a fault is a bug", async () => {
  const chipFile = join(folder, "wrong.json");
  const part = {
    name: "WRONG",
    jedecId: "1f8401",
    capacityBytes: 524_288,
    // The chip knows no 99h: it must not be treated as a fault of the user's.
    erase: [{ opcode: "0x99", sizeBytes: 4096, typicalMs: 70, maximumMs: 500 }],
    chipErase: { opcode: "0x99", typicalMs: 5000, maximumMs: 20_000 },
    program: { typicalMs: 0.7, maximumMs: 3 },
  };
  writeFileSync(chipFile, JSON.stringify(part));
  const file = join(folder, "chip.bin");
  writeFileSync(file, new Uint8Array(524_288));
  const done = await runHere(["erase", "--all", "--chip-file", chipFile, "-p", `sim:AT25SF041?file=${file}`]);
  expect(done.code).not.toBe(0);
  expect(done.stderr).toContain("unknown-opcode");
  expect(done.stderr).toContain(BUG);
});

it.skipIf(process.platform === "win32")("a chip that cannot be saved is exit 9 with the path, also with --json", () => {
  ensureBuilt();
  const run = (words: string): string => {
    const command = `cd ${folder}; trap '' XFSZ; ulimit -f 64; node ${cliProgram} ${words} 2>&1; echo "exit $?"`;
    return execFileSync("bash", ["-c", command], { encoding: "utf8" });
  };
  const said = run("write image.bin -q -p 'sim:AT25SF041?file=new.bin' --json");
  expect(said).toMatch(/"code":"FILE_EXISTS","message":"[^"]*cannot write new\.bin: [^"]+"/);
  expect(said).toMatch(/exit 9\n$/);
});
