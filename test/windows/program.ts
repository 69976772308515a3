/** Jobs on the simulated chip, and the program's words as cmd.exe hands them on. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { createRandom } from "../../src/sim/random.ts";
import { CLI_PROGRAM, NODE_EXE, type WindowsMachine } from "./support/windows-machine.ts";

const image = createRandom("image").bytes(70_000);
const CAPACITY_BYTES = 524_288;

export function programTests(machine: () => WindowsMachine): void {
  let folder: string;
  let folderName: string;
  beforeEach(() => {
    ({ path: folder, name: folderName } = machine().newFolder());
    writeFileSync(join(folder, "image.bin"), image);
  });
  const cli = (...args: string[]) => machine().startCli(args, { folder }).ended;
  const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));
  /** Runs lines of a batch file; `norbridge` in them is the program. */
  const batch = (...lines: string[]) => {
    const norbridge = `"${NODE_EXE}" "${CLI_PROGRAM}"`;
    const text = ["@echo off"];
    for (const line of lines) {
      text.push(line.replaceAll("norbridge", norbridge), "if errorlevel 1 exit /b %errorlevel%");
    }
    writeFileSync(join(folder, "lines.cmd"), `${text.join("\r\n")}\r\n`);
    return machine().start("C:\\windows\\system32\\cmd.exe", ["/c", "lines.cmd"], { folder }).ended;
  };

  it("info, write, verify, read, diff, undo on a simulated chip in a file", async () => {
    const old = createRandom("old").bytes(CAPACITY_BYTES);
    writeFileSync(join(folder, "chip.bin"), old);
    const port = ["-p", "sim:AT25SF041?file=chip.bin"];
    expect(await cli("info", ...port)).toMatchObject({ code: 0, stderr: "" });
    const written = await cli("write", "image.bin", "--keep-old", ...port);
    expect(written, written.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(bytesOf("chip.bin").subarray(0, image.length), image)).toBe(0);
    expect(await cli("verify", "image.bin", ...port)).toMatchObject({ code: 0 });
    expect(await cli("diff", "image.bin", ...port)).toMatchObject({ code: 0 });
    // By its whole name, and into a folder with a space and an umlaut.
    const back = `${folderName}\\zurück gelesen.bin`;
    expect(await cli("read", back, ...port)).toMatchObject({ code: 0 });
    expect(Buffer.compare(bytesOf("zurück gelesen.bin"), bytesOf("chip.bin"))).toBe(0);
    const undone = await cli("undo", ...port);
    expect(undone, undone.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(bytesOf("chip.bin"), old)).toBe(0);
    expect(await cli("diff", "image.bin", ...port)).toMatchObject({ code: 1 });
  });

  it("a port in double quotes goes through cmd.exe with its & and ?", async () => {
    const done = await batch(
      `norbridge write image.bin -p "sim:AT25SF041?file=a.bin&usb=fs"`,
      `norbridge verify image.bin -p "sim:AT25SF041?file=a.bin&usb=fs"`,
    );
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(bytesOf("a.bin").subarray(0, image.length), image)).toBe(0);
  });

  it("bytes go through a pipe and a redirection of cmd.exe as they are", async () => {
    writeFileSync(join(folder, "chip.bin"), createRandom("pipe").bytes(CAPACITY_BYTES));
    const done = await batch(
      `norbridge read - -p "sim:AT25SF041?file=chip.bin" > redirected.bin`,
      `norbridge read - -p "sim:AT25SF041?file=chip.bin" | "${NODE_EXE}" -e "process.stdin.pipe(fs.createWriteStream('piped.bin'))"`,
    );
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(bytesOf("redirected.bin"), bytesOf("chip.bin"))).toBe(0);
    expect(Buffer.compare(bytesOf("piped.bin"), bytesOf("chip.bin"))).toBe(0);
  });

  it("exit codes arrive at cmd.exe", async () => {
    expect(await batch("norbridge info -p sim:NOCHIP")).toMatchObject({ code: 2 });
    expect(await batch("norbridge verify none.bin -p sim:AT25SF041")).toMatchObject({ code: 9 });
    expect(await batch("norbridge blank-check -p sim:AT25SF041")).toMatchObject({ code: 0 });
  });
}
