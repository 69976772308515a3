/** Damaged file systems: the reader ends, throws only its own errors, and never gives changed entries without a word. */
import { describe, expect, it } from "vitest";
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { littlefsSniffer } from "../../../src/storage/littlefs/recognise.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import { createRandom, type Random } from "../../../src/sim/random.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { packedGolden } from "../support/packed-golden.ts";
import { readTree, regionOf, type Tree } from "./read-tree.ts";

const golden = packedGolden("littlefs");
const NAMES = [
  "lfs21-4k-p16-limits",
  "lfs21-4k-p16-inline16",
  "lfs21-4k-p16-expanded",
  "lfs21-4k-p16-basic",
  "lfs20-4k-p1-basic",
];

/** The tree, or undefined if the region is refused with a clear error. */
async function treeOrRefused(cells: Uint8Array): Promise<Tree | undefined> {
  try {
    return await readTree(regionOf(cells));
  } catch (error) {
    if (error instanceof NorbridgeError && error.code === "LAYOUT_MISMATCH") return undefined;
    throw error;
  }
}

/** All that has a checksum on flash: names, kinds and sizes. */
function checked({ items }: Tree): unknown {
  return items.map(({ path, type, size }) => ({ path, type, size }));
}

describe("damaged littlefs", () => {
  it("tells of every flipped bit that changes what is listed", async () => {
    const random = createRandom("littlefs flips");
    let told = 0;
    let same = 0;
    const rounds = effort(24, 1500);
    for (const name of NAMES) {
      const cells = golden.image(name);
      const whole = await readTree(regionOf(cells));
      expect(whole.damage).toEqual([]);
      const written = [...cells.keys()].filter((at) => cells[at] !== 0xff && at % 4096 < 1024);
      for (let round = 0; round < rounds; round++) {
        const damaged = cells.slice();
        const at = written[random.intBelow(written.length)] ?? 0;
        damaged[at] = (damaged[at] ?? 0) ^ (1 << random.intBelow(8));
        const tree = await treeOrRefused(damaged);
        const hasWord =
          tree === undefined || tree.damage.length > 0 || tree.items.some((one) => one.sha256 === "damaged");
        if (hasWord) told++;
        else {
          expect(checked(tree), `${name}: bit at ${at}`).toEqual(checked(whole));
          same++;
        }
      }
    }
    sayCount(`littlefs: ${told + same} flipped bits, ${told} told of, ${same} without effect`);
    expect(told).toBeGreaterThan(0);
  }, 240_000);

  it("reads what is left when blocks are gone, and names what is lost", async () => {
    const cells = golden.image("lfs21-4k-p16-basic");
    const whole = await readTree(regionOf(cells));
    let lossy = 0;
    for (let block = 0; block < cells.length / 4096; block += 2) {
      const damaged = cells.slice();
      // Both blocks of a pair: 0x5a is neither erased nor a commit.
      damaged.fill(0x5a, block * 4096, (block + 2) * 4096);
      const tree = await treeOrRefused(damaged);
      if (block === 0) expect(tree).toBeUndefined();
      if (tree === undefined) continue;
      const paths = new Set(tree.items.map(({ path }) => path));
      const lost = whole.items.filter(({ path }) => !paths.has(path));
      if (lost.length > 0) {
        lossy++;
        const names = tree.damage
          .filter(({ isLoss }) => isLoss)
          .map(({ path }) => path.map((name) => `/${Buffer.from(name).toString()}`).join(""));
        for (const { path } of lost)
          expect(
            names.some((name) => path.startsWith(`${name}/`)),
            path,
          ).toBe(true);
      }
    }
    expect(lossy).toBeGreaterThan(2);
  });

  it("ends on truncated images", async () => {
    for (const name of NAMES) {
      const cells = golden.image(name);
      for (let blocks = 1; blocks * 4096 < cells.length; blocks += effort(7, 1)) {
        const tree = await treeOrRefused(cells.slice(0, blocks * 4096));
        if (tree !== undefined) expect(tree.fs.blockCount).toBe(blocks);
      }
    }
  });

  it("ends on random commits with right CRCs, and on random bytes", async () => {
    const random = createRandom("littlefs commits");
    const rounds = effort(600, 100_000);
    let entries = 0;
    let damage = 0;
    for (let round = 0; round < rounds; round++) {
      const cells = round % 4 === 0 ? scrambled(random) : randomFileSystem(random);
      const tree = await treeOrRefused(cells);
      entries += tree?.items.length ?? 0;
      damage += tree?.damage.length ?? 0;
      if (round % 10 === 0) await recogniseRegions(regionOf(cells), [littlefsSniffer()]);
    }
    sayCount(`littlefs: ${rounds} random inputs, ${entries} entries, ${damage} items of damage`);
    expect(entries).toBeGreaterThan(rounds / 8);
    expect(damage).toBeGreaterThan(rounds / 4);
  }, 240_000);
});

