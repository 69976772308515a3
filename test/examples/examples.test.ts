/** The example programs that need no hardware, run as they are. */
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { RamDevice } from "../../examples/07-own-driver/ram-device.ts";
import { flashDeviceConformance } from "../conformance/flash-device.ts";

const FOLDER = new URL("../../examples/", import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, FOLDER));

describe("the examples", () => {
  it("03: reads a temperature logger's dump to CSV, and says what the power cut left", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { readLogger } = await import("../../examples/03-read-log/read-log.ts");
    const lines: string[] = [];
    for await (const line of readLogger(path("03-read-log/logger.bin"), path("03-read-log/record.json")))
      lines.push(line);
    expect(lines[0]).toBe("time,temperature,battery,state");
    expect(lines.length).toBeGreaterThan(1000);
    expect(lines.at(-1)).toBe("2026-01-11T09:50:00Z,26.75,3.001,low battery");
    expect(said.mock.calls.flat().join("\n")).toMatch(/certain[\s\S]*check byte does not fit/);
    said.mockRestore();
  });

  it("05: a safe has the old settings or the new ones after every power cut", { timeout: 60_000 }, async () => {
    const said = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const { tryPowerCuts } = await import("../../examples/05-safe-across-power-cut.ts");
    const counts = await tryPowerCuts();
    expect(counts.old + counts.new).toBe(18);
    expect(Math.min(counts.old, counts.new)).toBeGreaterThan(0);
    expect(said.mock.calls.flat().join("\n")).toContain("never a mix");
    said.mockRestore();
  });

  it("07: a device of one's own carries all that norbridge does", async () => {
    const said = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const { main } = await import("../../examples/07-own-driver/ram-device.ts");
    await main();
    expect(said.mock.calls.flat()).toEqual([
      "wrote 12 bytes, 1 page programmed, 0 erases",
      "a setting: golden",
      "erased again: 255 255 255",
    ]);
    said.mockRestore();
  });

  it("06: a stream goes on where it was stopped", async () => {
    const said = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await import("../../examples/06-resume-stream.ts");
    expect(said.mock.calls.flat().join("\n")).toMatch(/INTERRUPTED[\s\S]*went on at byte 40960 of 100000/);
    said.mockRestore();
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
