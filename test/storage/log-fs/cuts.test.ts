/** Power cuts, what devices read of it, and random work against a plain model. */
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { LogFs, type LogFsOptions } from "../../../src/storage/log-fs/log-fs.ts";
import type { RecordLog } from "../../../src/storage/record-log.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { contents, type LogUnderTest, runWorkload, tryCuts } from "../support/log-cuts.ts";
import { NorRegion } from "../support/nor-region.ts";
import { goldenBytes } from "../support/golden.ts";
import { readAsDevice } from "./device-reader.ts";

interface Shape extends LogFsOptions {
  readonly name: string;
  readonly blocks: number;
}

const SHAPES: readonly Shape[] = [
  {
    name: "AT45, a page a block",
    pageBytes: 264,
    blockPages: 1,
    recordBytes: 60,
    whenFull: "overwrite",
    format: 2,
    blocks: 5,
  },
  {
    name: "AT45, 8 pages a block",
    pageBytes: 264,
    blockPages: 8,
    recordBytes: 62,
    whenFull: "overwrite",
    format: 2,
    blocks: 2,
  },
  {
    name: "AT25, 16 pages a block",
    pageBytes: 256,
    blockPages: 16,
    recordBytes: 82,
    whenFull: "overwrite",
    format: 2,
    blocks: 3,
  },
  { name: "format 1", pageBytes: 256, blockPages: 2, recordBytes: 40, whenFull: "overwrite", format: 1, blocks: 4 },
  { name: "stop", pageBytes: 256, blockPages: 2, recordBytes: 40, whenFull: "stop", format: 2, blocks: 3 },
];

function shapeOf({ pageBytes, blockPages, blocks }: Shape): { eraseBytes: number; lengthBytes: number } {
  const eraseBytes = pageBytes * blockPages;
  return { eraseBytes, lengthBytes: eraseBytes * blocks };
}

function underTest(shape: Shape): LogUnderTest {
  return {
    shape: shapeOf(shape),
    recordBytes: shape.recordBytes,
    clearsWhenFull: shape.whenFull === "stop",
    open: (region) => LogFs.mount(region, shape),
    append: appendClearing,
  };
}

/** A log that is to stop is cleared by its reader. */
async function appendClearing(log: RecordLog, data: Uint8Array): Promise<void> {
  try {
    await log.append(data);
  } catch (error) {
    if (!(error instanceof NorbridgeError) || error.code !== "ENOSPC") throw error;
    await log.clear();
    await log.append(data);
  }
}

function recordOf(number: number, { recordBytes }: Shape): Uint8Array {
  return new Uint8Array(recordBytes).map((_, i) => (i < 3 ? number >> (8 * i) : number * 37 + i * 11) & 255);
}

function callsOf(shape: Shape, count: number): ((log: RecordLog) => Promise<void>)[] {
  return Array.from(
    { length: count },
    (_, number) => (log: RecordLog) => appendClearing(log, recordOf(number + 1, shape)),
  );
}

describe.each(SHAPES)("power cuts, $name", (shape) => {
  it("loses nothing at any point of 1000 records", { timeout: 300_000 }, async () => {
    const test = underTest(shape);
    const workload = await runWorkload(test, callsOf(shape, effort(100, 1000)));
    const cuts = await tryCuts(test, workload, { seed: 31, every: effort(307, 17) });
    sayCount(`px_log_fs, ${shape.name}: ${cuts} power cuts in ${workload.region.changes.length} changes`);
    expect(cuts).toBeGreaterThan(effort(25, 4_000));
  });

  it("survives a second cut in the recovery from any first", { timeout: 300_000 }, async () => {
    const test = underTest(shape);
    const workload = await runWorkload(test, callsOf(shape, 4 + 5 * shape.blocks * Math.min(4, shape.blockPages)));
    const cuts = await tryCuts(test, workload, {
      seed: 32,
      every: effort(907, shape.blockPages > 8 ? 61 : 29),
      nestedEvery: effort(61, 17),
    });
    sayCount(`px_log_fs, ${shape.name}: ${cuts} nested power cuts`);
    expect(cuts).toBeGreaterThan(effort(5, 1_000));
  });
});

