/** ZMS areas that Zephyr's own code wrote, read and written again. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { ZmsStore } from "../../../src/storage/zms/zms-store.ts";
import { NorRegion, type RegionChange } from "../support/nor-region.ts";
import {
  type Expected,
  type FlashOp,
  type GoldenImage,
  type Operation,
  zmsCuts,
  zmsImage,
  zmsImages,
  zmsOptions,
  zmsTraces,
} from "../support/zephyr-zms.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Items as hex; what is damaged is an error. */
async function readout(store: ZmsStore): Promise<Pick<Expected, "entries" | "errors">> {
  const entries: Record<string, string> = {};
  const errors: Record<string, string> = {};
  for (const { key, data, damage } of await store.getMany(store.keys())) {
    if (damage === undefined) entries[key] = toHex(data);
    else errors[key] = "EIO";
  }
  return { entries, errors };
}

function region(image: Uint8Array, sectorBytes: number): NorRegion {
  return new NorRegion({ eraseBytes: sectorBytes, cells: image });
}

/** What upstream reads; in one image only at its second start. */
function wished({ expected }: GoldenImage): Expected["entries"] {
  return expected.secondMount?.entries ?? expected.entries;
}

describe("images", () => {
  it.each(zmsImages.map((image) => [image.name, image] as const))(
    "%s reads as its manifest says",
    async (name, image) => {
      const flash = region(zmsImage(name), image.sectorBytes);
      const store = await ZmsStore.mount(flash, zmsOptions(image));
      const { entries, errors } = await readout(store);
      expect(shortened(entries)).toEqual(shortened(withoutLarge(wished(image))));
      expect(errors).toEqual(image.expected.errors ?? {});
      expect(flash.changes).toEqual([]);
      if (image.damaged) return;
      expect(store.state.freeBytes).toBe(image.expected.freeSpace);
      expect(store.state.activeSector).toBe(image.expected.ateSector);
      expect(store.damage).toEqual([]);
    },
  );

  it.each(["cut-in-gc-copy", "two-sectors-erase-tail-lost"])(
    "%s reads the same after a device's start",
    async (name) => {
      const image = zmsImages.find((one) => one.name === name)!;
      const [before, after] = await Promise.all(
        [name, `${name}.after-mount`].map(async (file) =>
          readout(await ZmsStore.mount(region(zmsImage(file), image.sectorBytes), zmsOptions(image))),
        ),
      );
      expect(after).toEqual(before);
    },
  );
});

/** Keys that no number can be are not shown. */
function withoutLarge(entries: Expected["entries"]): Expected["entries"] {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => Number.isSafeInteger(Number(key))));
}

/** Long items as the manifests have them: length and checksum. */
function shortened(entries: Expected["entries"]): Expected["entries"] {
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => {
      if (typeof value !== "string" || value.length < 600) return [key, value];
      const bytes = fromHex(value)!;
      return [key, { length: bytes.length, sha256: sha256(bytes) }];
    }),
  );
}

/** Devices also program places with erased bytes before they close a sector, which changes nothing. */
function isEffective(op: FlashOp): boolean {
  return op[0] === "e" || !/^(ff)*$/.test(op[2]);
}

const opOf = (change: RegionChange): FlashOp =>
  change.kind === "erase" ? ["e", change.offset, change.lengthBytes] : ["w", change.offset, toHex(change.data)];

/** Carries out an operation of a trace; whether it was refused as upstream refused it. */
async function carryOut(store: ZmsStore, { op, id, dataHex, rc }: Operation): Promise<void> {
  const act = (): Promise<unknown> => {
    if (op === "mount") return store.recover();
    return op === "delete" ? store.delete(Number(id)) : store.set(Number(id), fromHex(dataHex ?? "")!);
  };
  if (typeof rc === "number") await act();
  else await expect(act()).rejects.toMatchObject({ code: rc });
}

