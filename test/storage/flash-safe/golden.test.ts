/** Safes made by a separate writer from the layout's description, read and written again. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { FlashSafe } from "../../../src/storage/flash-safe/flash-safe.ts";
import { recogniseSafe } from "../../../src/storage/flash-safe/recognise-safe.ts";
import { goldenBytes, goldenJson, patternOf } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";

interface Item {
  key: number;
  length: number;
  dataHex?: string;
  dataSha256?: string;
  seed?: number;
}
interface Operation {
  op: "transaction" | "poke";
  block: number;
  sequence: number;
  items: Item[];
  endHeader: string;
  startHeader: string;
}
interface Case {
  name: string;
  file: string;
  sha256: string;
  blockBytes: number;
  bufferBytes: number;
  operations: Operation[];
  expected: {
    activeBlock: number | null;
    sequence: number | null;
    committedBlocks: number[];
    damagedBlocks: number[];
    items: Item[];
    error?: string;
  };
}

const cases = goldenJson("flash-safe/manifest.json") as Case[];
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const open = ({ blockBytes, bufferBytes }: Case, region: NorRegion): Promise<FlashSafe> =>
  FlashSafe.mount(region, { blockBytes, bufferBytes });

function regionOf(one: Case, cells: Uint8Array): NorRegion {
  return new NorRegion({ eraseBytes: one.name.startsWith("at45") ? 264 : one.blockBytes, cells });
}

describe.each(cases)("$name", (one) => {
  it("reads as the manifest says, and reading changes nothing", async () => {
    const region = regionOf(one, goldenBytes(`flash-safe/${one.file}`));
    const { expected } = one;
    if (expected.error?.includes("version") === true) {
      await expect(open(one, region)).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
      await expect(recogniseSafe(region)).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
    } else {
      const safe = await open(one, region);
      const { activeBlock, sequence, committedBlocks, damagedBlocks } = safe.info;
      expect({
        activeBlock: activeBlock ?? null,
        sequence: sequence ?? null,
        committedBlocks: [...committedBlocks].sort((a, b) => a - b),
        damagedBlocks,
      }).toEqual({
        activeBlock: expected.activeBlock,
        sequence: expected.sequence,
        committedBlocks: [...expected.committedBlocks].sort((a, b) => a - b),
        damagedBlocks: expected.damagedBlocks,
      });
      expect(safe.isNew).toBe(expected.error !== undefined);
      const items = safe.keys().map((key) => ({ key, data: safe.read(key)! }));
      expect(
        items.map(({ key, data }, index) => ({
          key,
          length: data.length,
          data: expected.items[index]?.dataHex === undefined ? sha256(data) : toHex(data),
        })),
      ).toEqual(
        expected.items.map(({ key, length, dataHex, dataSha256 }) => ({ key, length, data: dataHex ?? dataSha256 })),
      );
      if (activeBlock !== undefined) {
        expect(await recogniseSafe(region)).toEqual({ blockBytes: one.blockBytes, bufferBytes: one.bufferBytes });
      }
    }
    expect(region.changes).toEqual([]);
  });
});

/** Transactions that went to their end, from an empty region, with numbers as a new safe gives them. */
const written = cases.filter(
  ({ operations, name }) =>
    operations.length > 0 &&
    name !== "version-2" &&
    operations.every(
      ({ op, sequence, endHeader, startHeader }, index) =>
        op === "transaction" && sequence === index + 1 && endHeader === "whole" && startHeader === "whole",
    ),
);

/** The data of an item: as given, or the pattern whose hash is given. */
function dataOf({ length, dataHex, dataSha256 }: Item): Uint8Array {
  if (dataHex !== undefined) return fromHex(dataHex)!;
  for (let seed = 0; seed < 256; seed++) {
    const data = patternOf(seed, length);
    if (sha256(data) === dataSha256) return data;
  }
  throw new Error("no pattern has this hash");
}

describe.each(written)("$name, written again", (one) => {
  it("is the same image", async () => {
    const image = goldenBytes(`flash-safe/${one.file}`);
    const region = regionOf(one, new Uint8Array(image.length).fill(0xff));
    const safe = await open(one, region);
    for (const { block, items } of one.operations) {
      const transaction = await safe.open();
      for (const item of items) await transaction.write(item.key, dataOf(item));
      await transaction.commit();
      expect(safe.info.activeBlock).toBe(block);
    }
    expect(sha256(region.cells)).toBe(one.sha256);
    expect(region.violations).toEqual([]);
  });
});

it("writes something again", () => {
  expect(written.length).toBeGreaterThan(6);
});
