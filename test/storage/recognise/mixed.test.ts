/** A chip with golden images of eight formats beside each other: all are found, each with both ends, and nothing else. */
import { expect, it } from "vitest";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import { descriptorOf, fmapOf } from "../../layouts/support/layout-images.ts";
import { goldenBytes } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";
import { packedGolden, sha256 } from "../support/packed-golden.ts";

const flashdb = packedGolden("flashdb");
const mynewt = { image: (name: string) => goldenBytes(`mynewt-log/${name}.bin.gz`) };

/** Where each image stands, in a chip of 512 KiB that is else blank. */
const PARTS: readonly (readonly [number, string, { image(name: string): Uint8Array }])[] = [
  [0, "mcb-scratch-w8-test", packedGolden("mcuboot")],
  [0x24000, "fcb-log3-a1-wrapped", mynewt],
  [0x28000, "fcb2-log3-a1-wrapped", mynewt],
  [0x30000, "tsdb-g1-t32-wrapped", flashdb],
  [0x34000, "kvdb-g1-gc", flashdb],
  [0x40000, "lfs21-4k-p16-basic", packedGolden("littlefs")],
];

it("tells what is where", async () => {
  const cells = new Uint8Array(512 * 1024).fill(0xff);
  for (const [place, name, set] of PARTS) cells.set(set.image(name), place);
  expect(sha256(cells)).toBe("66a6fb1f3cf8b62931425594134f0758f501be1ded8f4e6a092b46c709cf580d");
  const region = new NorRegion({ eraseBytes: 4096, cells });
  const found = await recogniseRegions(region);
  expect(found.map(({ layout, offset, lengthBytes }) => [layout, offset, lengthBytes])).toEqual([
    ["mcuboot-image", 0, 9072],
    ["mcuboot-image", 0x10000, 7072],
    ["mcuboot-trailer", 0x1ffd0, 48],
    ["fcb", 0x24000, 0x3000],
    ["fcb2", 0x28000, 0x3000],
    ["flashdb-tsdb", 0x30000, 0x3000],
    ["flashdb-kvdb", 0x34000, 0x3000],
    ["littlefs", 0x40000, 0x40000],
  ]);
  // The ids of that log do not prove where its ring ends.
  expect(found.filter(({ certainty }) => certainty !== "certain").map(({ layout }) => layout)).toEqual(["fcb"]);
  // One pass, and no part of it read twice again to prove what was noted.
  expect(region.bytesRead).toBeLessThan(2 * cells.length);
});

it("names the maps that a flash has of itself", async () => {
  const cells = new Uint8Array(512 * 1024).fill(0xff);
  const areas = [
    { name: "RO", address: 0x40000, lengthBytes: 0x40000 },
    { name: "FMAP", address: 0x41000, lengthBytes: 0x1000 },
  ];
  cells.set(descriptorOf({ 0: [0, 0xfff], 1: [0x1000, 0x7ffff] }));
  cells.set(fmapOf(areas, cells.length), 0x41000);
  cells.set(fmapOf(areas, cells.length), 0x60123);
  expect(await recogniseRegions(new NorRegion({ eraseBytes: 4096, cells }))).toMatchObject([
    { layout: "ifd", offset: 0, lengthBytes: 4096, certainty: "likely", facts: { regions: 2 } },
    { layout: "fmap", offset: 0x41000, lengthBytes: 140, certainty: "certain", facts: { regions: 2 } },
    { layout: "fmap", offset: 0x60123, lengthBytes: 140, certainty: "likely" },
  ]);
});