describe("traces of the writer", () => {
  it.each(zmsTraces.filter(({ settings }) => settings !== true).map((trace) => [trace.name, trace] as const))(
    "%s: the same operations, byte for byte",
    async (_, trace) => {
      const { sectorBytes, sectorCount, writeBlock } = trace;
      const flash = new NorRegion({
        eraseBytes: sectorBytes,
        lengthBytes: sectorBytes * sectorCount,
        alignBytes: writeBlock,
      });
      const options = { ...zmsOptions(trace), guardsFirstEntry: false };
      let store = await ZmsStore.mount(flash, options);
      for (const [index, operation] of trace.operations.entries()) {
        flash.resetCounts();
        if (operation.op === "mount") store = await ZmsStore.mount(flash, options);
        await carryOut(store, operation);
        expect(flash.changes.map(opOf), `operation ${index}`).toEqual(operation.flash.filter(isEffective));
        expect(flash.violations).toEqual([]);
      }
      expect(sha256(flash.cells)).toBe(trace.finalImageSha256);
    },
  );
});

describe("power cuts of upstream's writer", () => {
  it.each(zmsCuts.map((one) => [one.name, one] as const))(
    "%s: old or new data, and the next write holds",
    async (_, one) => {
      for (const cut of one.cuts) {
        const cells = cutImage(one.baseImageHex, one.lastOperationFlash, cut);
        expect(sha256(cells)).toBe(cut.imageSha256);
        const flash = region(cells, one.sectorBytes);
        const store = await ZmsStore.mount(flash, zmsOptions(one));
        const found = await readout(store);
        const allowed = one.contents.map(({ entries, errors }) => ({ entries, errors: errors ?? {} }));
        expect(allowed, `flash operation ${cut.flashOp}, byte ${cut.bytes}`).toContainEqual(found);
        const data = fromHex("a1b2c3d4e5f60718293a4b5c6d7e8f")!;
        await store.set(77, data);
        const again = await readout(await ZmsStore.mount(flash, zmsOptions(one)));
        expect(again).toEqual({ ...found, entries: { ...found.entries, 77: toHex(data) } });
        expect(flash.violations).toEqual([]);
      }
    },
  );
});

function cutImage(
  baseHex: string,
  ops: readonly FlashOp[],
  { flashOp, bytes, eraseMode }: { readonly flashOp: number; readonly bytes: number; readonly eraseMode?: string },
): Uint8Array {
  const cells = fromHex(baseHex)!;
  ops.slice(0, flashOp + 1).forEach((op, index) => {
    const isWhole = index < flashOp;
    if (op[0] === "w") {
      const data = fromHex(op[2])!;
      data.subarray(0, isWhole ? data.length : bytes).forEach((byte, at) => (cells[op[1] + at]! &= byte));
      return;
    }
    const [start, end] = [op[1], op[1] + op[2]];
    if (isWhole) cells.fill(0xff, start, end);
    else if (eraseMode === "tail") cells.fill(0xff, end - bytes, end);
    else cells.fill(eraseMode === "programmed" ? 0 : 0xff, start, start + bytes);
  });
  return cells;
}

it("refuses data and keys that the format cannot hold, before anything is changed", async () => {
  const flash = new NorRegion({ eraseBytes: 512, lengthBytes: 1536 });
  const options = { sectorBytes: 512, alignBytes: 4, hasDataCrc: false, keyBits: 32 } as const;
  const store = await ZmsStore.mount(flash, options);
  for (const [key, length] of [
    [0xffffffff, 1],
    [-1, 1],
    [1.5, 1],
    [1, 433],
  ] as const) {
    await expect(store.set(key, new Uint8Array(length))).rejects.toBeInstanceOf(NorbridgeError);
  }
  expect(flash.changes).toEqual([]);
  await store.set(1, new Uint8Array(432));
  expect((await store.get(1))?.data).toHaveLength(432);
});
