/** Images of the original code, whole and with power cuts: every one reads as its manifest says. */
import { describe, expect, it } from "vitest";
import { LittleFs } from "../../../src/storage/littlefs/littlefs.ts";
import { littlefsSniffer } from "../../../src/storage/littlefs/recognise.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { packedGolden, type PackedCase, sha256 } from "../support/packed-golden.ts";
import { readTree, regionOf, type TreeItem } from "./read-tree.ts";

interface LittleFsCase extends PackedCase {
  readonly blockBytes: number;
  readonly blockCount: number;
  readonly diskVersion: string;
  readonly cut?: object;
  readonly expected: {
    readonly mountRc: number;
    readonly tree?: readonly TreeItem[];
    readonly treeAfterFirstWrite?: readonly TreeItem[];
  };
}

const golden = packedGolden<LittleFsCase>("littlefs");
const whole = golden.cases.filter(({ cut }) => cut === undefined);
const cuts = golden.cases.filter(({ cut }) => cut !== undefined);
const sample = [
  ...effort(
    whole.filter(({ blockBytes }) => blockBytes === 4096),
    whole,
  ),
  ...cuts.filter((_, index) => index % effort(7, 1) === 0 || /move|format/.test(cuts[index]?.name ?? "")),
];

function treeOf({ expected }: LittleFsCase): readonly TreeItem[] | undefined {
  return (expected.treeAfterFirstWrite ?? expected.tree)?.map(({ path, type, size, sha256: hash }) =>
    type === "dir" ? { path, type } : { path, type, size: size ?? 0, sha256: hash ?? "" },
  );
}

describe("littlefs images of the original code", () => {
  it.each(sample.map((one) => [one.name, one] as const))("reads %s", async (name, one) => {
    const cells = golden.image(name);
    expect(sha256(cells)).toBe(one.sha256);
    const tree = treeOf(one);
    if (tree === undefined) {
      await expect(LittleFs.mount(regionOf(cells))).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
      return;
    }
    const { items, damage, fs } = await readTree(regionOf(cells));
    expect(items).toEqual(tree);
    // A cut is not a damage: the state before it is complete.
    expect(damage.filter(({ isLoss }) => isLoss)).toEqual([]);
    const { majorVersion, minorVersion, blockBytes, blockCount } = fs.superblock;
    expect(`${majorVersion}.${minorVersion}`).toBe(one.diskVersion);
    expect([blockBytes, blockCount]).toEqual([one.blockBytes, one.blockCount]);
  });

  it("recognises each of them in a larger flash, from its first to its last byte", async () => {
    let found = 0;
    for (const one of sample) {
      if (treeOf(one) === undefined || one.blockBytes > 4096) continue;
      const cells = new Uint8Array(one.bytes + 0x6000).fill(0xff);
      cells.set(golden.image(one.name), 0x3000);
      const findings = await recogniseRegions(regionOf(cells), [littlefsSniffer()]);
      expect(findings, one.name).toMatchObject([
        { layout: "littlefs", offset: 0x3000, lengthBytes: one.bytes, certainty: "certain" },
      ]);
      found++;
    }
    sayCount(`littlefs: ${sample.length} images read, ${found} recognised`);
    expect(found).toBeGreaterThan(20);
  });

  it("finds block 0 by the second copy of the superblock", async () => {
    const cells = golden.image("lfs21-4k-p16-basic");
    cells.fill(0xff, 0, 4096);
    const { items } = await readTree(regionOf(cells));
    expect(items.map(({ path }) => path)).toContain("/big.bin");
    const moved = new Uint8Array(cells.length + 0x4000).fill(0xff);
    moved.set(cells, 0x4000);
    const findings = await recogniseRegions(regionOf(moved), [littlefsSniffer()]);
    expect(findings).toMatchObject([{ offset: 0x4000, lengthBytes: cells.length, certainty: "certain" }]);
  });
});
