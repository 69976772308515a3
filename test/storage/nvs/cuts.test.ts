/**
 * Power cuts in every program and erase, random work against a plain map, random bytes; and what a device's own mount
 * then reads.
 */
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { crc8Of } from "../../../src/storage/crc8.ts";
import { NvsStore } from "../../../src/storage/nvs/nvs-store.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { applied, type Contents, runStoreWorkload, type StoreUnderTest, tryStoreCuts } from "../support/store-cuts.ts";
import { DeviceNvs } from "./device-nvs.ts";

const PLAIN = { name: "align 4", sectorBytes: 256, sectorCount: 3, alignBytes: 4, hasDataCrc: false, erasedByte: 0xff };
type Shape = typeof PLAIN;
const SHAPES: readonly Shape[] = [
  PLAIN,
  { ...PLAIN, name: "align 1, CRC, four sectors", alignBytes: 1, hasDataCrc: true, sectorCount: 4 },
  { ...PLAIN, name: "align 8, two sectors", alignBytes: 8, sectorCount: 2 },
  { ...PLAIN, name: "align 16, CRC", alignBytes: 16, hasDataCrc: true, sectorBytes: 512 },
  { ...PLAIN, name: "erased to 00", erasedByte: 0 },
];
const KEYS = new Map([["recovery", 9]]);
const keyOf = (name: string): number => KEYS.get(name) ?? Number(name);
const nameOf = (key: number): string => (key === 9 ? "recovery" : String(key));

function regionShape({ sectorBytes, sectorCount, alignBytes, erasedByte }: Shape) {
  return { eraseBytes: sectorBytes, lengthBytes: sectorBytes * sectorCount, alignBytes, erasedByte };
}

/** Every look at the contents also asks a device's own mount, on a copy: it has to read the same once a change was made. */
function underTest(shape: Shape): StoreUnderTest<{ readonly store: NvsStore; readonly region: NorRegion }> {
  return {
    shape: regionShape(shape),
    open: async (region) => ({ store: await NvsStore.mount(region, shape), region }),
    async contents({ store, region }) {
      const items = await store.getMany(store.keys());
      const contents = new Map(items.map(({ key, data, damage }) => [nameOf(key), damage ?? toHex(data)]));
      if (region.changes.length > 0) {
        const device = [...new DeviceNvs(region.cells.slice(), shape).items()];
        const found = new Map(device.map(([key, data]) => [nameOf(key), data]));
        expect([...found].sort()).toEqual([...contents].sort());
      }
      return contents;
    },
    doubtful: ({ store }) => ["0", "1", "2", "3", "recovery"].filter((name) => store.isUnconfirmed(keyOf(name))),
    async write({ store }, changes) {
      for (const [name, value] of changes) {
        await (value === undefined ? store.delete(keyOf(name)) : store.set(keyOf(name), fromHex(value)!));
      }
    },
  };
}

function batchesOf(seed: number, count: number): Map<string, string | undefined>[] {
  const random = createRandom(seed).branch("NVS");
  return Array.from({ length: count }, (_, number) => {
    const value = toHex(Uint8Array.of(number, number >> 8, ...random.bytes(random.intBelow(14))));
    return new Map([[random.pick(["0", "1", "2", "3"]), random.chance(0.2) ? undefined : value]]);
  });
}

describe.each(SHAPES)("power cuts, $name", (shape) => {
  it("leaves the old value or the new one at any point of 600 changes", { timeout: 300_000 }, async () => {
    const test = underTest(shape);
    const workload = await runStoreWorkload(test, batchesOf(31, effort(150, 600)));
    const cuts = await tryStoreCuts(test, workload, { seed: 31, every: effort(97, 5) });
    sayCount(`NVS, ${shape.name}: ${cuts} power cuts in ${workload.region.changes.length} changes`);
    expect(cuts).toBeGreaterThan(effort(20, 3_000));
  });

  it("survives a second cut in the recovery from any first", { timeout: 300_000 }, async () => {
    const test = underTest(shape);
    const workload = await runStoreWorkload(test, batchesOf(32, 60));
    const cuts = await tryStoreCuts(test, workload, { seed: 32, every: effort(211, 11), nestedEvery: effort(37, 13) });
    sayCount(`NVS, ${shape.name}: ${cuts} nested power cuts`);
    expect(cuts).toBeGreaterThan(effort(5, 1_000));
  });
});