/** Valid images of 32 KiB with random bytes over a part of them, or only random bytes. */
function scrambled(random: Random): Uint8Array {
  const cells = golden.image("lfs21-4k-p16-empty");
  const start = random.intBelow(64);
  const length = random.intBelow(200);
  for (let at = start; at < start + length; at++) cells[at] = random.intBelow(256);
  return cells;
}

const BLOCK_BYTES = 256;
const BLOCKS = 16;

/** Every block is a metadata block with right CRCs, whose tags are any: circles, foreign pointers, huge sizes. */
function randomFileSystem(random: Random): Uint8Array {
  const cells = new Uint8Array(BLOCK_BYTES * BLOCKS).fill(0xff);
  for (let block = 0; block < BLOCKS; block++) {
    const isSuper = block < 2;
    const tags = isSuper ? [superName(), superStruct()] : [];
    for (let count = random.intBelow(7); count > 0; count--) tags.push(randomTag(random, isSuper ? 1 : 0));
    cells.set(metadataBlock(random.intBelow(4), tags), block * BLOCK_BYTES);
  }
  return cells;
}

interface PlainTag {
  readonly type: number;
  readonly id: number;
  readonly data: Uint8Array;
}

function superName(): PlainTag {
  return { type: 0x0ff, id: 0, data: Buffer.from("littlefs") };
}

function superStruct(): PlainTag {
  return { type: 0x201, id: 0, data: words(0x00020001, BLOCK_BYTES, BLOCKS, 255, 0x7fffffff, 1022) };
}

function randomTag(random: Random, leastId: number): PlainTag {
  const id = leastId + random.intBelow(4);
  const block = (): number => (random.intBelow(20) === 0 ? random.intBelow(1 << 30) : random.intBelow(BLOCKS));
  const pair = (): Uint8Array => words(block(), block());
  const name = (): Uint8Array => Buffer.from(["a", "b", "\u001b[2J", "../x"][random.intBelow(4)] ?? "");
  const kinds: readonly (() => PlainTag)[] = [
    () => ({ type: 0x001, id, data: name() }),
    () => ({ type: 0x002, id, data: name() }),
    () => ({ type: 0x200, id, data: pair() }),
    () => ({ type: 0x200, id, data: pair() }),
    () => ({ type: 0x201, id, data: words(7) }),
    () => ({ type: 0x202, id, data: words(block(), random.intBelow(3) === 0 ? 0xffffffff : random.intBelow(2000)) }),
    () => ({ type: 0x401, id, data: new Uint8Array() }),
    () => ({ type: 0x4ff, id, data: new Uint8Array() }),
    () => ({ type: 0x600 + random.intBelow(2), id: 0x3ff, data: pair() }),
    () => ({ type: 0x7ff, id: 0x3ff, data: words((0x4ff << 20) | (id << 10), block(), block()) }),
  ];
  return (kinds[random.intBelow(kinds.length)] ?? superName)();
}

/** One commit: revision, tags, CRC. */
function metadataBlock(revision: number, tags: readonly PlainTag[]): Uint8Array {
  const parts = [words(revision)];
  let previous = 0xffffffff;
  const push = (type: number, id: number, length: number, data: Uint8Array): void => {
    const raw = ((type << 20) | (id << 10) | length) >>> 0;
    const stored = Buffer.alloc(4);
    stored.writeUInt32BE((raw ^ previous) >>> 0);
    parts.push(stored, data);
    previous = raw;
  };
  for (const { type, id, data } of tags) push(type, id, data.length, data);
  push(0x500, 0x3ff, 4, new Uint8Array());
  const covered = Buffer.concat(parts);
  return Buffer.concat([covered, words(~crc32(covered) >>> 0)]).subarray(0, BLOCK_BYTES);
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * index);
  return bytes;
}
