/** Power cuts in every program and erase, random work against a plain map, and what is refused. */
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { FlashSafe } from "../../../src/storage/flash-safe/flash-safe.ts";
import { encodeHeader } from "../../../src/storage/flash-safe/format.ts";
import { updateSafe } from "../../../src/storage/flash-safe/update-safe.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { applied, type Contents, runStoreWorkload, type StoreUnderTest, tryStoreCuts } from "../support/store-cuts.ts";
import { goldenJson } from "../support/golden.ts";

const SHAPES = [
  { name: "two blocks", blockBytes: 512, bufferBytes: 64, blocks: 2 },
  { name: "three blocks", blockBytes: 512, bufferBytes: 128, blocks: 3 },
  { name: "AT45", blockBytes: 792, bufferBytes: 264, blocks: 4 },
] as const;
type Shape = (typeof SHAPES)[number];

function underTest({ blockBytes, bufferBytes, blocks }: Shape): StoreUnderTest<FlashSafe> {
  return {
    shape: { eraseBytes: blockBytes, lengthBytes: blockBytes * blocks },
    open: (region) => FlashSafe.mount(region, { blockBytes, bufferBytes }),
    contents: (safe) => Promise.resolve(new Map(safe.keys().map((key) => [String(key), toHex(safe.read(key)!)]))),
    async write(safe, changes) {
      const bytes = [...changes].map(
        ([name, value]) => [keyOf(name), value === undefined ? value : fromHex(value)!] as const,
      );
      await updateSafe(safe, new Map(bytes));
    },
  };
}

/** The harness writes an item of its own by name. */
function keyOf(name: string): number {
  return name === "recovery" ? 99 : Number(name);
}

/** As the harness sees it. */
function named(test: StoreUnderTest<FlashSafe>): StoreUnderTest<FlashSafe> {
  return {
    ...test,
    contents: async (safe) =>
      new Map([...(await test.contents(safe))].map(([key, value]) => [key === "99" ? "recovery" : key, value])),
  };
}

function batchesOf(seed: number, count: number): Map<string, string | undefined>[] {
  const random = createRandom(seed).branch("safe");
  return Array.from({ length: count }, (_, number) => {
    const entries = Array.from({ length: 1 + random.intBelow(3) }, () => {
      const value = toHex(Uint8Array.of(number, number >> 8, ...random.bytes(random.intBelow(30))));
      return [String(random.intBelow(4)), random.chance(0.15) ? undefined : value] as const;
    });
    return new Map(entries);
  });
}

describe.each(SHAPES)("power cuts, $name", (shape) => {
  it("leaves the old commit or the new one, never a mix, at any point of 1000 commits", {
    timeout: 300_000,
  }, async () => {
    const test = named(underTest(shape));
    const workload = await runStoreWorkload(test, batchesOf(41, effort(66, 1000)));
    const cuts = await tryStoreCuts(test, workload, { seed: 41, every: effort(587, 29) });
    sayCount(`safe, ${shape.name}: ${cuts} power cuts in ${workload.region.changes.length} changes`);
    expect(cuts).toBeGreaterThan(effort(25, 4_000));
  });

  it("survives a second cut in the recovery from any first", { timeout: 300_000 }, async () => {
    const test = named(underTest(shape));
    const workload = await runStoreWorkload(test, batchesOf(42, 8));
    const cuts = await tryStoreCuts(test, workload, { seed: 42, every: effort(503, 19), nestedEvery: effort(83, 11) });
    sayCount(`safe, ${shape.name}: ${cuts} nested power cuts`);
    expect(cuts).toBeGreaterThan(effort(5, 2_000));
  });
});

