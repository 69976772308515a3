/** A chip whose SFDP area names another size than the catalogue: settled by where its addresses begin again. */
import { describe, expect, it } from "vitest";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { openFlash, type OpenFlashOptions } from "../../src/flash/open-flash.ts";
import { At25Model } from "../../src/sim/chip/at25/model.ts";
import { at25Part } from "../../src/sim/chip/at25/catalog-parts.ts";
import { ChipTimes } from "../../src/sim/chip/core/chip-times.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { worldFromParameters } from "../../src/sim/sim-port.ts";
import { createSimulation } from "../../src/sim/simulation.ts";

/** A W25Q64JV that says `saidBytes` in its area, with this many bytes of cells. */
async function opened(
  saidBytes: number,
  cells: "64JV" | "32JV",
  isBlank: boolean,
  options: OpenFlashOptions = {},
): Promise<string> {
  const honest = at25Part("W25Q64JV");
  const sfdp = honest.sfdp!.slice();
  new DataView(sfdp.buffer).setUint32(0x34, saidBytes * 8 - 1, true);
  const { capacityBytes } = at25Part(`W25Q${cells}`);
  const chip = new At25Model({ ...honest, sfdp, capacityBytes }, new ChipTimes("typical", 1));
  if (!isBlank) chip.load(0, createRandom("size").bytes(capacityBytes));
  const { parts } = worldFromParameters(parseSimParameters("W25Q64JV", new Map()), chip);
  const simulation = createSimulation(parts);
  return simulation.run(async () => {
    const bridge = await openBridge(simulation.duplex, {
      clock: simulation.clock,
      protocol: "native",
      random: () => 1,
    });
    try {
      const device = await openFlash(bridge, options);
      return `${device.geometry.capacityBytes} ${device.notes.join("; ")}`;
    } catch (error) {
      return String((error as { readonly code?: string }).code);
    } finally {
      await bridge.close();
    }
  });
}

const MIB = 1024 * 1024;

/** C20: a clone has an area of another size. */
describe("an area that says 4 MiB, an ID that stands for 8", () => {
  it("of a chip with 8: the catalogue is right", async () => {
    expect(await opened(4 * MIB, "64JV", false)).toMatch(
      /^8388608 its SFDP area specifies 4194304 bytes.*do not wrap around/,
    );
  });

  it("of a chip with 4: the area is right", async () => {
    expect(await opened(4 * MIB, "32JV", false)).toMatch(/^4194304 .*wrap around at 4 MiB/);
  });

  it("of a blank chip: it cannot be found out, so only the user decides", async () => {
    expect(await opened(4 * MIB, "64JV", true)).toBe("CHIP_AMBIGUOUS");
    expect(await opened(4 * MIB, "64JV", true, { sizeBytes: 8 * MIB })).toMatch(/^8388608 .*the specified one/);
    expect(await opened(4 * MIB, "64JV", true, { sizeBytes: 2 * MIB })).toBe("CHIP_UNKNOWN");
  });

  it("of a chip that an unfinished job has erased: its size is as the job found it, unless its contents say otherwise", async () => {
    expect(await opened(4 * MIB, "64JV", true, { settledBytes: 8 * MIB })).toMatch(/^8388608 .*as it was found before/);
    expect(await opened(4 * MIB, "64JV", true, { settledBytes: 2 * MIB })).toBe("CHIP_AMBIGUOUS");
    expect(await opened(4 * MIB, "32JV", false, { settledBytes: 8 * MIB })).toMatch(/^4194304 .*wrap around at 4 MiB/);
  });
});
