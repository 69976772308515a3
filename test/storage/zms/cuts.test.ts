/** Power cuts in every program and erase, what a device then finds, and random work against a plain map. */
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { ZmsStore, type ZmsStoreOptions } from "../../../src/storage/zms/zms-store.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { powerCuts } from "../support/power-cuts.ts";
import { applied, type Contents, runStoreWorkload, type StoreUnderTest, tryStoreCuts } from "../support/store-cuts.ts";
import { ZephyrZmsDevice } from "../support/zephyr-zms-device.ts";
import { zmsTraces } from "../support/zephyr-zms.ts";

const SHAPES = [
  { name: "align 1", sectorBytes: 256, sectorCount: 4, alignBytes: 1, hasDataCrc: false, keyBits: 32 },
  { name: "align 4, with CRC", sectorBytes: 256, sectorCount: 3, alignBytes: 4, hasDataCrc: true, keyBits: 32 },
  { name: "align 8, two sectors", sectorBytes: 512, sectorCount: 2, alignBytes: 8, hasDataCrc: false, keyBits: 32 },
  { name: "align 16, 64-bit keys", sectorBytes: 512, sectorCount: 3, alignBytes: 16, hasDataCrc: false, keyBits: 64 },
] as const;
type Shape = (typeof SHAPES)[number];

const optionsOf = ({ sectorBytes, alignBytes, hasDataCrc, keyBits }: Shape): ZmsStoreOptions => ({
  sectorBytes,
  alignBytes,
  hasDataCrc,
  keyBits,
});

const NAMES = ["1", "2", "33", "2147483649"];
/** The key that a recovery writes; its name is not a number. */
const keyOf = (name: string): number => (name === "recovery" ? 99 : Number(name));

/** An area that a device has started on. */
async function formatted(shape: Shape): Promise<Uint8Array> {
  const region = new NorRegion({ eraseBytes: shape.sectorBytes, lengthBytes: shape.sectorBytes * shape.sectorCount });
  await (await ZmsStore.mount(region, optionsOf(shape))).recover();
  return region.cells;
}

async function underTest(shape: Shape): Promise<StoreUnderTest<ZmsStore>> {
  const { sectorBytes, alignBytes } = shape;
  return {
    shape: { eraseBytes: sectorBytes, alignBytes, cells: await formatted(shape) },
    open: (region) => ZmsStore.mount(region, optionsOf(shape)),
    contents: async (store) => {
      const items = await store.getMany(store.keys());
      return new Map(items.map(({ key, data }) => [key === 99 ? "recovery" : String(key), toHex(data)]));
    },
    doubtful: (store) => [...NAMES, "recovery"].filter((name) => store.isUnconfirmed(keyOf(name))),
    async write(store, changes) {
      for (const [name, value] of changes) await store.set(keyOf(name), fromHex(value ?? "")!);
    },
  };
}

function batchesOf(seed: number, count: number): Map<string, string | undefined>[] {
  const random = createRandom(seed).branch("zms");
  return Array.from({ length: count }, (_, number) => {
    const value = toHex(Uint8Array.of(number, number >> 8, ...random.bytes(random.intBelow(19))));
    return new Map([[random.pick(NAMES), random.chance(0.15) ? undefined : value]]);
  });
}

describe.each(SHAPES)("power cuts, $name", (shape) => {
  it("leaves the old data or the new at any point of 600 writes", { timeout: 300_000 }, async () => {
    const test = await underTest(shape);
    const workload = await runStoreWorkload(test, batchesOf(41, effort(120, 600)));
    const cuts = await tryStoreCuts(test, workload, { seed: 41, every: effort(61, 19) });
    sayCount(`zms, ${shape.name}: ${cuts} power cuts in ${workload.region.changes.length} changes`);
    expect(cuts).toBeGreaterThan(effort(50, 1_000));
  });

  it("survives a second cut in the recovery from any first", { timeout: 300_000 }, async () => {
    const test = await underTest(shape);
    const workload = await runStoreWorkload(test, batchesOf(42, effort(30, 60)));
    const cuts = await tryStoreCuts(test, workload, { seed: 42, every: effort(97, 29), nestedEvery: effort(37, 17) });
    sayCount(`zms, ${shape.name}: ${cuts} nested power cuts`);
    expect(cuts).toBeGreaterThan(effort(20, 500));
  });

  it("does the same work as a plain map", { timeout: 300_000 }, async () => {
    const test = await underTest(shape);
    const operations = effort(200, 5_000);
    const random = createRandom(43).branch(shape.name);
    const region = new NorRegion(test.shape);
    let store = await test.open(region);
    let model: Contents = new Map();
    for (let step = 0; step < operations; step++) {
      const name = random.pick(NAMES);
      const value = random.chance(0.2) ? undefined : toHex(random.bytes(1 + random.intBelow(20)));
      await test.write(store, new Map([[name, value]]));
      model = applied(model, new Map([[name, value]]));
      if (random.chance(0.03)) store = await test.open(region);
      if (random.chance(0.1)) expect(await test.contents(store)).toEqual(new Map(model));
    }
    expect(region.violations).toEqual([]);
    sayCount(`zms, ${shape.name}: ${operations} operations against the model`);
  });
});

