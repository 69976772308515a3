/**
 * TSDB images of the original code, whole and with power cuts: all that is committed is read; damage and random bytes
 * end well.
 */
import { describe, expect, it } from "vitest";
import { findTsdbs, tsdbSniffer } from "../../../src/storage/flashdb/recognise-tsdb.ts";
import { granularityBits } from "../../../src/storage/flashdb/status.ts";
import { TsdbLog, type TsdbRecord } from "../../../src/storage/flashdb/tsdb-log.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import type { LogDamage } from "../../../src/storage/record-log.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { patternOf } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";
import { packedGolden, type PackedCase, sha256 } from "../support/packed-golden.ts";

/** [index address, status, time, length, data address, content] */
type Row = readonly [number, string, number, number, number | null, number | string | null];

interface TsdbCase extends PackedCase {
  readonly kind: string;
  readonly sectorBytes: number;
  readonly writeGranBits: number;
  readonly timestampBits: number;
  readonly fixedBlobBytes: number | null;
  readonly expected: { readonly records?: readonly Row[] };
  readonly tolerantRecords: string | readonly Row[];
  readonly sectorUnderErase?: number;
  readonly pending?: { readonly time: number; readonly length: number; readonly seed: number };
}

const golden = packedGolden<TsdbCase>("flashdb");
const all = golden.cases.filter(({ kind }) => kind === "tsdb");
const sample = all.filter(({ name }, index) => !name.includes("-cut-") || index % effort(6, 1) === 0);

function region(cells: Uint8Array): NorRegion {
  return new NorRegion({ eraseBytes: 4096, cells });
}

/** Rows that a reader for recovery gives. */
function wanted({ tolerantRecords, expected }: TsdbCase): readonly Row[] {
  if (typeof tolerantRecords !== "string") return tolerantRecords;
  return (expected.records ?? []).filter(([, status]) => status !== "pre-write" && status !== "unused");
}

interface Read {
  readonly records: readonly TsdbRecord[];
  readonly damage: readonly LogDamage[];
}

async function readAll(flash: NorRegion, last?: number): Promise<Read> {
  const records: TsdbRecord[] = [];
  const damage: LogDamage[] = [];
  for (const { shape } of await findTsdbs(flash)) {
    const log = await TsdbLog.mount(flash, shape);
    for await (const item of log.records(last === undefined ? {} : { last })) {
      if (item.kind === "damage") damage.push(item);
      else records.push(item);
    }
  }
  return { records, damage };
}

const key = ({ sector, offset, status, time, data }: TsdbRecord, sectorBytes: number): string =>
  [sector * sectorBytes + offset, status, time, data.length].join();

function isContent(data: Uint8Array, content: number | string | null): boolean {
  const hex = Buffer.from(data).toString("hex");
  if (typeof content === "number") return hex === Buffer.from(patternOf(content, data.length)).toString("hex");
  return content === null || content === `hex:${hex}` || content === `sha256:${sha256(data)}`;
}

