/** Images, traces and power cuts of Zephyr's own NVS: read as its mount reads them, written byte for byte in its order. */
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import type { NvsOptions } from "../../../src/storage/nvs/format.ts";
import { NvsStore } from "../../../src/storage/nvs/nvs-store.ts";
import { goldenPackedJson } from "../support/golden.ts";
import {
  dataOfOperation,
  flashOf,
  type GoldenCuts,
  type GoldenImage,
  type GoldenOperation,
  type GoldenShape,
  type GoldenTrace,
  imageOfCut,
  itemsLike,
  sha256Of,
} from "../support/kv-golden.ts";
import { NorRegion } from "../support/nor-region.ts";

const images = goldenPackedJson("zephyr-nvs/images.json.gz") as GoldenImage[];
const traces = goldenPackedJson("zephyr-nvs/traces.json.gz") as GoldenTrace[];
const powerCuts = goldenPackedJson("zephyr-nvs/power-cuts.json.gz") as GoldenCuts[];

const optionsOf = ({ sectorBytes, writeBlock, dataCrc }: GoldenShape): NvsOptions => ({
  sectorBytes,
  alignBytes: writeBlock,
  hasDataCrc: dataCrc,
});

function regionOf({ sectorBytes, sectorCount, writeBlock, eraseValue }: GoldenShape, cells?: Uint8Array): NorRegion {
  return new NorRegion({
    eraseBytes: sectorBytes,
    lengthBytes: sectorBytes * sectorCount,
    erasedByte: eraseValue,
    alignBytes: writeBlock,
    ...(cells === undefined ? {} : { cells }),
  });
}

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));

/** What upstream loses and is kept here: a deletion in the very last place, before a torn close entry. */
const KEPT = "cut-in-close-delete-back";
/**
 * Upstream's count of free bytes leaves out an item if a torn entry happens to hold its id; ours counts it: 16 bytes
 * and an entry.
 */
const freeBytesOf = ({ name, expected: { freeSpace } }: GoldenImage): number =>
  freeSpace - (name === "cut-in-ate" ? 24 : 0);

describe.each(images)("$name", (one) => {
  const cells = bytesOf(one.imageBase64);
  const { expected } = one;

  if (expected.mountRc !== 0) {
    it("is read, although no device starts on it, and every change is refused", async () => {
      const region = regionOf(one, cells);
      const store = await NvsStore.mount(region, optionsOf(one));
      const written = Object.entries(one.differsFromWritten ?? {}).map(([key, { written: data }]) => [
        Number(key),
        data,
      ]);
      const items = await store.getMany(store.keys());
      expect(items.map(({ key, data }) => [key, toHex(data)])).toEqual(written);
      expect(store.damage.map(({ reason }) => reason)).toContainEqual(expect.stringContaining("no device starts"));
      const refused = { code: "LAYOUT_MISMATCH", message: expect.stringContaining("every sector") as string };
      await expect(store.set(9, Uint8Array.of(1))).rejects.toMatchObject(refused);
      await expect(store.delete(1)).rejects.toMatchObject(refused);
      await expect(store.recover()).rejects.toMatchObject(refused);
      expect(region.changes).toEqual([]);
    });
    return;
  }

  it("reads as a device reads it, and reading changes nothing", async () => {
    const region = regionOf(one, cells);
    const store = await NvsStore.mount(region, optionsOf(one));
    const entries: Record<string, unknown> = { ...expected.entries };
    if (one.name === KEPT) delete entries["2"];
    const found = await itemsLike(store, expected.entries ?? {});
    expect(found).toEqual({ entries, damaged: Object.keys(expected.errors ?? {}) });
    if (one.name !== KEPT && !store.state.needsRecovery && !store.state.isBlank) {
      expect(store.state).toMatchObject({ activeSector: expected.ateSector, freeBytes: freeBytesOf(one) });
    }
    expect(region.changes).toEqual([]);
  });

  it("is completed as by a device's start", async () => {
    const region = regionOf(one, cells);
    const store = await NvsStore.mount(region, optionsOf(one));
    await store.recover();
    const [...flash] = flashOf(region.changes).map(([kind, offset, what]) => [
      kind,
      offset,
      typeof what === "string" ? what.length / 2 : what,
    ]);
    if (one.name === KEPT) {
      // The deletion is written once more, where the device sees it.
      expect(flash).toEqual([...expected.mountFlash, ["w", 2024, 8]]);
      return;
    }
    if (one.gcPacking !== true || !one.damaged) {
      expect(flash).toEqual(expected.mountFlash);
      expect(sha256Of(region.cells)).toBe(expected.imageAfterMountSha256);
    }
    expect(store.state).toMatchObject({ activeSector: expected.ateSector, freeBytes: freeBytesOf(one) });
    expect(await itemsLike(store, expected.entries ?? {})).toEqual({
      entries: expected.entries ?? {},
      damaged: Object.keys(expected.errors ?? {}),
    });
    expect(region.violations).toEqual([]);
  });
});