describe("random work against a map", () => {
  it.each(SHAPES)("$name", { timeout: 300_000 }, async (shape) => {
    const test = underTest(shape);
    const operations = effort(500, 34_000);
    const random = createRandom(43).branch(shape.name);
    const region = new NorRegion(test.shape);
    let safe = await test.open(region);
    let model: Contents = new Map();
    const erases = new Map<number, number>();
    for (let step = 0; step < operations; step++) {
      const key = String(random.intBelow(5));
      const value = random.chance(0.2) ? undefined : toHex(random.bytes(random.intBelow(40)));
      const batch = new Map([[key, value]]);
      await test.write(safe, batch);
      model = applied(model, batch);
      if (random.chance(0.05)) safe = await test.open(region);
      if (random.chance(0.1)) expect(new Map(await test.contents(safe))).toEqual(new Map(model));
    }
    for (const change of region.changes) {
      if (change.kind === "erase") erases.set(change.offset, (erases.get(change.offset) ?? 0) + 1);
    }
    const counts = [...erases.values()];
    expect(counts).toHaveLength(shape.blocks);
    // Wear is even.
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
    expect(region.violations).toEqual([]);
    sayCount(`safe, ${shape.name}: ${operations} operations against the model`);
  });

  it("never hangs on random bytes, and throws nothing but errors with a code", async () => {
    const random = createRandom(44);
    for (let round = 0; round < effort(100, 5_000); round++) {
      const cells = random.bytes(1024);
      const header = {
        segmentCount: 8,
        bufferBytes: 64,
        sequence: random.nextUint32(),
        itemCount: 1,
        dataBytes: 16,
        dataCrc: 0,
      };
      if (random.chance(0.7)) cells.set(encodeHeader({ ...header, dataBytes: random.nextUint32() }, "start"), 0);
      if (random.chance(0.7)) cells.set(encodeHeader(header, "end"), 448);
      if (random.chance(0.3)) cells.fill(0xff, 512);
      const region = new NorRegion({ eraseBytes: 512, cells });
      try {
        const safe = await FlashSafe.mount(region, { blockBytes: 512, bufferBytes: 64 });
        expect(safe.keys()).toEqual([]);
      } catch (error) {
        expect(error).toBeInstanceOf(NorbridgeError);
      }
      expect(region.changes).toEqual([]);
    }
  });
});

describe("what is refused", () => {
  const fresh = (): NorRegion => new NorRegion({ eraseBytes: 512, lengthBytes: 1536 });

  it.each([
    { blockBytes: 512, bufferBytes: 256 },
    { blockBytes: 512, bufferBytes: 100 },
    { blockBytes: 512, bufferBytes: 16 },
    { blockBytes: 1536, bufferBytes: 128 },
    { blockBytes: 300, bufferBytes: 100 },
    { blockBytes: 1024, bufferBytes: 128 },
  ])("sizes that make no safe: %j", async (options) => {
    const region = fresh();
    await expect(FlashSafe.mount(region, options)).rejects.toMatchObject({ code: "EINVAL" });
    expect(region.changes).toEqual([]);
  });

  it("other sizes than the safe has, a key twice, a key too high, an item too large, two transactions, one that ended", async () => {
    const region = fresh();
    const options = { blockBytes: 512, bufferBytes: 128 };
    const safe = await FlashSafe.format(region, options);
    await expect(FlashSafe.mount(region, { blockBytes: 512, bufferBytes: 64 })).rejects.toMatchObject({
      code: "LAYOUT_MISMATCH",
    });
    const transaction = await safe.open();
    await expect(safe.open()).rejects.toMatchObject({ code: "EINVAL" });
    await transaction.write(1, new Uint8Array(200));
    await expect(transaction.write(1, new Uint8Array(1))).rejects.toMatchObject({ code: "EINVAL" });
    await expect(transaction.write(0xffffffff, new Uint8Array(1))).rejects.toMatchObject({ code: "EINVAL" });
    await expect(transaction.write(2, new Uint8Array(48))).rejects.toMatchObject({ code: "ENOSPC" });
    await transaction.write(2, new Uint8Array(36));
    transaction.abandon();
    await expect(transaction.commit()).rejects.toMatchObject({ code: "EINVAL" });
    expect((await FlashSafe.mount(region, options)).keys()).toEqual([]);
  });
});

describe("the layout's vector", () => {
  it("has the bytes that the document states", () => {
    const vector = goldenJson("../../src/storage/flash-safe/vectors.json") as Record<string, string>;
    const header = {
      segmentCount: 16,
      bufferBytes: 256,
      sequence: 1,
      itemCount: 1,
      dataBytes: 16,
      dataCrc: Number(vector["dataCrc"]),
    };
    expect(toHex(encodeHeader(header, "start"))).toBe(vector["startHeader"]);
    expect(toHex(encodeHeader(header, "end"))).toBe(vector["endHeader"]);
  });
});