describe("FlashDB TSDB images of the original code", () => {
  it.each(sample.map((one) => [one.name, one] as const))("reads %s", async (name, one) => {
    const flash = region(golden.image(name));
    const found = await findTsdbs(flash);
    const rows = wanted(one);
    if (rows.length === 0 && found.length === 0) return;
    expect(found.length).toBe(1);
    const shape = found[0]?.shape;
    const build = shape?.build;
    if (shape === undefined || build === undefined) return;
    expect([shape.offset, shape.sectorBytes, granularityBits(build.granularity)]).toEqual([
      0,
      one.sectorBytes,
      one.writeGranBits,
    ]);
    if ((found[0]?.choices.length ?? 0) > 0) {
      // A single sector whose last record was cut: the length has to be told.
      expect(found[0]?.choices).toContain(one.fixedBlobBytes);
      return;
    }
    if (rows.length > 0)
      expect([8 * build.timeBytes, build.fixedBytes ?? null]).toEqual([one.timestampBits, one.fixedBlobBytes]);
    const { records } = await readAll(flash);
    const { sectorUnderErase, pending, sectorBytes } = one;
    const own = records.filter(({ sector }) => sector * sectorBytes !== sectorUnderErase);
    const hasPending = own.length === rows.length + 1 && own.at(-1)?.time === BigInt(pending?.time ?? -1);
    const keys = (hasPending ? own.slice(0, -1) : own).map((record) => key(record, sectorBytes));
    expect(
      keys.map((text) =>
        text.replace(/,(write|deleted),/, name.includes("status-op0-b1") ? ",either write or deleted," : ",$1,"),
      ),
    ).toEqual(
      rows.map(([at, status, time, length], index) =>
        (name.includes("status-op0-b1") && index !== 1
          ? [at, "either write or deleted", time, length]
          : [at, status, time, length]
        ).join(),
      ),
    );
    for (const [index, row] of rows.entries())
      expect(isContent(own[index]?.data ?? new Uint8Array(), row[5]), String(index)).toBe(true);
    const { records: newest } = await readAll(flash, 3);
    expect(newest.map((record) => key(record, sectorBytes))).toEqual(
      records.slice(-3).map((record) => key(record, sectorBytes)),
    );
    expect(flash.changes).toEqual([]);
  });

  it("recognises each of them in a larger flash, from its first to its last byte", async () => {
    let certain = 0;
    for (const one of sample) {
      if (one.name.includes("-cut-") || wanted(one).length === 0 || one.sectorBytes > 4096) continue;
      const cells = new Uint8Array(one.bytes + 0x8000).fill(0xff);
      cells.set(golden.image(one.name), 0x3000);
      const flash = region(cells);
      const findings = await recogniseRegions(flash, [tsdbSniffer(flash)]);
      expect(findings, one.name).toMatchObject([
        { layout: "flashdb-tsdb", offset: 0x3000, lengthBytes: one.bytes, certainty: "certain" },
      ]);
      certain++;
    }
    sayCount(`TSDB: ${sample.length} images read, ${certain} recognised as certain`);
    expect(certain).toBeGreaterThan(25);
  });
});

describe("damaged TSDB", () => {
  it("tells of every flipped bit of the index that changes a record, but for times and data that nothing checks", async () => {
    const random = createRandom("tsdb flips");
    let told = 0;
    for (const name of ["tsdb-g1-t32-few", "tsdb-g1-t32-wrapped", "tsdb-g32-t64-wrapped", "tsdb-g8-t64-few"]) {
      const cells = golden.image(name);
      const whole = await readAll(region(cells));
      for (let round = 0; round < effort(40, 2000); round++) {
        const damaged = cells.slice();
        const at = random.intBelow(cells.length / 4096) * 4096 + random.intBelow(400);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << random.intBelow(8));
        const { records, damage } = await readAll(region(damaged));
        // A length that takes in erased fill cannot be told from the right one.
        const unit = name.includes("-g32-") ? 4 : 1;
        const places = (read: readonly TsdbRecord[]): string[] =>
          read
            .map(({ sector, offset, data }) => `${sector},${offset},${Math.ceil(data.length / unit) * unit}`)
            .toSorted();
        if (damage.length > 0) told++;
        else if (records.length > 0) expect(places(records), `${name}: bit at ${at}`).toEqual(places(whole.records));
      }
    }
    expect(told).toBeGreaterThan(10);
  }, 240_000);

  it("ends on random bytes, scrambled images and truncated ones", async () => {
    const random = createRandom("tsdb random");
    const rounds = effort(300, 25_000);
    let records = 0;
    const images = sample.filter(({ bytes }) => bytes <= 16_384).map(({ name }) => golden.image(name));
    for (let round = 0; round < rounds; round++) {
      const cells = random.pick(images).slice(0, 4096 * (1 + random.intBelow(3)));
      const start = random.intBelow(cells.length);
      cells.set(random.bytes(Math.min(random.intBelow(300), cells.length - start)), start);
      const read = await readAll(region(cells));
      records += read.records.length;
    }
    sayCount(`TSDB: ${rounds} random inputs, ${records} records`);
    expect(records).toBeGreaterThan(rounds);
  }, 400_000);
});