describe("random work against a map", () => {
  it.each(SHAPES)("$name", { timeout: 300_000 }, async (shape) => {
    const random = createRandom(33).branch(shape.name);
    const region = new NorRegion(regionShape(shape));
    let store = await NvsStore.mount(region, shape);
    let model: Contents = new Map();
    const counts = { done: 0, full: 0 };
    for (let step = 0; step < effort(300, 20_000); step++) {
      if (random.chance(0.05)) store = await NvsStore.mount(region, shape);
      const name = String(random.intBelow(8));
      const value = random.chance(0.2) ? undefined : random.bytes(1 + random.intBelow(random.chance(0.1) ? 150 : 20));
      const before = region.changes.length;
      try {
        const isChanged = await (value === undefined ? store.delete(Number(name)) : store.set(Number(name), value));
        expect(isChanged).toBe(model.get(name) !== (value && toHex(value)));
        model = applied(model, new Map([[name, value && toHex(value)]]));
        counts.done++;
      } catch (error) {
        expect(error).toMatchObject({ code: "ENOSPC" });
        // Nothing is moved in vain, but for what a start does.
        expect(region.changes.length - before).toBeLessThan(2);
        counts.full++;
      }
      if (step % 10 === 0) {
        const items = await store.getMany(store.keys());
        expect(new Map(items.map(({ key, data }) => [String(key), toHex(data)]))).toEqual(new Map([...model].sort()));
      }
    }
    expect(region.violations).toEqual([]);
    expect(counts.done).toBeGreaterThan(100);
  });
});

it("never hangs on random bytes, and throws nothing but errors with a code", { timeout: 300_000 }, async () => {
  const random = createRandom(35).branch("random bytes");
  const rounds = effort(300, 100_000);
  let opened = 0;
  for (let round = 0; round < rounds; round++) {
    const shape = random.pick(SHAPES);
    const { sectorBytes, sectorCount, erasedByte } = shape;
    const cells = random.bytes(sectorBytes * sectorCount);
    for (let sector = 0; sector < sectorCount; sector++) {
      const base = sector * sectorBytes;
      if (random.chance(0.4)) cells.fill(erasedByte, base, base + sectorBytes);
      if (random.chance(0.5))
        cells.fill(erasedByte, base + sectorBytes - Math.max(8, shape.alignBytes), base + sectorBytes);
      // Valid entries make it read on.
      for (let count = random.intBelow(6); count > 0; count--) {
        const at = base + sectorBytes - Math.max(8, shape.alignBytes) * (1 + random.intBelow(8));
        cells.set(
          [random.intBelow(9), random.chance(0.2) ? 255 : 0, random.intBelow(256), 0, random.intBelow(40), 0, 255],
          at,
        );
        cells[at + 7] = crc8Of(cells, at, at + 7);
      }
    }
    const region = new NorRegion({ eraseBytes: sectorBytes, cells, erasedByte });
    try {
      const store = await NvsStore.mount(region, shape);
      await store.getMany(store.keys());
      opened++;
      expect(region.changes).toEqual([]);
      if (round % 10 === 0) await store.set(3, Uint8Array.of(1, 2, 3));
    } catch (error) {
      if (!(error instanceof NorbridgeError)) throw error;
    }
  }
  sayCount(`NVS: ${rounds} regions of random bytes, ${opened} opened`);
  expect(opened).toBeGreaterThan(rounds / 10);
});
