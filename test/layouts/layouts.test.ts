/** Layouts in all forms: what they name, and bad ones with the place of the fault. */
import { describe, expect, it } from "vitest";
import { NorbridgeError } from "../../src/errors.ts";
import { bytesInMemory, type Layout } from "../../src/layouts/layout.ts";
import { readBinaryLayout, readLayoutFile, readLayoutOfForm } from "../../src/layouts/read-layout.ts";
import { overlapNote, selectRegions } from "../../src/layouts/select-regions.ts";
import { createRandom } from "../../src/sim/random.ts";
import { effort, sayCount } from "../support/effort.ts";
import { packedGolden, type PackedCase } from "../storage/support/packed-golden.ts";
import { descriptorOf, fmapOf } from "./support/layout-images.ts";

interface Row {
  readonly name: string;
  readonly offset: number;
  readonly lengthBytes: number;
}
const esp = packedGolden<PackedCase & { readonly csv?: string; readonly partitions?: readonly Row[] }>("esp-idf");

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const read = (content: string | Uint8Array): Promise<Layout> =>
  readLayoutFile(typeof content === "string" ? text(content) : content, "map");
const ranges = ({ regions }: Layout): unknown[] =>
  regions.map(({ name, address, lengthBytes }) => [name, address, lengthBytes]);

async function faultOf(content: string | Uint8Array): Promise<string> {
  try {
    await read(content);
  } catch (error) {
    if (error instanceof NorbridgeError && error.code === "FILE_INVALID") return error.message;
    throw error;
  }
  return "none";
}

describe("flashrom layout files", () => {
  it("name ranges with both ends included", async () => {
    const layout = await read(
      "# board\n00000000:0000ffff boot  # first\r\n  0x10000:0x1ffff\tmain image\n\n20000:20000 x\n",
    );
    expect(layout.kind).toBe("flashrom");
    expect(ranges(layout)).toEqual([
      ["boot", 0, 0x10000],
      ["main image", 0x10000, 0x10000],
      ["x", 0x20000, 1],
    ]);
  });

  it.each([
    ["0:ffff boot\n10000-1ffff main\n", "map:2:1: expected two hexadecimal addresses"],
    ["0:ffff boot\n  10000:zz main\n", "map:2:3: expected two hexadecimal addresses"],
    ["0:ffff\n", "map:1:1: expected START:END NAME"],
    ["0:ff a\n200:100 b\n", "map:2:1: the end is before the start"],
    ["0:ff a\n100:1ff a\n", "map:2:9: a second region with the name a"],
    ["", "has no layout"],
    ["hello world\n", "has no layout"],
  ])("%j is refused with its place", async (content, words) => {
    expect(await faultOf(content)).toContain(words);
  });
});

describe("FMAP", () => {
  const areas = [
    { name: "WP_RO", address: 0, lengthBytes: 0x80000 },
    { name: "FMAP", address: 0x20000, lengthBytes: 0x1000 },
    { name: "COREBOOT", address: 0x21000, lengthBytes: 0x5f000 },
    { name: "RW_A", address: 0x80000, lengthBytes: 0x80000 },
  ];
  const wished = areas.map(({ name, address, lengthBytes }) => [name, address, lengthBytes]);

  it("that says that it stands elsewhere is refused in an image, and read alone", async () => {
    const image = new Uint8Array(0x100000).fill(0xff);
    image.set(fmapOf(areas, image.length), 0x30000);
    expect(await faultOf(image)).toContain("has an FMAP at 0x30000 which says that it is elsewhere");
    expect(ranges(await read(fmapOf(areas, image.length)))).toEqual(wished);
    // The one in its place counts, whatever a copy says.
    image.set(fmapOf(areas, image.length), 0x20000);
    image.set(fmapOf([...areas.slice(0, 2), areas[3]!], image.length), 0x30000);
    expect(ranges(await read(image))).toEqual(wished);
  });

  it.each([0, 0x20000, 0x345])("is found at %d of an image", async (place) => {
    const image = new Uint8Array(0x100000).fill(0xff);
    const moved = areas.map((area) => (area.name === "FMAP" ? { ...area, address: place } : area));
    const wished = moved.map(({ name, address, lengthBytes }) => [name, address, lengthBytes]);
    // The text alone, as code that looks for a map has it.
    image.set(text("__FMAP__"), 0x1000);
    image.set(fmapOf(moved, image.length), place);
    expect(ranges(await read(image))).toEqual(wished);
    expect(ranges((await readBinaryLayout("fmap", bytesInMemory(image), "the chip"))!)).toEqual(wished);
  });

  it("copies are one map; maps that differ, and a map outside of its flash, are refused", async () => {
    const image = new Uint8Array(0x100000).fill(0xff);
    image.set(fmapOf(areas, image.length), 0x20000);
    image.set(fmapOf(areas, image.length), 0x90000);
    expect(ranges(await read(image))).toEqual(wished);
    const unplaced = areas.filter(({ name }) => name !== "FMAP");
    image.set(fmapOf(unplaced, image.length), 0x20000);
    image.set(fmapOf(unplaced.slice(1), image.length), 0x90000);
    expect(await faultOf(image)).toContain("has FMAPs at 0x20000 and 0x90000 that differ");
    expect(await readBinaryLayout("fmap", bytesInMemory(fmapOf(areas, 0x1000)), "x")).toBeUndefined();
  });
});

