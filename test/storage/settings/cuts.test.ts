/** Power cuts in every program and erase, and random work against a plain map. */
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { SettingsStore } from "../../../src/storage/settings/settings-store.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { applied, type Contents, runStoreWorkload, type StoreUnderTest, tryStoreCuts } from "../support/store-cuts.ts";

const SHAPES = [
  { name: "align 1", sectorBytes: 256, sectorCount: 4, alignBytes: 1 },
  { name: "align 4", sectorBytes: 256, sectorCount: 3, alignBytes: 4 },
  { name: "align 16, two sectors", sectorBytes: 512, sectorCount: 2, alignBytes: 16 },
] as const;
type Shape = (typeof SHAPES)[number];

function underTest({ sectorBytes, sectorCount, alignBytes }: Shape): StoreUnderTest<SettingsStore> {
  return {
    shape: {
      eraseBytes: sectorBytes,
      lengthBytes: sectorBytes * sectorCount,
      alignBytes: alignBytes > 8 ? 1 : alignBytes,
    },
    open: (region) => SettingsStore.mount(region, { sectorBytes, alignBytes }),
    contents: (store) => Promise.resolve(new Map(store.names().map((name) => [name, toHex(store.get(name)!)]))),
    doubtful: (store) => [...NAMES, "recovery"].filter((name) => store.isUnconfirmed(name)),
    async write(store, changes) {
      for (const [name, value] of changes) await store.set(name, fromHex(value ?? "")!);
    },
  };
}

const NAMES = ["a", "fw/dl", "app/name", "net/address/long"];

function batchesOf(seed: number, count: number): Map<string, string | undefined>[] {
  const random = createRandom(seed).branch("settings");
  return Array.from({ length: count }, (_, number) => {
    const value = toHex(Uint8Array.of(number, number >> 8, ...random.bytes(random.intBelow(9))));
    return new Map([[random.pick(NAMES), random.chance(0.1) ? undefined : value]]);
  });
}

/** A change of 16 bytes can be cut in this many more places that fewer of them are tried: still twice what is asked for. */
const isWide = ({ alignBytes }: { readonly alignBytes: number }): boolean => alignBytes === 16;

describe.each(SHAPES)("power cuts, $name", (shape) => {
  it("leaves the old value or the new one at any point of 1000 saves", { timeout: 300_000 }, async () => {
    const test = underTest(shape);
    const workload = await runStoreWorkload(test, batchesOf(21, 1000));
    const cuts = await tryStoreCuts(test, workload, { seed: 21, every: effort(307, isWide(shape) ? 11 : 5) });
    sayCount(`settings, ${shape.name}: ${cuts} power cuts in ${workload.region.changes.length} changes`);
    expect(cuts).toBeGreaterThan(effort(20, 2_000));
  });

  it("survives a second cut in the recovery from any first", { timeout: 300_000 }, async () => {
    const test = underTest(shape);
    const workload = await runStoreWorkload(test, batchesOf(22, 60));
    const cuts = await tryStoreCuts(test, workload, {
      seed: 22,
      every: effort(257, isWide(shape) ? 31 : 7),
      nestedEvery: effort(37, isWide(shape) ? 17 : 7),
    });
    sayCount(`settings, ${shape.name}: ${cuts} nested power cuts`);
    expect(cuts).toBeGreaterThan(effort(5, 1_000));
  });
});

describe("random work against a map", () => {
  it.each(SHAPES)("$name", { timeout: 300_000 }, async (shape) => {
    const test = underTest(shape);
    const operations = effort(400, 35_000);
    const random = createRandom(23).branch(shape.name);
    const region = new NorRegion(test.shape);
    let store = await test.open(region);
    let model: Contents = new Map();
    for (let step = 0; step < operations; step++) {
      const name = random.pick(NAMES);
      const value = random.chance(0.2) ? undefined : toHex(random.bytes(1 + random.intBelow(12)));
      await test.write(store, new Map([[name, value]]));
      model = applied(model, new Map([[name, value]]));
      if (random.chance(0.03)) store = await test.open(region);
      if (random.chance(0.1)) expect(new Map(await test.contents(store))).toEqual(new Map(model));
    }
    expect(region.violations).toEqual([]);
    sayCount(`settings, ${shape.name}: ${operations} operations against the model`);
  });

  it("never hangs on random bytes", async () => {
    const random = createRandom(24);
    for (let round = 0; round < effort(66, 3_000); round++) {
      const cells = random.bytes(1024);
      for (const sector of [0, 1, 2]) {
        if (random.chance(0.7)) cells.set([0xee, 0xee, 0xff, 0xc0, 1, 0xff, sector, 0], sector * 256);
      }
      const region = new NorRegion({ eraseBytes: 256, cells });
      try {
        const store = await SettingsStore.mount(region);
        for (const name of store.names()) store.get(name);
      } catch (error) {
        expect(error).toBeInstanceOf(NorbridgeError);
      }
      expect(region.changes).toEqual([]);
    }
  });
});

describe("limits", () => {
  it("loads 100 keys in one pass, saves without a read, and compresses with at most one sector read", async () => {
    const region = new NorRegion({ eraseBytes: 4096, lengthBytes: 4 * 4096 });
    const store = await SettingsStore.mount(region);
    for (let key = 0; key < 100; key++) await store.set(`app/key${key}`, Uint8Array.of(key, 1, 2, 3));
    region.resetCounts();
    const again = await SettingsStore.mount(region);
    expect(again.names()).toHaveLength(100);
    expect(region.waits).toBeLessThanOrEqual(3);
    expect(region.bytesRead).toBeLessThanOrEqual(4 * 8 + 2 + 4096);
    region.resetCounts();
    // Until the area is full and was compressed more than once.
    for (let round = 0; round < 1500; round++)
      await again.set(`app/key${round % 100}`, Uint8Array.of(round, round >> 8, 9));
    expect(region.changes.filter(({ kind }) => kind === "erase").length).toBeGreaterThan(2);
    expect(region.reads).toEqual([]);
    expect(region.violations).toEqual([]);
  });

  it("keeps what a torn sector does not touch, and never erases the area", async () => {
    const region = new NorRegion({ eraseBytes: 256, lengthBytes: 1024 });
    const store = await SettingsStore.mount(region);
    await store.set("keep", Uint8Array.of(1, 2, 3));
    region.cells.set([0xee, 0xee], 256);
    const again = await SettingsStore.mount(region);
    expect(again.get("keep")).toEqual(Uint8Array.of(1, 2, 3));
    for (let i = 0; i < 200; i++) await again.set("other", Uint8Array.of(i));
    expect((await SettingsStore.mount(region)).get("keep")).toEqual(Uint8Array.of(1, 2, 3));
    expect(region.violations).toEqual([]);
  });

  it.each(["", "a=b"])("refuses the name %j", async (name) => {
    const region = new NorRegion({ eraseBytes: 256 });
    const store = await SettingsStore.mount(region);
    await expect(store.set(name, Uint8Array.of(1))).rejects.toMatchObject({ code: "EINVAL" });
    expect(region.changes).toEqual([]);
  });
});
