/** Golden areas are found with their options and ends: alone, inside a dump, beside each other, and nowhere else. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/sim/random.ts";
import { SNIFFED_BYTES } from "../../../src/storage/recognise/region-finding.ts";
import { zmsSniffer, type ZmsRegion } from "../../../src/storage/zms/recognise.ts";
import { ZmsStore } from "../../../src/storage/zms/zms-store.ts";
import { effort } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { SubRegion } from "../support/sub-region.ts";
import { zmsImage, zmsImages, zmsOptions } from "../support/zephyr-zms.ts";

async function sniffed(region: NorRegion): Promise<readonly ZmsRegion[]> {
  const sniffer = zmsSniffer(region);
  for (let offset = 0; offset < region.lengthBytes; offset += SNIFFED_BYTES) {
    sniffer.look(offset, region.cells.subarray(offset, offset + SNIFFED_BYTES));
  }
  return sniffer.conclude(region);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const used = zmsImages.filter(({ name }) => name !== "blank");
const blank = (lengthBytes: number): Uint8Array => new Uint8Array(lengthBytes).fill(0xff);

async function contentsAt(region: NorRegion, finding: ZmsRegion): Promise<unknown> {
  const { options, offset, lengthBytes } = finding;
  const store = await ZmsStore.mount(new SubRegion(region, offset, lengthBytes), options!);
  return store.getMany(store.keys());
}

describe("golden images", () => {
  it.each(used.map((image) => [image.name, image] as const))("%s: alone and in a dump", async (name, image) => {
    const { sectorBytes, idBits, writeBlock, dataCrc } = image;
    const cells = zmsImage(name);
    const alone = new NorRegion({ eraseBytes: sectorBytes, cells });
    const store = await ZmsStore.mount(alone, zmsOptions(image));
    const wished = await store.getMany(store.keys());
    const dump = new NorRegion({ eraseBytes: 256, cells: joined(createRandom(1).bytes(8192), cells, blank(65536)) });
    for (const [region, start] of [
      [alone, 0],
      [dump, 8192],
    ] as const) {
      const [finding, ...more] = await sniffed(region);
      expect(more).toEqual([]);
      expect(finding).toMatchObject({ layout: "zms", facts: { keyBits: idBits } });
      // Two items of an area with a single used sector do not show its size.
      if (finding?.options === undefined) continue;
      const { facts, offset, lengthBytes, options, isClosed } = finding;
      expect(facts["sectorBytes"]).toBe(sectorBytes);
      // The sector that was being erased has no header; which end of the ring it is, nothing shows.
      const isCut = ["cut-erase-tail", "cut-before-empty"].includes(name);
      expect(offset).toBe(isCut ? start + sectorBytes : start);
      if (!isCut && (isClosed || region === alone)) expect(lengthBytes).toBe(cells.length);
      if (isCut) expect(isClosed).toBe(false);
      if (facts["alignBytes"] !== undefined) {
        expect(Number(facts["leastAlignBytes"] ?? facts["alignBytes"])).toBeLessThanOrEqual(writeBlock);
        expect(options.alignBytes).toBeGreaterThanOrEqual(writeBlock);
      }
      if (facts["hasDataCrc"] !== undefined) expect(facts["hasDataCrc"]).toBe(dataCrc);
      if (lengthBytes >= 2 * sectorBytes) expect(await contentsAt(region, finding)).toEqual(wished);
    }
  });

  it("knows the sector size of all but areas that do not show it", async () => {
    const unknown: string[] = [];
    for (const { name, sectorBytes } of used) {
      const [finding] = await sniffed(new NorRegion({ eraseBytes: sectorBytes, cells: zmsImage(name) }));
      if (finding?.options === undefined) unknown.push(name);
    }
    expect(unknown).toEqual([]);
  });

  it("names settings", async () => {
    for (const { name, sectorBytes, settings } of used) {
      const [finding] = await sniffed(new NorRegion({ eraseBytes: sectorBytes, cells: zmsImage(name) }));
      expect(finding?.content, name).toBe(settings === true ? "settings" : undefined);
    }
  });
});

it("finds two areas beside each other", async () => {
  const [a, b] = ["settings-gc-crc", "crc-wb1"].map(zmsImage);
  const region = new NorRegion({ eraseBytes: 1024, cells: joined(a!, b!) });
  const found = await sniffed(region);
  expect(found.map(({ offset }) => offset)).toEqual([0, 3072]);
});

it("finds nothing in noise, and ends on any bytes", async () => {
  const random = createRandom(46);
  const header = zmsImage("few").subarray(4080, 4096);
  for (let round = 0; round < effort(60, 5_000); round++) {
    const cells = random.bytes(4096);
    const region = new NorRegion({ eraseBytes: 256, cells });
    expect(await sniffed(region)).toEqual([]);
    for (let count = 0; count < 6; count++) region.cells.set(header, 256 * (1 + random.intBelow(16)) - 16);
    for (const { offset, lengthBytes, reach } of await sniffed(region)) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset + lengthBytes).toBeLessThanOrEqual(4096);
      expect(reach.offset + reach.lengthBytes).toBeLessThanOrEqual(4096);
    }
  }
});

it("reads nothing after the flash where a header ends no whole sector", async () => {
  const header = zmsImage("few").subarray(4080, 4096);
  const region = new NorRegion({ eraseBytes: 256, cells: new Uint8Array(3072).fill(0xff) });
  for (const end of [1024, 3072]) region.cells.set(header, end - 16);
  for (const { offset, lengthBytes } of await sniffed(region)) expect(offset + lengthBytes).toBeLessThanOrEqual(3072);
});
