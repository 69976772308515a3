/** Settings on NVS: images and traces of Zephyr's own code, and power cuts. */
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { NvsStore } from "../../../src/storage/nvs/nvs-store.ts";
import { NvsSettings } from "../../../src/storage/settings/nvs-settings.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { goldenPackedJson } from "../support/golden.ts";
import {
  flashOf,
  type GoldenImage,
  type GoldenOperation,
  type GoldenShape,
  type GoldenTrace,
} from "../support/kv-golden.ts";
import { NorRegion } from "../support/nor-region.ts";
import { runStoreWorkload, type StoreUnderTest, tryStoreCuts } from "../support/store-cuts.ts";

const images = (goldenPackedJson("zephyr-nvs/images.json.gz") as GoldenImage[]).filter(
  ({ expected }) => expected.settings !== undefined,
);
const [trace] = (goldenPackedJson("zephyr-nvs/traces.json.gz") as GoldenTrace[]).filter(({ name }) =>
  name.includes("settings"),
);

function open(region: NorRegion, { sectorBytes, writeBlock, dataCrc }: GoldenShape): Promise<NvsStore> {
  return NvsStore.mount(region, { sectorBytes, alignBytes: writeBlock, hasDataCrc: dataCrc });
}

function regionOf({ sectorBytes, sectorCount, writeBlock }: GoldenShape, cells?: Uint8Array): NorRegion {
  const size = { eraseBytes: sectorBytes, lengthBytes: sectorBytes * sectorCount, alignBytes: writeBlock };
  return new NorRegion(cells === undefined ? size : { ...size, cells });
}

it.each(images)("reads $name in the order of a device, and completes it as one", async (one) => {
  const region = regionOf(one, new Uint8Array(Buffer.from(one.imageBase64, "base64")));
  const settings = await NvsSettings.load(await open(region, one));
  const { order, values, loadFlash } = one.expected.settings!;
  expect(settings.names()).toEqual(order);
  expect(Object.fromEntries(settings.names().map((name) => [name, toHex(settings.get(name)!)]))).toEqual(values);
  expect(region.changes).toEqual([]);
  expect(await settings.recover()).toBe(loadFlash.length > 0);
  expect(flashOf(region.changes).map(([kind, offset, what]) => [kind, offset, String(what).length / 2])).toEqual(
    loadFlash,
  );
});

it("writes a trace with the same operations and bytes", async () => {
  const region = regionOf(trace!);
  let settings: NvsSettings | undefined;
  const carryOut = async ({ op, name = "", valueHex = "" }: GoldenOperation): Promise<void> => {
    if (op === "settings-init" || settings === undefined) {
      const store = await open(region, trace!);
      await store.recover();
      settings = await NvsSettings.load(store);
    } else if (op === "save") await settings.set(name, fromHex(valueHex)!);
    else await settings.delete(name);
  };
  for (const [index, operation] of trace!.operations.entries()) {
    region.changes.length = 0;
    await carryOut(operation);
    expect([index, flashOf(region.changes)]).toEqual([index, operation.flash]);
  }
  expect(trace!.operations.length).toBe(71);
});

describe("power cuts", () => {
  const shape = { sectorBytes: 256, alignBytes: 4, hasDataCrc: false };
  const names = ["a", "fw/dl", "app/name", "recovery"];
  const underTest: StoreUnderTest<NvsSettings> = {
    shape: { eraseBytes: 256, lengthBytes: 1024, alignBytes: 4 },
    open: async (region) => NvsSettings.load(await NvsStore.mount(region, shape)),
    contents: (settings) =>
      Promise.resolve(new Map(settings.names().map((name) => [name, toHex(settings.get(name)!)]))),
    async write(settings, changes) {
      for (const [name, value] of changes) {
        await (value === undefined ? settings.delete(name) : settings.set(name, fromHex(value)!));
      }
    },
  };

  it("leave the old value or the new one, also when the recovery is cut", { timeout: 300_000 }, async () => {
    const random = createRandom(51).branch("NVS settings");
    const batches = Array.from({ length: effort(60, 200) }, (_, number) => {
      const value = toHex(Uint8Array.of(number, ...random.bytes(random.intBelow(9))));
      return new Map([[random.pick(names.slice(0, 3)), random.chance(0.2) ? undefined : value]]);
    });
    const workload = await runStoreWorkload(underTest, batches);
    const cuts = await tryStoreCuts(underTest, workload, {
      seed: 51,
      every: effort(97, 5),
      nestedEvery: effort(41, 31),
    });
    sayCount(`settings on NVS: ${cuts} power cuts, nested ones included`);
    expect(cuts).toBeGreaterThan(effort(20, 2_000));
  });
});
