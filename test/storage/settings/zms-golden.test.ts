/** Settings on ZMS that Zephyr's own code wrote, read and written again. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { collisionBitsOf, murmur3, nameKey } from "../../../src/storage/settings/zms-ids.ts";
import { ZmsSettings } from "../../../src/storage/settings/zms-settings.ts";
import { ZmsStore } from "../../../src/storage/zms/zms-store.ts";
import { NorRegion, type RegionChange } from "../support/nor-region.ts";
import { type FlashOp, zmsCuts, zmsImage, zmsImages, zmsOptions, zmsTraces } from "../support/zephyr-zms.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

it.each([
  ["", 0],
  ["a", 0x3c2569b2],
  ["ab", 0xe5b046f6],
  ["abc", 0x63613144],
  ["abcd", 0x43ed676a],
  ["bt/keys/0", 0xaa9f210d],
] as const)("hashes %j as Zephyr does", (name, hash) => {
  expect(murmur3(bytesOf(name))).toBe(hash);
});

const images = zmsImages.filter(({ settings }) => settings === true);

describe("images", () => {
  it.each(images.map((image) => [image.name, image] as const))("%s reads as its manifest says", async (name, image) => {
    const region = new NorRegion({ eraseBytes: image.sectorBytes, cells: zmsImage(name) });
    const settings = await ZmsSettings.load(await ZmsStore.mount(region, zmsOptions(image)));
    const { values, order } = image.expected.settings!;
    expect(settings.names()).toEqual(order);
    expect(Object.fromEntries(settings.names().map((one) => [one, toHex(settings.get(one)!)]))).toEqual(values);
    expect(settings.unlinkedNames).toEqual([]);
    expect(region.changes).toEqual([]);
  });

  it.each(images.map((image) => [image.name, image] as const))(
    "%s takes a value, and keeps the others",
    async (name, image) => {
      const region = new NorRegion({ eraseBytes: image.sectorBytes, cells: zmsImage(name) });
      const open = async (): Promise<ZmsSettings> => ZmsSettings.load(await ZmsStore.mount(region, zmsOptions(image)));
      const before = await open();
      await before.set("zz/first", Uint8Array.of(1, 2, 3));
      const { values } = image.expected.settings!;
      const after = await open();
      expect(after.names().at(-1)).toBe("zz/first");
      expect(after.names().toSorted()).toEqual([...Object.keys(values), "zz/first"].toSorted());
      expect(after.get("zz/first")).toEqual(Uint8Array.of(1, 2, 3));
      expect(region.violations).toEqual([]);
    },
  );
});

const opOf = (change: RegionChange): FlashOp =>
  change.kind === "erase" ? ["e", change.offset, change.lengthBytes] : ["w", change.offset, toHex(change.data)];

describe("traces of the writer", () => {
  it.each(zmsTraces.filter(({ settings }) => settings === true).map((trace) => [trace.name, trace] as const))(
    "%s: the same operations, byte for byte",
    async (_, trace) => {
      const { sectorBytes, sectorCount, writeBlock } = trace;
      const region = new NorRegion({
        eraseBytes: sectorBytes,
        lengthBytes: sectorBytes * sectorCount,
        alignBytes: writeBlock,
      });
      const options = { ...zmsOptions(trace), guardsFirstEntry: false };
      let settings = await ZmsSettings.load(await ZmsStore.mount(region, options));
      for (const [index, { op, name = "", valueHex, flash }] of trace.operations.entries()) {
        region.resetCounts();
        if (op === "settings-init") {
          settings = await ZmsSettings.load(await ZmsStore.mount(region, options));
          await settings.recover();
        } else if (op === "save") await settings.set(name, fromHex(valueHex ?? "")!);
        else await settings.delete(name);
        const wished = flash.filter((one) => one[0] === "e" || !/^(ff)*$/.test(one[2]));
        expect(region.changes.map(opOf), `operation ${index}, ${op} ${name}`).toEqual(wished);
      }
      expect(sha256(region.cells)).toBe(trace.finalImageSha256);
    },
  );
});

describe("power cuts", () => {
  const cases = zmsCuts.filter(({ settings }) => settings === true);

  it.each(cases.map((one) => [one.name, one] as const))("%s: the old value or the new one", async (_, one) => {
    const names = ["a", "b/c", "dddd"];
    const options = zmsOptions(one);
    const { sectorBytes } = one;
    const start = new NorRegion({ eraseBytes: sectorBytes, lengthBytes: 3 * sectorBytes });
    const writer = await ZmsSettings.load(await ZmsStore.mount(start, options));
    for (const name of names) await writer.set(name, bytesOf(`value of ${name}`));
    const base = start.cells.slice();
    const acts = [
      (settings: ZmsSettings) => settings.set("new", bytesOf("a new value")),
      (settings: ZmsSettings) => settings.set("b/c", bytesOf("another value")),
      (settings: ZmsSettings) => settings.delete("a"),
      (settings: ZmsSettings) => settings.delete("dddd"),
    ];
    for (const act of acts) {
      const whole = new NorRegion({ eraseBytes: sectorBytes, cells: base });
      const settings = await ZmsSettings.load(await ZmsStore.mount(whole, options));
      const old = contentsOf(settings);
      await act(settings);
      const states = [old, contentsOf(settings)];
      // Between any two writes of the store; cuts inside of them are its own tests.
      for (let done = 0; done <= whole.changes.length; done++) {
        const cut = new NorRegion({ eraseBytes: sectorBytes, cells: base });
        for (const change of whole.changes.slice(0, done)) {
          if (change.kind === "program") await cut.program(change.offset, change.data);
          else await cut.erase(change.offset, change.lengthBytes);
        }
        const open = async (): Promise<ZmsSettings> => ZmsSettings.load(await ZmsStore.mount(cut, options));
        const found = contentsOf(await open());
        expect(states).toContainEqual(found);
        const again = await open();
        await again.set("after", Uint8Array.of(done));
        expect(contentsOf(await open())).toEqual({ ...found, after: toHex(Uint8Array.of(done)) });
        expect((await open()).unlinkedNames).toEqual([]);
        expect(cut.violations).toEqual([]);
      }
    }
  });
});

function contentsOf(settings: ZmsSettings): Record<string, string> {
  return Object.fromEntries(settings.names().map((name) => [name, toHex(settings.get(name)!)]));
}

it("takes the bits of the collision number from the keys", () => {
  expect(collisionBitsOf([])).toBe(4);
  const names = ["net/ip", "bt/id", "app/name", "x", "y/z", "fw/a"].map(bytesOf);
  expect(collisionBitsOf(names.map((name) => [nameKey(murmur3(name), 0, 6), name]))).toBe(6);
  expect(collisionBitsOf([[0x80001110, bytesOf("net/ip")]])).toBeUndefined();
});
