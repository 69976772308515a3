/** How the size of a chip is measured: by reading past its end, and by a mark if it is blank and the user consents. */
import { describe, expect, it } from "vitest";
import { openBridge } from "../../../src/bridge/open-bridge.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { type ArraySizeOptions, probeArraySize } from "../../../src/flash/mtd/array-size.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { parseSimParameters } from "../../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../../src/sim/sim-port.ts";

const KIB = 1024;

async function sizeOf(
  chip: string,
  content: (capacityBytes: number) => Uint8Array,
  options?: ArraySizeOptions,
): Promise<{ readonly size: number | string; readonly rules: readonly string[]; readonly isUnchanged: boolean }> {
  const simulation = await openSimulation(parseSimParameters(chip, new Map([["times", "typical"]])));
  const { clock, duplex, chip: model } = simulation;
  const { capacityBytes } = model.geometry;
  const bytes = content(capacityBytes);
  model.load(0, bytes);
  const size = await simulation.run(async () => {
    const bridge = await openBridge(duplex, { clock, protocol: "native", random: () => 1 });
    try {
      await clock.wait(10_000);
      return await probeArraySize(bridge, options).catch((error: unknown) =>
        error instanceof NorbridgeError ? error.code : String(error),
      );
    } finally {
      await bridge.close();
    }
  });
  const isUnchanged = Buffer.compare(model.peek(0, bytes.length), bytes) === 0;
  // To look after the end is what this is about.
  const rules = simulation.violations.map(({ rule }) => rule).filter((rule) => rule !== "address-beyond-end");
  return { size, rules, isUnchanged };
}

const noise = (capacityBytes: number): Uint8Array => createRandom("size").bytes(capacityBytes);
const blank = (capacityBytes: number): Uint8Array => new Uint8Array(capacityBytes).fill(0xff);

describe("the size of the array", () => {
  it.each([
    ["AT25DN512C", 64 * KIB],
    ["AT25DN011", 128 * KIB],
    ["AT25SF041", 512 * KIB],
    ["W25Q32JV", 4096 * KIB],
    ["W25Q128JV", 16_384 * KIB],
  ])("%s: by reading alone, where there is content", async (chip, size) => {
    expect(await sizeOf(chip, noise)).toEqual({ size, rules: [], isUnchanged: true });
  });

  it.each([
    ["AT25DN011", 128 * KIB],
    ["AT25SF041", 512 * KIB],
  ])("%s: blank, by a mark that is gone afterwards", async (chip, size) => {
    expect(await sizeOf(chip, blank, { mayWriteWhereBlank: true })).toEqual({ size, rules: [], isUnchanged: true });
  });

  it("a second copy of the image is no end of the array", async () => {
    const twice = (capacityBytes: number): Uint8Array => {
      const bytes = noise(capacityBytes);
      bytes.copyWithin(128 * KIB, 0, 8 * KIB);
      return bytes;
    };
    expect(await sizeOf("AT25SF041", twice)).toMatchObject({ size: 512 * KIB });
  });

  it("a blank chip keeps it to itself without consent; a protected one, and one without a blank sector, with it", async () => {
    expect(await sizeOf("AT25SF041", blank)).toMatchObject({ size: "EINVAL", isUnchanged: true });
    const dull = (capacityBytes: number): Uint8Array => new Uint8Array(capacityBytes).fill(0x55);
    expect(await sizeOf("AT25SF041", dull, { mayWriteWhereBlank: true })).toMatchObject({
      size: "EINVAL",
      isUnchanged: true,
    });
    expect(await sizeOf("AT25DF041A", blank, { mayWriteWhereBlank: true })).toMatchObject({
      size: "EROFS",
      isUnchanged: true,
    });
  });
});
