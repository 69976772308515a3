/** Rows C06, C10, C27 and C32 of docs/field-cases.md: two dice, unlocking that erases, unusual sizes, 128 MiB. */
import { describe, expect, it } from "vitest";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import type { FlashDevice } from "../../src/flash/flash-device.ts";
import { openFlash } from "../../src/flash/open-flash.ts";
import { withProtectionLifted } from "../../src/jobs/lift-protection.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { at25Part } from "../../src/sim/chip/at25/catalog-parts.ts";
import { type At25Part, W25Q128JV } from "../../src/sim/chip/at25/part.ts";
import { buildSfdp } from "../../src/sim/chip/at25/sfdp-builder.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { worldFromParameters } from "../../src/sim/sim-port.ts";
import { createSimulation } from "../../src/sim/simulation.ts";
import { effort } from "../support/effort.ts";
import { strangeChip } from "../flash/strange-chip.ts";
import { TwoDiceChip } from "./two-dice-chip.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const REQUEST = { offset: 0, verify: true, assumeBlank: false, retries: 1 };

function write(device: FlashDevice, address: number, data: Uint8Array): Promise<unknown> {
  return writeImage(device, memoryImage("image", [{ address, data }]), REQUEST, {});
}

describe("W25Q01JV", () => {
  it("C06, C32: two dice with a status each, 128 MiB: both are written, up to the last byte", async () => {
    const chip = new TwoDiceChip(at25Part("W25Q01JV-IQ"));
    const parameters = parseSimParameters("W25Q01JV-IQ", new Map([["times", "typical"]]));
    const simulation = createSimulation(worldFromParameters(parameters, chip).parts);
    const data = createRandom("image").bytes(9000);
    const places = [0x1000, 0x3fff000 - 9000, 0x5001000, 128 * MIB - 9000];
    const around = createRandom("around").bytes(128 * KIB);
    const start = (place: number): number => place - (place % (64 * KIB));
    for (const place of places) chip.load(start(place), around.subarray(0, 64 * KIB));
    await simulation.run(async () => {
      const { clock, duplex } = simulation;
      const device = await openFlash(await openBridge(duplex, { clock, protocol: "native", random: () => 1 }));
      expect(device.geometry.capacityBytes).toBe(128 * MIB);
      for (const place of places) await write(device, place, data);
    });
    for (const place of places) {
      const wanted = Uint8Array.from(around.subarray(0, 64 * KIB));
      wanted.set(data, place % (64 * KIB));
      expect({ place, same: Buffer.compare(chip.peek(start(place), 64 * KIB), wanted) }).toEqual({ place, same: 0 });
    }
    expect(chip.violations).toEqual([]);
  });
});

describe("C10: unlocking erases the whole chip", () => {
  it("GD25LQ255E: refused, and nothing is changed", async () => {
    const part: At25Part = { ...at25Part("W25Q256JV"), name: "GD25LQ255E", jedecId: [0xc8, 0x60, 0x19] };
    const scene = strangeChip(part);
    scene.chip.load(0, createRandom("cells").bytes(MIB));
    scene.chip.presetStatus(0x1c, 0);
    const before = scene.chip.fork();
    const device = await scene.open();
    const lifted = scene.simulation.run(() =>
      withProtectionLifted(device, { operation: "write", note: () => undefined }, () =>
        write(device, 0, Uint8Array.of(1, 2, 3)),
      ),
    );
    await expect(lifted).rejects.toMatchObject({ code: "EROFS" });
    await lifted.catch((error: unknown) => {
      if (!(error instanceof NorbridgeError)) throw error;
      expect(error.hint).toContain("Nothing was changed");
      expect(error.hint).toMatch(/erase|does not know how to change it/);
    });
    expect(scene.chip.changedSince(before)).toEqual([]);
    expect(scene.chip.peekRegisters()).toEqual(before.peekRegisters());
  });
});

function ofSizes(id: At25Part["jedecId"], erases: readonly (readonly [opcode: number, kib: number])[]): At25Part {
  const base = W25Q128JV;
  const { capacityBytes } = base;
  const time = { typicalUs: 100_000, maximumUs: 1_000_000 };
  const commands = erases.map(([opcode, kib]) => ({ opcode, sizeBytes: kib * KIB, typicalMs: 100 }));
  return {
    ...base,
    name: "sizes",
    jedecId: id,
    erases: commands.map(({ opcode, sizeBytes }) => ({ opcode, unitBytes: sizeBytes, time })),
    sfdp: buildSfdp({
      ...{ capacityBytes, erases: commands, programTypicalUs: 700, chipEraseTypicalMs: 40_000 },
      hasFourByteCommands: false,
    }),
  };
}

describe("C27: the SFDP area has sizes that no other part has", () => {
  const cases: [name: string, part: At25Part, address: number][] = [
    [
      "D8h erases 128 KiB",
      ofSizes(
        [0x9d, 0x5a, 0x18],
        [
          [0x20, 4],
          [0xd8, 128],
        ],
      ),
      0x21000,
    ],
    ["256 KiB and nothing smaller", ofSizes([0x01, 0x02, 0x18], [[0xd8, 256]]), 0x21001],
  ];
  it.each(effort(cases.slice(0, 1), cases))("%s: everything around the image stays", async (_, part, address) => {
    const scene = strangeChip(part);
    scene.chip.load(0, createRandom("cells").bytes(MIB));
    const before = scene.chip.peek(0, MIB);
    const device = await scene.open();
    const data = createRandom("image").bytes(9000);
    await scene.simulation.run(() => write(device, address, data));
    before.set(data, address);
    expect(Buffer.compare(scene.chip.peek(0, MIB), before)).toBe(0);
    // The opening asks for registers that parts of the same maker have.
    expect(scene.rules().filter((rule) => rule !== "unknown-opcode")).toEqual([]);
  });
});