describe("Intel flash descriptor", () => {
  it("a damaged one is named as that, not as something that is no text", async () => {
    const regions = { 0: [0, 0xfff], 1: [0x1000, 0xffff] } as const;
    const damaged = descriptorOf({ ...regions });
    damaged.fill(0xff, 0x14, 0x1000);
    const signed = "has the signature of an Intel flash descriptor at 0x10";
    expect(await faultOf(damaged)).toContain(`${signed}, but its table of regions is damaged`);
    expect(await faultOf(descriptorOf({ ...regions }).subarray(0, 600))).toContain(
      `${signed}, but only 600 of its 4096 bytes`,
    );
  });

  const regions = {
    0: [0, 0xfff],
    1: [0x500000, 0x7fffff],
    2: [0x3000, 0x4fffff],
    3: [0x1000, 0x2fff],
    8: [0x800000, 0x80ffff],
  } as const;

  it.each([false, true])("names its regions as flashrom does (ICH8: %s)", async (isIch8) => {
    const layout = await read(descriptorOf(regions, isIch8));
    expect(ranges(layout)).toEqual([
      ["fd", 0, 0x1000],
      ["bios", 0x500000, 0x300000],
      ["me", 0x3000, 0x4fd000],
      ["gbe", 0x1000, 0x2000],
      ["ec", 0x800000, 0x10000],
    ]);
  });

  it("an image with an FMAP as well is refused, unless the form is specified", async () => {
    const image = new Uint8Array(0x10000).fill(0xff);
    image.set(descriptorOf({ 0: [0, 0xfff], 1: [0x1000, 0xffff] }));
    image.set(fmapOf([{ name: "A", address: 0, lengthBytes: 16 }], image.length), 0x8000);
    expect(await faultOf(image)).toContain("has several layouts: ifd, fmap");
    expect(ranges(await readLayoutOfForm("ifd", image, "map"))).toHaveLength(2);
    expect(ranges(await readLayoutOfForm("fmap", image, "map"))).toEqual([["A", 0, 16]]);
  });
});

