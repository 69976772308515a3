/** Files that are not what they seem, through the whole program: refused before the port is opened, with what helps. */
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runHere } from "../support/cli.ts";
import { removeFolder } from "../support/remove-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-odd-"));
afterAll(() => removeFolder(folder));

function file(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

/** A port that leaves a trace when it is opened: the file of its cells. */
const chipFile = (name: string): string => join(folder, `${name}.chip`);
const portOf = (name: string): string => `sim:AT25SF041?file=${chipFile(name)}`;

describe("C23: the wrong kind of file", () => {
  const zip = file("bios-as.bin", Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(3000, 7)]));

  it.each(["write", "verify", "diff"])("%s refuses it before the port is opened", async (command) => {
    const { code, stderr } = await runHere([command, zip, "-p", portOf(command)]);
    expect(code).toBe(9);
    expect(stderr).toContain(`error: ${zip}: this is a ZIP archive, not the bytes of a chip`);
    expect(stderr).toMatch(/hint: {2}Nothing was changed\. Unpack it .* specify the format bin\. Use --format\.\n$/);
    expect(existsSync(chipFile(command))).toBe(false);
  });

  it("stream refuses it as well", async () => {
    const { code, stderr } = await runHere(["stream", zip, "--range", "0x1000,64k", "-p", portOf("stream")]);
    expect(code).toBe(9);
    expect(stderr).toContain("Use --format.");
    expect(existsSync(chipFile("stream"))).toBe(false);
  });

  it("--format bin is the user's word", async () => {
    const port = portOf("forced");
    expect((await runHere(["write", zip, "--format", "bin", "-p", port, "--no-journal"])).code).toBe(0);
    expect((await runHere(["verify", zip, "--format", "bin", "-p", port])).code).toBe(0);
  });

  it("an image with a header of 2 KiB is named as that", async () => {
    const capsule = file("bios.cap", new Uint8Array(2048 + 512 * 1024));
    const { code, stderr } = await runHere(["write", capsule, "-p", "sim:AT25SF041"]);
    expect(code).toBe(9);
    expect(stderr).toContain("The file is 2 KiB longer than the chip: it may have a header, as an update capsule has.");
  });
});

describe("C43: S-records with a count and without an end record", () => {
  it("are written, with a note", async () => {
    const srec = file("counted.srec", "S1060100010203F2\nS5030001FB\n");
    const { code, stderr } = await runHere(["write", srec, "-p", "sim:AT25SF041", "--no-journal"]);
    expect(code).toBe(0);
    expect(stderr).toContain("the file has no end record; its record count proves that it is complete");
  });
});

describe("C30: an AT45 image for the other page size", () => {
  const PAGES = 512;
  const binary = file("dump256.bin", new Uint8Array(PAGES * 256).fill(0x5a));
  const standard = file("dump264.bin", new Uint8Array(PAGES * 264).fill(0xa5));

  it.each(["write", "verify", "diff"])("%s: 256 on a chip with 264", async (command) => {
    const { code, stderr } = await runHere([command, binary, "-p", "sim:AT45DB011D?pageBytes=264"]);
    expect(code).toBe(9);
    expect(stderr).toMatch(/the size of this chip with pages of 256 bytes, and it is set to pages of 264\n/);
    expect(stderr).toMatch(/`norbridge page-size` shows and changes the page size of an AT45\. Use --length\.\n$/);
  });

  it("--dry-run says the same, and a length settles it", async () => {
    const port = "sim:AT45DB011D?pageBytes=264";
    expect((await runHere(["write", binary, "--dry-run", "-p", port])).code).toBe(9);
    const forced = await runHere(["write", binary, "--length", String(PAGES * 256), "-p", port, "--no-journal"]);
    expect(forced.code).toBe(0);
  });

  it("264 on a chip with 256", async () => {
    const { code, stderr } = await runHere(["write", standard, "-p", "sim:AT45DB011D?pageBytes=256"]);
    expect(code).toBe(9);
    expect(stderr).toMatch(/does not fit.*\nwhere: .*\nhint: .*`norbridge page-size` shows and changes the page size/);
  });

  it("each on its own chip is written", async () => {
    for (const [image, pageBytes] of [
      [binary, 256],
      [standard, 264],
    ] as const) {
      const port = `sim:AT45DB011D?pageBytes=${pageBytes}`;
      expect((await runHere(["write", image, "-p", port, "--no-journal"])).code).toBe(0);
    }
  });
});
