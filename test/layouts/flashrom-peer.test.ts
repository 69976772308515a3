/** flashrom on its emulated chip, with the same layouts: it reads and writes the same bytes. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { flashromMissing, runFlashrom } from "../../src/bench/flashrom-program.ts";
import { createRandom } from "../../src/sim/random.ts";
import { runHere } from "../support/cli.ts";
import { effort } from "../support/effort.ts";
import { removeFolder } from "../support/remove-folder.ts";
import { descriptorOf, fmapOf } from "./support/layout-images.ts";

/** The smallest chip of 4 KiB sectors that flashrom emulates. */
const CHIP = { emulated: "SST25VF040.REMS", name: "SST25VF040", lengthBytes: 512 * 1024 };

describe.skipIf(flashromMissing !== undefined)(
  `flashrom as a second reader (${flashromMissing ?? "it is there"})`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "norbridge-peer-"));
    afterAll(() => removeFolder(folder));
    const path = (name: string): string => join(folder, name);
    const cells = createRandom("flashrom peer").bytes(CHIP.lengthBytes);
    cells.set(descriptorOf({ 0: [0, 0xfff], 1: [0x40000, 0x7ffff], 2: [0x3000, 0x3ffff], 3: [0x1000, 0x2fff] }));
    const areas = [
      { name: "RO", address: 0x40000, lengthBytes: 0x40000 },
      { name: "COREBOOT", address: 0x50000, lengthBytes: 0x20000 },
    ];
    cells.set(fmapOf(areas, CHIP.lengthBytes), 0x48000);
    writeFileSync(path("layout"), "00000000:00000fff head\n0x1000:0x2fff odd\n00003000:0007ffff rest\n");

    const LAYOUTS = [
      { words: ["-l", path("layout")], layout: path("layout"), region: "odd" },
      { words: ["--fmap"], layout: "fmap", region: "COREBOOT" },
      { words: ["--ifd"], layout: "ifd", region: "gbe" },
      { words: ["--ifd"], layout: "ifd", region: "me" },
    ];

    it.each(effort(LAYOUTS.slice(0, 2), LAYOUTS))(
      "$words, $region: the same bytes read and written",
      async ({ words, layout, region }) => {
        const full = createRandom(region).bytes(CHIP.lengthBytes);
        writeFileSync(path("full.bin"), full);
        for (const name of ["ours.bin", "theirs.bin"]) writeFileSync(path(name), cells);
        const programmer = `dummy:bus=spi,emulate=${CHIP.emulated},image=${path("theirs.bin")}`;
        const flashrom = async (...args: string[]): Promise<void> => {
          const { code, output } = await runFlashrom(programmer, ["-c", CHIP.name, ...words, "-i", region, ...args]);
          expect(code, output).toBe(0);
        };
        const ours = async (...args: string[]): Promise<void> => {
          const named = ["--layout", layout, "--region", region, "-p", `image:${path("ours.bin")}`];
          const { code, stderr } = await runHere([...args, ...named]);
          expect(code, stderr).toBe(0);
        };
        await flashrom("-r", path("theirs.got"));
        await ours("read", path("ours.got"));
        const read = readFileSync(path("theirs.got"));
        const at = Buffer.from(cells).indexOf(readFileSync(path("ours.got")));
        expect(at).toBeGreaterThanOrEqual(0);
        const lengthBytes = readFileSync(path("ours.got")).length;
        expect(Buffer.compare(read.subarray(at, at + lengthBytes), readFileSync(path("ours.got")))).toBe(0);
        await flashrom("-N", "-w", path("full.bin"));
        await ours("write", path("full.bin"), "--no-journal");
        expect(Buffer.compare(readFileSync(path("ours.bin")), readFileSync(path("theirs.bin")))).toBe(0);
        expect(Buffer.compare(readFileSync(path("ours.bin")), cells)).not.toBe(0);
      },
      120_000,
    );
  },
);
