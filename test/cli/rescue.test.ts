import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { saveRescueFiles } from "../../src/cli/rescue.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-rescue-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("saves every piece beside the user and says what to type", () => {
  const text = saveRescueFiles(
    folder,
    [
      { address: 0x1000, data: Uint8Array.of(1, 2, 3) },
      { address: 0x2ff0, data: Uint8Array.of(4) },
    ],
    ["--port", "sim:AT25SF041?file=a.bin"],
  );
  expect(text).toBe(
    "Bytes outside of the file were saved here; put them back with: " +
      "norbridge write norbridge-rescue-0x1000-1.bin --offset 0x1000 --port 'sim:AT25SF041?file=a.bin' && " +
      "norbridge write norbridge-rescue-0x2ff0-1.bin --offset 0x2ff0 --port 'sim:AT25SF041?file=a.bin'",
  );
  expect([...readFileSync(join(folder, "norbridge-rescue-0x1000-1.bin"))]).toEqual([1, 2, 3]);
  expect([...readFileSync(join(folder, "norbridge-rescue-0x2ff0-1.bin"))]).toEqual([4]);
});

it("never overwrites", () => {
  writeFileSync(join(folder, "norbridge-rescue-0x0-1.bin"), "old");
  const text = saveRescueFiles(folder, [{ address: 0, data: Uint8Array.of(9) }], []);
  expect(text).toContain("norbridge write norbridge-rescue-0x0-2.bin --offset 0x0");
  expect(readFileSync(join(folder, "norbridge-rescue-0x0-1.bin"), "utf8")).toBe("old");
  expect(readdirSync(folder)).toHaveLength(2);
});

it("tells the bytes where they cannot be saved", () => {
  const text = saveRescueFiles(join(folder, "missing"), [{ address: 0x10, data: Uint8Array.of(0xca, 0xfe) }], []);
  expect(text).toMatch(/^These could not be saved: 0x10 \(ENOENT.*\): cafe$/);
});
