/** `read --skip-blank` and `--family`: files with gaps, which lead back to the same chip. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createRandom } from "../../src/sim/random.ts";
import { runHere } from "../support/cli.ts";
import { removeFolder } from "../support/remove-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-gaps-"));
afterAll(() => removeFolder(folder));
const path = (name: string): string => join(folder, name);

const CHIP_BYTES = 512 * 1024;
const cells = new Uint8Array(CHIP_BYTES).fill(0xff);
cells.set(createRandom("gaps").bytes(3000), 0x1010);
cells[0x7_ffff] = 0;
writeFileSync(path("full.bin"), cells);
const full = ["-p", `image:${path("full.bin")}`];

describe("read --skip-blank", () => {
  it.each(["hex", "srec", "uf2"])("%s has what is not blank, and leads back to the same bytes", async (format) => {
    const file = path(`backup.${format}`);
    const { code, stdout, stderr } = await runHere(["read", file, "--skip-blank", ...full]);
    expect([code, `${stdout}${stderr}`]).toEqual([
      0,
      expect.stringMatching(/^read 512 KiB into .* \(3328 bytes stored, the rest is blank\)/m),
    ]);
    // 13 pieces of 256 bytes, of 2048.
    expect(readFileSync(file).length).toBeLessThan(14 * 1024);
    const chip = ["-p", `sim:AT25SF041?file=${path(`${format}.chip`)}`];
    expect((await runHere(["write", file, "--no-journal", ...chip])).code).toBe(0);
    expect((await runHere(["verify", path("full.bin"), ...chip])).code).toBe(0);
  });

  it.each([[["--range", "0x1011,5000"]], [["--range", "0x1100,256"]], [["--offset", "0x10c3"]]])(
    "odd ranges lose nothing: %j",
    async (range) => {
      const [hex, raw] = [path("part.hex"), path("part.bin")];
      expect((await runHere(["read", hex, "--skip-blank", ...range, ...full])).code).toBe(0);
      expect((await runHere(["read", raw, ...range, ...full])).code).toBe(0);
      expect((await runHere(["verify", hex, ...full])).code).toBe(0);
      const first = range[0] === "--offset" ? 0x10c3 : Number(range[1]?.split(",")[0]);
      expect((await runHere(["verify", `${raw}@${first}`, ...full])).code).toBe(0);
    },
  );

  it("a blank range gives no file", async () => {
    const { code, stderr } = await runHere([
      "read",
      path("blank.hex"),
      "--skip-blank",
      "--range",
      "0x40000,4k",
      ...full,
    ]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("error: the range is blank: without its blank bytes")]);
    expect(existsSync(path("blank.hex"))).toBe(false);
  });

  it.each([
    [["a.bin", "--skip-blank"], "--skip-blank cannot be used with a raw file, which has no gaps"],
    [["a.hex", "--family", "RP2040"], "--family is for UF2 files, and this is a hex file"],
    [["a.uf2", "--family", "none"], "--family none is not valid: it takes the name of a UF2 family"],
  ])("%j is refused", async ([name = "", ...words], message) => {
    const { code, stderr } = await runHere(["read", path(name), ...words, ...full]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`error: ${message}`)]);
  });
});

describe("read --family", () => {
  it.each([[[]], [["--skip-blank"]]])("is in every block: %j", async (words) => {
    const file = path("family.uf2");
    expect((await runHere(["read", file, "--family", "rp2040", "--range", "0x1000,4k", ...words, ...full])).code).toBe(
      0,
    );
    const bytes = readFileSync(file);
    expect(bytes.length).toBeGreaterThan(0);
    for (let at = 0; at < bytes.length; at += 512) {
      expect([bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 28)]).toEqual([0x2000, 0xe48bff56]);
      expect(bytes.readUInt32LE(at + 24)).toBe(bytes.length / 512);
    }
    expect((await runHere(["verify", file, ...full])).stderr).toContain("UF2 family 0xe48bff56 (RP2040)");
  });
});
