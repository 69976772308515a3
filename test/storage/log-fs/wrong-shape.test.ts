/** A record size that was typed wrongly costs no record: nothing on the flash says it, but what is there does not fit it. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/sim/random.ts";
import { LogFs, type LogFsOptions } from "../../../src/storage/log-fs/log-fs.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { contents } from "../support/log-cuts.ts";
import { NorRegion } from "../support/nor-region.ts";

const PX: Omit<LogFsOptions, "recordBytes"> = { pageBytes: 128, blockPages: 2, whenFull: "overwrite", format: 2 };
const SIZES = [1, 2, 5, 9, 13, 30, 60, 61, 122];

async function logOf(recordBytes: number, records: number): Promise<NorRegion> {
  const random = createRandom(`${recordBytes} bytes`);
  const region = new NorRegion({ eraseBytes: 256, lengthBytes: 2048 });
  const log = await LogFs.mount(region, { ...PX, recordBytes });
  // Short ones are filled up with FF, as text often is.
  for (let number = 0; number < records; number++) {
    await log.append(random.bytes(random.chance(0.5) ? recordBytes : 1 + random.intBelow(recordBytes)));
  }
  region.resetCounts();
  return region;
}

describe.each(SIZES)("records of %i bytes", (recordBytes) => {
  it("whatever other size is told: refused, but for chance, and no record is lost", { timeout: 60_000 }, async () => {
    let tried = 0;
    let refused = 0;
    for (const records of [1, 2, 3, 7, 20, 60]) {
      const { cells } = await logOf(recordBytes, records);
      const before = await readAs(cells, { ...PX, recordBytes });
      // Every fourth one, but in CI.
      for (let told = effort(1 + (records % 4), 1); told <= 122; told += effort(4, 1)) {
        if (told === recordBytes) continue;
        tried++;
        refused += await tryAppend(cells, before, { ...PX, recordBytes: told }, { ...PX, recordBytes });
      }
    }
    sayCount(
      `px_log_fs of ${recordBytes} bytes a record: ${refused} of ${tried} wrong sizes refused, no record lost in any`,
    );
    expect(refused / tried).toBeGreaterThan(0.98);
  });

  it("with pages of another size as well", async () => {
    const slots = Math.floor(124 / (recordBytes + 2));
    for (const records of [1, slots, slots + 1, 2 * slots]) {
      const { cells } = await logOf(recordBytes, records);
      const before = await readAs(cells, { ...PX, recordBytes });
      for (const pageBytes of [64, 256]) {
        const told = { ...PX, recordBytes: Math.min(recordBytes, 58), pageBytes, blockPages: 256 / pageBytes };
        const refused = await tryAppend(cells, before, told, { ...PX, recordBytes });
        if (records > slots && pageBytes === 256) expect(refused).toBe(1);
      }
    }
  });
});

async function readAs(cells: Uint8Array, options: LogFsOptions): Promise<readonly string[]> {
  return (await contents(await LogFs.mount(new NorRegion({ eraseBytes: 256, cells }), options))).all;
}

/** 1 if it is refused; if not, all that was there must be there still. */
async function tryAppend(
  cells: Uint8Array,
  before: readonly string[],
  told: LogFsOptions,
  really: LogFsOptions,
): Promise<number> {
  const region = new NorRegion({ eraseBytes: 256, cells });
  const log = await LogFs.mount(region, told);
  try {
    await log.append(Uint8Array.of(1));
  } catch (error) {
    expect(error).toMatchObject({ code: "LAYOUT_MISMATCH" });
    expect(region.changes).toEqual([]);
    return 1;
  }
  const text = `${before.length} records of ${really.recordBytes}, ${told.recordBytes} told, pages of ${told.pageBytes}`;
  expect((await readAs(region.cells, really)).slice(0, before.length), text).toEqual(before);
  return 0;
}