describe("ESP-IDF partition tables", () => {
  const tables = esp.cases.filter(({ csv }) => csv !== undefined);

  it.each(tables.map((one) => [one.name, one] as const))("%s: CSV and binary name the same", async (name, one) => {
    const wished = one.partitions?.map(({ name: label, offset, lengthBytes }) => [label, offset, lengthBytes]);
    expect(ranges(await read(esp.image(name)))).toEqual(wished);
    expect(ranges(await read(`\ufeff${one.csv ?? ""}`))).toEqual(wished);
    const image = new Uint8Array(0x20000).fill(0xff);
    image.set(esp.image(name), name === "moved" ? 0x10000 : 0x8000);
    expect(ranges(await read(image))).toEqual(wished);
  });

  it("says what it cannot know", async () => {
    expect((await read("nvs,data,nvs,,0x6000\n")).notes.join()).toContain("counted from a partition table at 0x8000");
    const boot = await read("bootloader,bootloader,primary,N/A,N/A\nnvs,data,nvs,0x9000,0x6000\n");
    expect([ranges(boot), boot.notes.join()]).toEqual([
      [["nvs", 0x9000, 0x6000]],
      expect.stringContaining("is left out"),
    ]);
  });

  it.each([
    ["nvs,data,nvs,0x9000,0x6000\napp,ap,factory,0x10000,1M\n", "map:2:5: the type is app, data, or a number"],
    ["nvs,data,nvs,0x9000,0x6000\napp,app,factory,0x9800,1M\n", "map:2:17: the offset 0x009800 is before the end"],
    ["nvs,data,nvs,0x9000,6 pages\n", "map:1:21: the size is a number"],
    ["nvs,data,nvs,0x9000,0x6000\n  nvs,data,nvs,,4K\n", "map:2:3: a second region with the name nvs"],
    ["nvs,data,nvs,$OFFSET,0x6000\n", "map:1:1: the line has a variable"],
    ["nvs,data,nvs,0x9000,0x6000,secret\n", "map:1:28: the flags are"],
    ["app,app,,0x10000,1M\n", "map:1:9: an app needs a subtype"],
  ])("%j is refused with its place", async (content, words) => {
    expect(await faultOf(content)).toContain(words);
  });

  it("a damaged binary table is refused", async () => {
    const table = esp.image("odd");
    table[5] = (table[5] ?? 0) ^ 1;
    expect(await faultOf(table)).toContain("its MD5 does not match");
  });
});

describe("device-tree sources", () => {
  const flash = (name: string, compatible: string, partitions: string): string => `
    ${name}: ${name}@0 {
      compatible = "${compatible}"; // the flash
      partitions {
        compatible = "fixed-partitions";
        #address-cells = <1>;
        #size-cells = <1>;
        ${partitions}
      };
    };`;
  const internal = flash(
    "flash0",
    "soc-nv-flash",
    'boot_partition: partition@0 { label = "mcuboot"; reg = <0x0 0xc000>; };',
  );
  const external = flash(
    "mx25r64",
    "nordic,qspi-nor",
    `slot1_partition: partition@0 { label = "image-1"; reg = <0x00000000 DT_SIZE_K(944)>; };
     lfs_partition: partition@ec000 { reg = <(0xe0000 + 0xc000) (2 * 1024 * 1024)>; };`,
  );
  const source = (...flashes: readonly string[]): string =>
    `/dts-v1/;\n#include <nordic/nrf52840.dtsi>\n# 1 "board.dts"\n/* a; board { */\n/ { model = "a; b"; soc { ${flashes.join("\n")} }; };\n`;

  it("name the partitions of a flash by label, with the label of the node as a second name", async () => {
    const layout = await read(source(external));
    expect(ranges(layout)).toEqual([
      ["image-1", 0, 944 * 1024],
      ["lfs_partition", 0xec000, 2 * 1024 * 1024],
    ]);
    const selection = { operation: "read", capacityBytes: 8 * 1024 * 1024 };
    expect(selectRegions(layout, ["slot1_partition", "image-1"], selection)).toHaveLength(1);
  });

  it("of two flashes the serial one counts; if nothing tells, the name of the flash is needed", async () => {
    const one = await read(source(internal, external));
    expect(ranges(one)).toHaveLength(2);
    expect(one.notes.join()).toContain("the partitions of flash0 are left out");
    expect((await read(source(internal))).notes.join()).toContain(
      "nothing in the file shows that it is a serial flash",
    );
    const both = await read(source(internal, flash("flash1", "soc-nv-flash", "p: partition@0 { reg = <0 0x1000>; };")));
    expect(ranges(both).map((one) => (one as string[])[0])).toEqual(["flash0/mcuboot", "flash1/p"]);
  });

  it("overlays, deleted nodes, 64-bit cells and partitions in partitions", async () => {
    const overlay = `
      /delete-node/ &slot1_partition;
      &mx25r64 { partitions { extra: partition@200000 { label = "extra"; reg = <0x200000 0x1000>; }; }; };`;
    expect(ranges(await read(source(external) + overlay))).toEqual([
      ["lfs_partition", 0xec000, 0x200000],
      ["extra", 0x200000, 0x1000],
    ]);
    const wide = `&ospi_nor { partitions { compatible = "fixed-partitions"; #address-cells = <2>; #size-cells = <2>;
      a: partition@0 { compatible = "fixed-subpartitions"; reg = <0 0x1000>, <0 0x4000>;
        b: partition@1000 { reg = <0x1000 0x1000>; }; }; }; };`;
    expect(ranges(await read(wide))).toEqual([
      ["a", 0x1000, 0x4000],
      ["b", 0x2000, 0x1000],
    ]);
  });

  it.each([
    [
      source(flash("f", "jedec,spi-nor", "p: partition@0 { reg = <0 FLASH_END>; };")),
      /map:\d+:\d+: reg: FLASH_END is a name/,
    ],
    [
      source(flash("f", "jedec,spi-nor", "p: partition@0 { reg = <0 0>; };")),
      /map:\d+:\d+: the partition has no bytes/,
    ],
    [source(flash("f", "jedec,spi-nor", "p: partition@0 { reg = <0>; };")), /map:\d+:\d+: reg has 1 cells, expected 2/],
    ["/dts-v1/;\n/ { a { b = <1>; };\n", /map:2:1: the node \/ has no closing "}"/],
    ["/dts-v1/;\n/ { a { b = <1> }\n", /map:2:13: a value has no ";"/],
    ["/dts-v1/;\n/ { %; };\n", /map:2:5: expected a node or a property/],
    ["/dts-v1/;\n/ { };\n", /has no node with fixed-partitions/],
  ])("%j is refused", async (content, words) => {
    expect(await faultOf(content)).toMatch(words);
  });
});

