/**
 * Rings from places and ids alone, against rings that were really run: closed only with the right ends; nothing is a
 * ring by chance.
 */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/sim/random.ts";
import { probableRing, ringsOf } from "../../../src/storage/circular-buffer/rings.ts";
import type { Start } from "../../../src/storage/circular-buffer/sector-size.ts";

/** The headers that a log of `count` sectors has after `steps` new sectors, `free` sectors kept free. */
function headersOf(first: number, count: number, steps: number, free: number, blocks = 1, firstId = 0): Start[] {
  const starts: Start[] = [];
  for (let step = Math.max(0, steps - (count - free) + 1); step <= steps; step++) {
    starts.push({ block: first + (step % count) * blocks, id: (firstId + step) % 0x10000 });
  }
  return starts.toSorted((a, b) => a.block - b.block);
}

describe("rings", () => {
  it("are closed where the ids go on from the last sector to the first, with the ends they have", () => {
    let closed = 0;
    const random = createRandom("rings");
    for (let round = 0; round < 500; round++) {
      const [count, first] = [2 + random.intBelow(30), random.intBelow(50)];
      const free = random.intBelow(Math.min(3, count));
      const blocks = [1, 2, 16][random.intBelow(3)] ?? 1;
      const steps = random.intBelow(5 * count);
      const starts = headersOf(first, count, steps, free, blocks, random.intBelow(2) * 65_530);
      const rings = ringsOf(starts, 4096, blocks);
      expect(rings).toHaveLength(1);
      const [ring] = rings;
      const isRound = starts[0]!.id === (starts.at(-1)!.id + 1) % 0x10000 && starts.length > 1;
      expect(ring, JSON.stringify({ count, first, free, steps, blocks })).toEqual({
        ...{ starts, sectorBlocks: blocks, isClosed: isRound },
      });
      if (!isRound) continue;
      closed++;
      expect([starts[0]!.block, starts.at(-1)!.block + blocks]).toEqual([first, first + count * blocks]);
    }
    expect(closed).toBeGreaterThan(150);
  });

  it("two logs of one magic beside each other are two", () => {
    const rings = ringsOf([...headersOf(0, 8, 30, 0), ...headersOf(8, 8, 17, 1)], 4096);
    expect(rings.map(({ starts, isClosed }) => [starts[0]!.block, starts.at(-1)!.block, isClosed])).toEqual([
      [0, 7, true],
      [8, 15, true],
    ]);
    // The first has its free sector at the end, and does not close.
    const open = ringsOf([...headersOf(0, 8, 30, 1), ...headersOf(8, 8, 17, 1)], 4096);
    expect(open.map(({ starts, isClosed }) => [starts[0]!.block, starts.at(-1)!.block, isClosed])).toEqual([
      [0, 6, false],
      [8, 15, true],
    ]);
  });

  it("a header that is lost, or out of order, leaves the ring one", () => {
    const starts = headersOf(3, 16, 40, 0);
    const lost = starts.filter((_, index) => index !== 2 && index !== 12);
    expect(ringsOf(lost, 4096)).toEqual([{ starts: lost, sectorBlocks: 1, isClosed: true }]);
    const strange = starts.map((start, index) => (index === 5 ? { ...start, id: 0xffff } : start));
    const [ring, ...others] = ringsOf(strange, 4096);
    expect([ring?.isClosed, ring?.starts.length, others]).toEqual([true, 15, []]);
  });

  it("one header tells no sector size; two of which the first is newer are a ring of two", () => {
    expect(ringsOf([{ block: 4, id: 9 }], 4096)).toMatchObject([{ sectorBlocks: undefined, isClosed: false }]);
    const pair = [
      { block: 4, id: 9 },
      { block: 5, id: 8 },
    ];
    expect(ringsOf(pair, 4096)).toEqual([{ starts: pair, sectorBlocks: 1, isClosed: true }]);
  });
});

describe("a ring with a free sector at its edge", () => {
  it("is found by the numbers, if it has gone round", () => {
    const reach = { first: -5, count: 40 };
    for (let count = 4; count < 20; count++) {
      for (let steps = 0; steps < 4 * count; steps++) {
        const starts = headersOf(0, count, steps, 1);
        const isOneRun = starts.every(({ block }, index) => block === starts[0]!.block + index);
        const isAlone = isOneRun && starts[0]!.id !== (starts.at(-1)!.id + 1) % 0x10000;
        if (!isAlone) continue;
        const used = { first: starts[0]!.block, count: starts.length };
        const ring = probableRing(starts[0]!.id, used, reach);
        // Before it has gone round nothing tells; after that the shortest ring that fits is the one.
        // A ring without a free sector may fit as well.
        if (steps >= 2 * count && starts[0]!.id % starts.length !== 0)
          expect(ring, `${count} ${steps}`).toEqual({ first: 0, count });
        else if (steps < count - 1) expect(ring).toBeUndefined();
      }
    }
  });
});
