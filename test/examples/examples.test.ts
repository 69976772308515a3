/**
 * Each example in a process of its own, on the built package, by the command at its head: without arguments, on the
 * simulator.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { RamDevice } from "../../examples/07-own-driver/ram-device.mjs";
import { flashDeviceConformance } from "../conformance/flash-device.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Runs an example, which has to name this very command, and rejects if it does not end with 0. */
async function runExample(name: string, ...words: string[]): Promise<{ stdout: string; stderr: string }> {
  const path = `examples/${name}`;
  expect(readFileSync(join(ROOT, path), "utf8")).toMatch(new RegExp(`^ \\*     node ${path}( |$)`, "m"));
  return promisify(execFile)(process.execPath, [path, ...words], { cwd: ROOT, timeout: 50_000 });
}

describe("the examples", () => {
  it("01: identifies the chip", async () => {
    const { stdout, stderr } = await runExample("01-identify.mjs");
    expect(stdout).toContain("Adesto AT25SF041, ID 1f8401, 512 KiB");
    expect(stderr).toBe("");
  });

  it("01: takes a port", async () => {
    const { stdout } = await runExample("01-identify.mjs", "sim:AT45DB161E");
    expect(stdout).toContain("AT45DB161E");
  });

  it("02: writes the example image and verifies it", async () => {
    const { stdout, stderr } = await runExample("02-write-image.mjs");
    expect(stdout).toMatch(/^49152 bytes, 8192 of them unchanged\n[1-9]\d* pages programmed, \d+ erases, verified\n$/);
    expect(stderr).toBe("");
  });

  it("02: takes a port and a file, and ends with the error's exit code", async () => {
    const folder = mkdtempSync(join(tmpdir(), "norbridge-example-"));
    try {
      const file = join(folder, "image.bin");
      writeFileSync(file, Uint8Array.of(1, 2, 3));
      const { stdout } = await runExample("02-write-image.mjs", "sim:AT25SF041", file);
      expect(stdout).toMatch(/^3 bytes, 0 of them unchanged\n1 pages programmed/);
      const missing = runExample("02-write-image.mjs", "sim:AT25SF041", join(folder, "none.bin"));
      const error = await missing.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 9 });
      // The message has what the program printed.
      expect(String(error)).toMatch(/FILE_INVALID: .*none\.bin/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("03: prints a temperature logger's dump as CSV, and reports what the power cut left", async () => {
    const { stdout, stderr } = await runExample("03-read-log/read-log.mjs");
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("time,temperature,battery,state");
    expect(lines.length).toBeGreaterThan(1000);
    expect(lines.at(-1)).toBe("2026-01-11T09:50:00Z,26.75,3.001,low battery");
    expect(stderr).toMatch(/certain[\s\S]*wrong marker or check byte/);
  });

  it("05: a safe has all old settings or all new ones after every power cut", async () => {
    const { stdout } = await runExample("05-safe-across-power-cut.mjs");
    const [, total, old, fresh] = /^(\d+) power cuts: (\d+) times the old.* (\d+) times the new.*never a mix$/m.exec(
      stdout,
    )!;
    expect(total).toBe("18");
    expect(Math.min(Number(old), Number(fresh))).toBeGreaterThan(0);
  });

  it("06: a stream is resumed where it was stopped", async () => {
    const { stdout } = await runExample("06-resume-stream.mjs");
    expect(stdout).toMatch(
      /^INTERRUPTED: stream: cancelled\nresumed at byte 40960 of 100000; the chip holds the image$/m,
    );
  });

  it("07: all that norbridge does works on a custom device, as its page shows", async () => {
    const { stdout } = await runExample("07-own-driver/main.mjs");
    expect(stdout).toBe("wrote 12 bytes, 1 page programmed, 0 erases\na setting: golden\nerased again: 255 255 255\n");
    const page = readFileSync(join(ROOT, "examples/07-own-driver/README.md"), "utf8");
    expect(page).toContain(`$ node examples/07-own-driver/main.mjs\n${stdout}`);
  });
});

flashDeviceConformance("example 07", () => {
  const device = new RamDevice();
  return Promise.resolve({
    device,
    peek: (address, lengthBytes) => device.cells.slice(address, address + lengthBytes),
    run: (job) => job(),
    violations: () => [],
  });
});