async function carryOutOn(
  region: NorRegion,
  store: NvsStore,
  shape: GoldenShape,
  operation: GoldenOperation,
): Promise<NvsStore> {
  switch (operation.op) {
    case "mount": {
      const again = await NvsStore.mount(region, optionsOf(shape));
      await again.recover();
      return again;
    }
    case "write":
      if (typeof operation.rc === "string") {
        await expect(store.set(operation.id!, dataOfOperation(operation))).rejects.toMatchObject({
          code: operation.rc,
        });
        return store;
      }
      // Without data it is a deletion.
      if (operation.length === 0) return carryOutOn(region, store, shape, { ...operation, op: "delete" });
      expect(await store.set(operation.id!, dataOfOperation(operation))).toBe(operation.rc !== 0);
      return store;
    case "delete":
      await store.delete(operation.id!);
      return store;
    default:
      throw new Error(`no operation ${operation.op}`);
  }
}

const plain = traces.filter(({ gcPacking, name }) => gcPacking !== true && !name.includes("settings"));

describe.each(plain)("trace $name", (trace) => {
  it("is written with the same operations and bytes", async () => {
    const region = regionOf(trace);
    let store = await NvsStore.mount(region, optionsOf(trace));
    for (const [index, operation] of trace.operations.entries()) {
      region.changes.length = 0;
      store = await carryOutOn(region, store, trace, operation);
      expect([index, flashOf(region.changes)]).toEqual([index, operation.flash]);
    }
    expect(region.violations).toEqual([]);
  });
});

/**
 * Images of whole operations of a build that does not pack its copies; without one where a full store made upstream
 * move everything.
 */
const rewritten = images.filter(
  ({ name, damaged, gcPacking, operations }) =>
    name !== "sector-64k" &&
    !damaged &&
    gcPacking !== true &&
    operations.length > 0 &&
    operations.every(({ op, id }) => ["mount", "write", "delete"].includes(op) && id !== 0xffff),
);

it.each(rewritten)("writes $name again", async (one) => {
  const region = regionOf(one);
  let store = await NvsStore.mount(region, optionsOf(one));
  for (const operation of one.operations) store = await carryOutOn(region, store, one, operation);
  expect(sha256Of(region.cells)).toBe(one.sha256);
});

describe.each(powerCuts.filter(({ name }) => !name.includes("settings")))("power cuts of $name", (one) => {
  it("read as after a device's start", async () => {
    for (const cut of one.cuts) {
      const cells = imageOfCut(one, cut);
      expect(sha256Of(cells)).toBe(cut.imageSha256);
      const region = regionOf(one, cells);
      const { entries, errors } = one.contents[cut.contents]!;
      const wish = { entries, damaged: Object.keys(errors) };
      const where = `${cut.flashOp} ${cut.bytes} ${cut.eraseMode ?? ""}`;
      const store = await NvsStore.mount(region, optionsOf(one));
      expect([where, await itemsLike(store, entries)]).toEqual([where, wish]);
      await store.recover();
      if (one.gcPacking !== true) expect([where, sha256Of(region.cells)]).toEqual([where, cut.imageAfterMountSha256]);
      expect(await itemsLike(await NvsStore.mount(region, optionsOf(one)), entries)).toEqual(wish);
      expect(region.violations).toEqual([]);
    }
  });
});

it("uses all of the golden data", () => {
  expect([images.length, plain.length, rewritten.length, powerCuts.length]).toEqual([35, 8, 12, 8]);
});
