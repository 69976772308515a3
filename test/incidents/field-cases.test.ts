/**
 * Rows of docs/field-cases.md that no other test has: the chip as it was found, a small write through the whole
 * program, its cells.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import { openFlash } from "../../src/flash/open-flash.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";
import type { Simulation } from "../../src/sim/simulation.ts";
import { runHere } from "../support/cli.ts";
import { removeFolder } from "../support/remove-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-field-"));
afterAll(() => removeFolder(folder));

/** More than the largest erase that a chip here has. */
const AROUND_BYTES = 128 * 1024;

/** Content from `address` on, and an image over a part of it that needs an erase. */
interface Scene {
  readonly simulation: Simulation;
  readonly content: Uint8Array;
  readonly address: number;
}

async function sceneOf(chip: string, settings: Record<string, string>, address = 0): Promise<Scene> {
  const simulation = await openSimulation(
    parseSimParameters(chip, new Map(Object.entries({ times: "typical", ...settings }))),
  );
  const roomBytes = simulation.chip.geometry.capacityBytes - address;
  const content = createRandom(chip).bytes(Math.min(roomBytes, AROUND_BYTES));
  simulation.chip.load(address, content);
  return { simulation, content, address };
}

/** Writes `data` at `offset` of the content; the error that ended it, or undefined. */
async function write({ simulation, address }: Scene, offset: number, data: Uint8Array): Promise<string | undefined> {
  const { clock, duplex } = simulation;
  const chance = createRandom("host");
  const random = (): number => chance.nextUint32();
  const image = memoryImage("image", [{ address: address + offset, data }]);
  const request = { offset: 0, verify: true, assumeBlank: false, retries: 1 };
  try {
    await simulation.run(async () => {
      const device = await openFlash(await openBridge(duplex, { clock, protocol: "native", random }));
      await writeImage(device, image, request, { clock });
    });
    return undefined;
  } catch (error) {
    if (error instanceof NorbridgeError) return error.code;
    throw error;
  }
}

/** The cells of the content are as written, and no rule of the chip was broken. */
function expectCells({ simulation, content, address }: Scene, offset: number, data: Uint8Array): void {
  const wanted = Uint8Array.from(content);
  wanted.set(data, offset);
  expect(Buffer.from(simulation.chip.peek(address, content.length)).equals(wanted)).toBe(true);
  expect(simulation.violations).toEqual([]);
}

describe("a write keeps everything around it", () => {
  it.each<[string, string, Record<string, string>, number, number]>([
    ["C13: AT25DN256 in deep power-down", "AT25DN256", { asleep: "on" }, 0, 3000],
    ["C12: left in continuous read by EBh", "W25Q64JV", { continuous: "eb" }, 0, 3000],
    ["C46: QE in bit 6 of status register 1", "MX25L3233F", { sr1: "64" }, 0, 3000],
    ["C47: IS25LP256 above 16 MiB", "IS25LP256", {}, 0x1801000, 3000],
    ["C01: 20h of MX25L3205A erases 64 KiB", "MX25L3205A", {}, 0x20000, 3000],
    ["C05: W25Q256FV has the ID of W25Q256JV", "W25Q256FV", {}, 0x1801000, 3000],
    ["C48: MX25L25635F has only a mode for four address bytes", "MX25L25635F", {}, 0x1801000, 3000],
    ["C34: AT45DB321D, after an erase", "AT45DB321D", {}, 0, 1],
  ])("%s", async (_, chip, settings, address, lengthBytes) => {
    const scene = await sceneOf(chip, settings, address);
    const data = lengthBytes === 1 ? Uint8Array.of(0xa5) : createRandom("image").bytes(lengthBytes);
    expect(await write(scene, 0x345, data)).toBeUndefined();
    expectCells(scene, 0x345, data);
  });
});

const image = join(folder, "image.bin");
writeFileSync(image, createRandom("image").bytes(3000));

/** Refused as it is found; lifted for the job, and restored, with --unprotect. */
describe("protection", () => {
  it.each([
    ["C08: WPS = 1, all block locks set", "W25Q128JV?wps=1", "0x000000..0xffffff"],
    ["C09: CMP = 1 and no BP bit", "W25Q64JV?sr2=64", "0x000000..0x7fffff"],
    ["C36c: no command 50h", "W25Q64JV?sr1=28&noVolatile=on", "0x000000..0x7fffff"],
    ["C38: 01h takes only its first byte, CMP = 1", "W25Q128JV?oneByteStatus=on&sr2=66", "0x000000..0xffffff"],
  ])("%s", async (_, chip, range) => {
    const found = await runHere(["write", image, "-p", `sim:${chip}`]);
    expect(found.stderr).toContain(range);
    expect(found.code).toBe(7);
    const lifted = await runHere(["write", image, "--unprotect", "--no-journal", "-p", `sim:${chip}`]);
    expect([lifted.code, lifted.stderr]).toEqual([0, expect.stringMatching(/is lifted and will be restored/)]);
  });
});

describe("C22: the target drives the bus now and then", () => {
  it.each([1, 2, 3, 4])("a read is right, or its file is named as unsure: seed %i", async (seed) => {
    const [cells, file] = [join(folder, `cells-${seed}.bin`), join(folder, `read-${seed}.bin`)];
    const content = createRandom(`cells ${seed}`).bytes(512 * 1024);
    writeFileSync(cells, content);
    const { code } = await runHere(["read", file, "-p", `sim:AT25SF041?busTaken=0.05&seed=${seed}&file=${cells}`]);
    if (code === 0) expect(Buffer.compare(readFileSync(file), content)).toBe(0);
    else expect(existsSync(file)).toBe(false);
  });
});

describe("C15: a chip that never becomes ready", () => {
  it("ends with EBUSY and the way out", async () => {
    const scene = await sceneOf("AT25SF041", { busyForever: "0" });
    expect(await write(scene, 0x345, Uint8Array.of(1, 2, 3))).toMatch(/^(EBUSY|INTERRUPTED)/);
  });
});