describe("regions by name", () => {
  it("that do not exist, overlap or pass the end of the chip are refused, with the names there are", async () => {
    const layout = await read("0:fff a\n800:8ff b\n2000:2fff c\n1000:1fff e\n1800:1bff f\n1a00:27ff g\n");
    const select =
      (...names: readonly string[]) =>
      () =>
        selectRegions(layout, names, { operation: "erase", capacityBytes: 0x2800 });
    expect(select("c", "a", "a")).toThrow(
      "the region c (0x002000..0x002fff (4 KiB)) ends 2 KiB after the end of the chip",
    );
    expect(select("d")).toThrow("the layout has no region d");
    expect(select("a", "b")).toThrow(
      "the regions a (0x000000..0x000fff (4 KiB)) and b (0x000800..0x0008ff (256 bytes)) overlap",
    );
    for (const name of ["e", "f", "g"]) expect(select(name)).toThrow("of the layout overlap, and neither contains");
    expect(overlapNote(layout)).toContain("regions that overlap partly: f (0x001800..0x001bff (1 KiB)) and g (");
    expect(select("b", "b")().map(({ name }) => name)).toEqual(["b"]);
    try {
      select("d")();
    } catch (error) {
      expect(JSON.stringify((error as NorbridgeError).hint)).toContain("The layout has: a, b, c, e, f, g.");
    }
  });
});

it("damaged layouts of every form end with a place, or name ranges", async () => {
  const random = createRandom("layouts");
  const seeds = [
    text("# x\n00000000:0000ffff boot\n00010000:0001ffff main\n"),
    text(esp.cases.find(({ name }) => name === "odd")?.csv ?? ""),
    text(
      '/dts-v1/;\n/ { f: flash { partitions { compatible = "fixed-partitions"; a: p@0 { reg = <0 (1 + 2)>; }; }; }; };',
    ),
    esp.image("two-ota").subarray(0, 320),
    fmapOf([{ name: "A", address: 0, lengthBytes: 16 }], 4096),
    descriptorOf({ 0: [0, 0xfff], 1: [0x1000, 0xffff] }),
  ];
  const rounds = effort(600, 100_000);
  const counts = { read: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    let bytes = Uint8Array.from(seeds[round % seeds.length] ?? []);
    for (let count = random.intBelow(3); count >= 0; count--) {
      const at = random.intBelow(bytes.length);
      const kind = random.intBelow(3);
      if (kind === 0) bytes[at] = random.intBelow(256);
      else if (kind === 1) bytes = bytes.slice(0, Math.max(1, at));
      else bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(Math.max(0, at - 9))]);
    }
    const fault = await faultOf(bytes);
    if (fault === "none") counts.read++;
    else counts.refused++;
  }
  sayCount(`layouts: ${rounds} damaged files, ${counts.refused} refused, ${counts.read} read`);
  expect(counts.refused).toBeGreaterThan(rounds / 8);
}, 240_000);
