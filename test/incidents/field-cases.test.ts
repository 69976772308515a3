/** Rows of docs/field-cases.md that no other test has: the chip as it was found, a small write through the whole program, its cells. */
import { mkdtempSync, writeFileSync } from "node:fs";
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
  const content = createRandom(chip).bytes(16 * 1024);
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
    ["C34: AT45DB321D, after an erase", "AT45DB321D", {}, 0, 1],
  ])("%s", async (_, chip, settings, address, lengthBytes) => {
    const scene = await sceneOf(chip, settings, address);
    const data = lengthBytes === 1 ? Uint8Array.of(0xa5) : createRandom("image").bytes(lengthBytes);
    expect(await write(scene, 0x345, data)).toBeUndefined();
    expectCells(scene, 0x345, data);
  });
});

describe("C09: CMP = 1 protects everything although no BP bit is set", () => {
  const image = join(folder, "image.bin");
  writeFileSync(image, createRandom("image").bytes(3000));
  const port = "sim:W25Q64JV?sr2=64";

  it("is refused with the range", async () => {
    const { code, stderr } = await runHere(["write", image, "-p", port]);
    expect(code).toBe(7);
    expect(stderr).toMatch(/0x000000\.\.0x7fffff/);
  });

  it("is lifted for the job with --unprotect", async () => {
    const { code, stderr } = await runHere(["write", image, "--unprotect", "--no-journal", "-p", port]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/is lifted and will be restored/)]);
  });
});

describe("C15: a chip that never becomes ready", () => {
  it("ends with EBUSY and the way out", async () => {
    const scene = await sceneOf("AT25SF041", { busyForever: "0" });
    expect(await write(scene, 0x345, Uint8Array.of(1, 2, 3))).toMatch(/^(EBUSY|INTERRUPTED)/);
  });
});
