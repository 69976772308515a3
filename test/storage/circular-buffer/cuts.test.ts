/** Power cuts in every program and erase, and random work against a plain model. */
import { describe, expect, it } from "vitest";
import { NorbridgeError } from "../../../src/errors.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { CircularBuffer, type CircularBufferOptions } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import type { RecordLog } from "../../../src/storage/record-log.ts";
import { toHex } from "../../../src/bytes.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { contents, type LogUnderTest, runWorkload, tryCuts } from "../support/log-cuts.ts";
import { NorRegion } from "../support/nor-region.ts";

interface Shape {
  readonly name: string;
  readonly sectorBytes: number;
  readonly sectorCount: number;
  readonly alignBytes: number;
  readonly scratchSectors: number;
  readonly erasedByte: number;
  readonly hasCrc: boolean;
}

const PLAIN: Shape = {
  name: "plain",
  sectorBytes: 256,
  sectorCount: 4,
  alignBytes: 1,
  scratchSectors: 0,
  erasedByte: 0xff,
  hasCrc: true,
};
const SHAPES: readonly Shape[] = [
  PLAIN,
  { ...PLAIN, name: "two sectors", sectorCount: 2 },
  { ...PLAIN, name: "align 4, a scratch sector", alignBytes: 4, scratchSectors: 1 },
  { ...PLAIN, name: "align 16", alignBytes: 16, sectorCount: 3 },
  { ...PLAIN, name: "erased to 00", erasedByte: 0 },
];

function optionsOf({ sectorBytes, alignBytes, scratchSectors, hasCrc }: Shape): CircularBufferOptions {
  return { sectorBytes, magic: 0x0badc0de, version: 1, alignBytes, scratchSectors, hasCrc };
}

function underTest(shape: Shape): LogUnderTest {
  const { sectorBytes, sectorCount, erasedByte } = shape;
  return {
    shape: { eraseBytes: sectorBytes, lengthBytes: sectorBytes * sectorCount, erasedByte },
    open: (region) => CircularBuffer.mount(region, optionsOf(shape)),
    append: appendRotating,
  };
}

async function appendRotating(log: RecordLog, data: Uint8Array): Promise<void> {
  if (!(log instanceof CircularBuffer)) throw new TypeError("no FCB");
  for (;;) {
    try {
      await log.append(data);
      return;
    } catch (error) {
      if (!(error instanceof NorbridgeError) || error.code !== "ENOSPC") throw error;
      await log.rotate();
    }
  }
}

/** Records that are distinguished by their first bytes. */
function recordOf(number: number, length: number): Uint8Array {
  return Uint8Array.from(
    { length },
    (_, index) => (index < 3 ? number >> (8 * index) : number * 37 + index * 11) & 255,
  );
}

function callsOf(seed: number, count: number, longest: number): ((log: RecordLog) => Promise<void>)[] {
  const random = createRandom(seed).branch("workload");
  return Array.from({ length: count }, (_, number) => {
    const data = recordOf(number + 1, 4 + random.intBelow(longest - 3));
    return random.chance(0.05)
      ? (log: RecordLog): Promise<void> => (log instanceof CircularBuffer ? log.rotate() : Promise.resolve())
      : (log: RecordLog): Promise<void> => appendRotating(log, data);
  });
}

/** A change of 16 bytes can be cut in this many more places that fewer of them are tried: still twice what is asked for. */
const isWide = ({ alignBytes }: { readonly alignBytes: number }): boolean => alignBytes === 16;