/** Starts a device on cells; its errno, or what it reads. */
function deviceReads(device: ZephyrZmsDevice): string | Map<string, string> {
  const errno = device.mount();
  if (errno !== undefined) return errno;
  const found = new Map<string, string>();
  for (const name of [...NAMES, "recovery"]) {
    const data = device.get(keyOf(name));
    if (data !== undefined) found.set(name, toHex(data));
  }
  return found;
}

const DEVICE_SHAPES = SHAPES.filter(({ keyBits, hasDataCrc }) => keyBits === 32 && !hasDataCrc);

describe("a device", () => {
  it("is modelled as upstream's writer works", () => {
    for (const trace of zmsTraces.filter(
      (one) => one.settings !== true && one.idBits === 32 && !one.dataCrc && !one.noDoubleWrite,
    )) {
      const { sectorBytes, sectorCount, writeBlock: alignBytes } = trace;
      const flash = new Uint8Array(sectorBytes * sectorCount).fill(0xff);
      const wished = flash.slice();
      const device = new ZephyrZmsDevice(flash, { sectorBytes, sectorCount, alignBytes });
      for (const { op, id, dataHex, rc, flash: ops } of trace.operations) {
        if (typeof rc === "string") continue;
        if (op === "mount") expect(device.mount()).toBeUndefined();
        else device.set(Number(id), fromHex(op === "delete" ? "" : (dataHex ?? ""))!);
        for (const [kind, offset, value] of ops) {
          if (kind === "e") wished.fill(0xff, offset, offset + value);
          else wished.set(fromHex(value)!, offset);
        }
        expect(toHex(device.cells)).toBe(toHex(wished));
      }
    }
  });

  it.each(DEVICE_SHAPES)(
    "starts after any cut and our next write, reads all of it, and spoils nothing: $name",
    { timeout: 300_000 },
    async (shape) => {
      const test = await underTest(shape);
      const { cellsBefore, region } = await runStoreWorkload(test, batchesOf(44, effort(60, 300)));
      let count = 0;
      for (const cut of powerCuts(cellsBefore, region.changes, { seed: 44, every: effort(83, 19) })) {
        const flash = new NorRegion({ ...test.shape, cells: cut.cells });
        const store = await test.open(flash);
        if (NAMES.some((name) => store.isUnconfirmed(keyOf(name)))) continue;
        await test.write(store, new Map([["recovery", count % 2 === 0 ? "01" : "0102030405060708090a0b"]]));
        const wished = await test.contents(store);
        const device = new ZephyrZmsDevice(flash.cells.slice(), shape);
        expect(deviceReads(device), cut.name).toEqual(wished);
        for (let step = 0; step < 24; step++) device.set(1, new Uint8Array(9 + (step % 5)).fill(step));
        const after = new Map([...wished, ["1", toHex(device.get(1)!)]]);
        expect(device.spoilt, cut.name).toBe(0);
        expect(deviceReads(device), cut.name).toEqual(after);
        count++;
      }
      sayCount(`zms, ${shape.name}: ${count} cuts, then a device`);
      expect(count).toBeGreaterThan(effort(20, 400));
    },
  );
});

it("never hangs on random bytes", { timeout: 600_000 }, async () => {
  const random = createRandom(45);
  const [shape] = SHAPES;
  const start = await formatted(shape);
  let opened = 0;
  for (let round = 0; round < effort(300, 100_000); round++) {
    const cells = random.bytes(1024);
    // Valid headers and entries lead further in than noise does.
    for (const sector of [0, 1, 2, 3]) {
      if (random.chance(0.7)) cells.set(start.subarray(240, 256), sector * 256 + 240);
      if (random.chance(0.3)) cells.fill(0xff, sector * 256 + random.intBelow(200), sector * 256 + 240);
    }
    const region = new NorRegion({ eraseBytes: 256, cells });
    try {
      const store = await ZmsStore.mount(region, optionsOf(shape));
      await store.getMany(store.keys());
      expect(store.damage.length).toBeGreaterThanOrEqual(0);
      opened++;
    } catch (error) {
      expect(error).toBeInstanceOf(NorbridgeError);
    }
    expect(region.changes).toEqual([]);
  }
  expect(opened).toBeGreaterThan(0);
});