describe("what an unmodified device reads", () => {
  it.each(SHAPES.filter(({ whenFull }) => whenFull === "overwrite"))(
    "$name: all of it, in order, at any time",
    async (shape) => {
      const region = new NorRegion(shapeOf(shape));
      const log = await LogFs.mount(region, shape);
      const pages = shape.blocks * shape.blockPages;
      const slots = Math.floor((shape.pageBytes - 4) / (shape.recordBytes + 2));
      const written: string[] = [];
      for (let number = 0; number < 4 * pages * slots; number++) {
        const data = recordOf(number, shape);
        await log.append(data);
        written.push(toHex(data));
        const read = readAsDevice(region.cells, shape);
        expect(read).toEqual(written.slice(-read.length));
        if (written.length > (pages - shape.blockPages) * slots) {
          expect(read.length).toBeGreaterThanOrEqual((pages - shape.blockPages) * slots);
        }
      }
      expect(region.violations).toEqual([]);
    },
  );

  it.each(["full-exact", "wrapped-3x", "at45-b1-full-page", "cut-erase-half", "odd-blocks-wrapped"])(
    "takes records on %s, which a device has spoiled, and a device reads them",
    async (name) => {
      const isAt45 = name.startsWith("at45");
      const recordBytes = name === "odd-blocks-wrapped" ? 60 : isAt45 || name === "wrapped-3x" ? 13 : 8;
      const options: LogFsOptions = isAt45
        ? { pageBytes: 264, blockPages: 1, recordBytes, whenFull: "overwrite", format: 2 }
        : { pageBytes: 256, blockPages: 16, recordBytes, whenFull: "overwrite", format: 2 };
      const region = new NorRegion({
        eraseBytes: options.pageBytes * options.blockPages,
        cells: goldenBytes(`px-log-fs/${name}.bin`),
      });
      const log = await LogFs.mount(region, options);
      const written: string[] = [];
      for (let number = 0; number < 2500; number++) {
        const data = new Uint8Array(recordBytes).map((_, i) => (number >> (8 * (i % 2))) & 255);
        await log.append(data);
        written.push(toHex(data));
      }
      expect(region.violations).toEqual([]);
      const read = readAsDevice(region.cells, options);
      expect(read).toEqual(written.slice(-read.length));
      const pages = region.lengthBytes / options.pageBytes;
      const slots = Math.floor((options.pageBytes - 4) / (recordBytes + 2));
      expect(read.length).toBeGreaterThanOrEqual(Math.min(2500, (pages - options.blockPages) * slots));
    },
  );
});

describe("random work against a model", () => {
  it.each(SHAPES)("$name", { timeout: 300_000 }, async (shape) => {
    const operations = effort(500, 22_000);
    const random = createRandom(33).branch(shape.name);
    const region = new NorRegion(shapeOf(shape));
    let log = await LogFs.mount(region, shape);
    const pages = shape.blocks * shape.blockPages;
    const slots = Math.floor((shape.pageBytes - 4) / (shape.recordBytes + 2));
    let model: string[] = [];
    for (let step = 0; step < operations; step++) {
      const dice = random.intBelow(1000);
      if (dice < 940) {
        const data = recordOf(step, shape);
        try {
          await log.append(data);
          model.push(toHex(data));
        } catch (error) {
          expect(error).toMatchObject({ code: "ENOSPC" });
          expect([shape.whenFull, model.length]).toEqual(["stop", pages * slots]);
          await log.clear();
          model = [];
        }
      } else if (dice < 942) {
        await log.clear();
        model = [];
      } else if (dice < 970) {
        log = await LogFs.mount(region, shape);
      } else {
        const last = 1 + random.intBelow(3 * slots);
        const newest: string[] = [];
        for await (const item of log.records({ last })) if (item.kind === "record") newest.push(toHex(item.data));
        expect(newest).toEqual(model.slice(-last));
      }
      if (step % 40 === 0 || model.length > pages * slots) {
        const { all } = await contents(log);
        // What was overwritten is gone: whole blocks, the oldest first.
        expect(all).toEqual(model.slice(-all.length || model.length));
        if (shape.whenFull === "stop") expect(all.length).toBe(model.length);
        model = [...all];
      }
    }
    expect(region.violations).toEqual([]);
    sayCount(`px_log_fs, ${shape.name}: ${operations} operations against the model`);
  });

  it("archives as a device does", async () => {
    const [shape] = SHAPES;
    const region = new NorRegion(shapeOf(shape!));
    const log = await LogFs.mount(region, shape!);
    for (let number = 0; number < 7; number++) await log.append(recordOf(number, shape!));
    for (let number = 0; number < 6; number++) {
      const record = await log.firstUnarchived();
      expect(toHex(record!.data)).toBe(toHex(recordOf(number, shape!)));
      await log.markArchived(record!);
      expect(region.cells[0]).toBe(number < 3 ? 0x5f : 0x55);
    }
    const again = await LogFs.mount(region, shape!);
    expect(toHex((await again.firstUnarchived())!.data)).toBe(toHex(recordOf(6, shape!)));
    expect((await contents(again)).all).toHaveLength(7);
  });

  it("never hangs on random bytes, and throws nothing but errors with a code", async () => {
    const random = createRandom(34);
    for (let round = 0; round < effort(66, 3_000); round++) {
      const shape = random.pick(SHAPES);
      const { eraseBytes, lengthBytes } = shapeOf(shape);
      const cells = random.bytes(lengthBytes);
      for (let page = 0; page < lengthBytes / shape.pageBytes; page++) {
        if (random.chance(0.5)) cells.set([0x5f, 0, 0, 0x89], page * shape.pageBytes);
        if (random.chance(0.2)) cells.fill(0xff, page * shape.pageBytes, (page + 1) * shape.pageBytes);
      }
      const region = new NorRegion({ eraseBytes, cells });
      try {
        const log = await LogFs.mount(region, shape);
        await contents(log);
        await log.sectors();
        for await (const item of log.records({ last: 5 })) expect(item.sector).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(NorbridgeError);
      }
      expect(region.changes).toEqual([]);
    }
  });
});