describe.each(SHAPES)("power cuts, $name", (shape) => {
  it("loses nothing at any point of 1000 operations", { timeout: 300_000 }, async () => {
    const test = underTest(shape);
    const workload = await runWorkload(test, callsOf(7, 1000, 60));
    const cuts = await tryCuts(test, workload, { seed: 7, every: effort(383, isWide(shape) ? 11 : 5) });
    sayCount(`FCB, ${shape.name}: ${cuts} power cuts in ${workload.region.changes.length} changes`);
    expect(cuts).toBeGreaterThan(effort(50, 5_000));
  });

  it("survives a second cut in the recovery from any first", { timeout: 300_000 }, async () => {
    const test = underTest(shape);
    const workload = await runWorkload(test, callsOf(11, 45, 40));
    const cuts = await tryCuts(test, workload, {
      seed: 11,
      every: effort(257, isWide(shape) ? 31 : 3),
      nestedEvery: effort(7, 5),
    });
    sayCount(`FCB, ${shape.name}: ${cuts} nested power cuts`);
    expect(cuts).toBeGreaterThan(effort(10, 5_000));
  });
});

describe("random work against a model", () => {
  it.each(SHAPES)("$name", { timeout: 300_000 }, async (shape) => {
    const operations = effort(400, 25_000);
    const random = createRandom(3).branch(shape.name);
    const region = new NorRegion({ ...underTest(shape).shape });
    let log = await CircularBuffer.mount(region, optionsOf(shape));
    // The model: a list of sectors, each a list of records.
    let model: string[][] = [[]];
    for (let step = 0; step < operations; step++) {
      const dice = random.intBelow(100);
      if (dice < 80) {
        const data = recordOf(step, random.pick([0, 1, 3, 20, 60, 127, 128, 150]));
        const before = log.state.activeSector;
        try {
          await log.append(data);
          if (log.state.activeSector !== before) model.push([]);
          model.at(-1)?.push(toHex(data));
        } catch (error) {
          expect(error).toMatchObject({ code: "ENOSPC" });
          expect(log.state.freeSectors).toBeLessThanOrEqual(shape.scratchSectors);
        }
      } else if (dice < 90) {
        await log.rotate();
        model = model.length === 1 ? [[]] : model.slice(1);
      } else if (dice < 92 && log.state.freeSectors > 0) {
        await log.appendToScratch();
        model.push([]);
      } else if (dice < 93) {
        await log.clear();
        model = [[]];
      } else if (dice < 97) {
        log = await CircularBuffer.mount(region, optionsOf(shape));
        // An empty oldest sector of a full ring can look like a header that was cut; nothing is in it, so it counts as free.
        if (model[0]?.length === 0 && model.length === shape.sectorCount && log.state.freeSectors === 1) model.shift();
      } else {
        const count = 1 + random.intBelow(9);
        const newest = (await log.lastEntries(count)).map(({ data }) => toHex(data));
        expect(newest).toEqual(model.flat().slice(-count));
      }
      expect(log.state.freeSectors).toBe(shape.sectorCount - model.length);
      if (step % 50 === 0) expect((await contents(log)).all).toEqual(model.flat());
    }
    expect(region.violations).toEqual([]);
    sayCount(`FCB, ${shape.name}: ${operations} operations against the model`);
  });

  it("never hangs on random bytes, and throws nothing but errors with a code", { timeout: 120_000 }, async () => {
    const random = createRandom(5).branch("random bytes");
    for (let round = 0; round < effort(100, 5_000); round++) {
      const shape = random.pick(SHAPES);
      const { sectorBytes, sectorCount } = shape;
      const cells = random.bytes(sectorBytes * sectorCount);
      for (let sector = 0; sector < sectorCount; sector++) {
        // Sound headers make it read on.
        if (random.chance(0.6)) cells.set([0xde, 0xc0, 0xad, 0x0b, 1, 0xff, sector, 0], sector * sectorBytes);
        if (random.chance(0.2)) cells.fill(0xff, sector * sectorBytes, (sector + 1) * sectorBytes);
      }
      const region = new NorRegion({ eraseBytes: sectorBytes, cells, erasedByte: shape.erasedByte });
      try {
        const log = await CircularBuffer.mount(region, optionsOf(shape));
        await contents(log);
        await log.lastEntries(10);
        await log.sectors();
      } catch (error) {
        expect(error).toBeInstanceOf(NorbridgeError);
      }
      expect(region.changes).toEqual([]);
    }
  });
});
