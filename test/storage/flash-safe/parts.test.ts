/** Parts of items, and items copied into a buffer of the caller: what the two read calls of eCos Flash Safe do. */
import { expect, it } from "vitest";
import { FlashSafe } from "../../../src/storage/flash-safe/flash-safe.ts";
import { NorRegion } from "../support/nor-region.ts";

const OPTIONS = { blockBytes: 4096, bufferBytes: 256 };

async function safeWith(...items: readonly Uint8Array[]): Promise<FlashSafe> {
  const region = new NorRegion({ eraseBytes: 4096, lengthBytes: 3 * 4096 });
  const transaction = await (await FlashSafe.format(region, OPTIONS)).open();
  for (const [key, data] of items.entries()) await transaction.write(key, data);
  await transaction.commit();
  return FlashSafe.mount(region, OPTIONS);
}

const LONG = Uint8Array.from({ length: 700 }, (_, index) => index % 251);

it("returns a part of an item, cut to the item", async () => {
  const safe = await safeWith(Uint8Array.of(1, 2, 3, 4, 5), LONG, new Uint8Array());
  expect([safe.lengthOf(0), safe.lengthOf(1), safe.lengthOf(2), safe.lengthOf(3)]).toEqual([5, 700, 0, undefined]);
  expect(safe.read(0, { offset: 1, lengthBytes: 3 })).toEqual(Uint8Array.of(2, 3, 4));
  expect(safe.read(0, { offset: 3 })).toEqual(Uint8Array.of(4, 5));
  expect(safe.read(0, { lengthBytes: 0 })).toEqual(new Uint8Array());
  expect(safe.read(0, { offset: 5, lengthBytes: 9 })).toEqual(new Uint8Array());
  expect(safe.read(1, { offset: 250, lengthBytes: 300 })).toEqual(LONG.slice(250, 550));
  expect(safe.read(3, { offset: 1 })).toBeUndefined();
  expect(safe.read(0)).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
});

it.each([-1, 0.5, Number.NaN])("refuses %s as a number of bytes", async (number) => {
  const safe = await safeWith(LONG);
  expect(() => safe.read(0, { offset: number })).toThrow(/not a number of bytes/);
  expect(() => safe.read(0, { lengthBytes: number })).toThrow(/not a number of bytes/);
});

it("copies what there is room for, and leaves the rest of the buffer", async () => {
  const safe = await safeWith(Uint8Array.of(1, 2, 3), LONG);
  const buffer = new Uint8Array(5).fill(0xee);
  expect(safe.readInto(0, buffer)).toBe(3);
  expect(buffer).toEqual(Uint8Array.of(1, 2, 3, 0xee, 0xee));
  expect(safe.readInto(1, buffer)).toBe(5);
  expect(buffer).toEqual(LONG.slice(0, 5));
  expect(safe.readInto(9, buffer)).toBeUndefined();
});

it("a copy is the caller's own", async () => {
  const safe = await safeWith(LONG);
  safe.read(0, { lengthBytes: 2 })!.fill(0xaa);
  expect(safe.read(0)).toEqual(LONG);
});
