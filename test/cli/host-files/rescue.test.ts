/**
 * Bytes that a chip did not take back are saved to files. They may be the only copy, so nothing is overwritten or
 * left out.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { rescueFolders, saveRescueFiles } from "../../../src/cli/host-files/rescue.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-rescue-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("saves every piece beside the user and says what to type", () => {
  const text = saveRescueFiles(
    [folder],
    [
      { address: 0x1000, data: Uint8Array.of(1, 2, 3) },
      { address: 0x2ff0, data: Uint8Array.of(4) },
    ],
    ["--port", "sim:AT25SF041?file=a.bin"],
  );
  expect(text).toBe(
    "Bytes outside the file were saved. Restore them with: " +
      "norbridge write norbridge-rescue-0x1000-1.bin --offset 0x1000 --port 'sim:AT25SF041?file=a.bin' && " +
      "norbridge write norbridge-rescue-0x2ff0-1.bin --offset 0x2ff0 --port 'sim:AT25SF041?file=a.bin'",
  );
  expect([...readFileSync(join(folder, "norbridge-rescue-0x1000-1.bin"))]).toEqual([1, 2, 3]);
  expect([...readFileSync(join(folder, "norbridge-rescue-0x2ff0-1.bin"))]).toEqual([4]);
});

it("never overwrites", () => {
  writeFileSync(join(folder, "norbridge-rescue-0x0-1.bin"), "old");
  const text = saveRescueFiles([folder], [{ address: 0, data: Uint8Array.of(9) }], []);
  expect(text).toContain("norbridge write norbridge-rescue-0x0-2.bin --offset 0x0");
  expect(readFileSync(join(folder, "norbridge-rescue-0x0-1.bin"), "utf8")).toBe("old");
  expect(readdirSync(folder)).toHaveLength(2);
});

it("takes the first folder that takes all of it", () => {
  const data = new Uint8Array(5000).fill(0xa5);
  writeFileSync(join(folder, "file"), "");
  const below = join(folder, "file", "below");
  const made = join(folder, "made", "for", "it");
  const text = saveRescueFiles([below, made, folder], [{ address: 0x10, data }], []);
  expect(text).toContain(`norbridge write ${join(made, "norbridge-rescue-0x10-1.bin")} --offset 0x10`);
  expect(readFileSync(join(made, "norbridge-rescue-0x10-1.bin"))).toEqual(Buffer.from(data));
});

it.skipIf(!existsSync("/dev/full"))("leaves no half file behind where the disk is full", () => {
  // Every name of the first folder leads to a full disk.
  const first = join(folder, "first");
  mkdirSync(first);
  symlinkSync("/dev/full", join(first, "norbridge-rescue-0x10-1.bin"));
  const text = saveRescueFiles([first, folder], [{ address: 0x10, data: Uint8Array.of(1) }], []);
  expect(text).toContain("norbridge-rescue-0x10-2.bin");
});

it("tells every byte where no folder takes them", () => {
  writeFileSync(join(folder, "file"), "");
  const data = new Uint8Array(5000).map((_, index) => index);
  const text = saveRescueFiles([join(folder, "file", "below")], [{ address: 0x10, data }], []);
  expect(text).toContain("a part of the path is not a directory");
  expect(text.endsWith(`: ${Buffer.from(data).toString("hex")}`)).toBe(true);
});

it("looks in the folders of the user and the system", () => {
  const folders = rescueFolders({ cwd: "/here", env: { XDG_STATE_HOME: "/state" } });
  expect(folders).toEqual(["/here", join("/state", "norbridge"), homedir(), tmpdir()]);
});
