/**
 * Logs that the original code of devices wrote, through the whole command: from a simulated chip into a store, and out of it by
 * DuckDB. What they must hold is what the original said.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { createRandom } from "../../src/sim/random.ts";
import { effort } from "../support/effort.ts";
import { describeUnless } from "../support/needs.ts";
import { goldenBytes, goldenJson, goldenPackedJson, patternOf } from "../storage/support/golden.ts";
import { packedGolden, type PackedCase } from "../storage/support/packed-golden.ts";
import { duckdbMissing, query, sqlText } from "./support/duckdb.ts";
import { run } from "./support/run.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-extract-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An image of a device, and the data of its records, oldest first. */
interface Golden {
  readonly name: string;
  readonly layout: string;
  readonly image: Uint8Array;
  readonly records: readonly string[];
  /** What of a row must be such a record, as SQL. */
  readonly shown: string;
}

interface FcbCase {
  readonly name: string;
  readonly file: string;
  readonly imageBytes?: number;
  readonly eraseValue: number;
  readonly expected: {
    readonly initError: string | null;
    readonly walkEndless?: boolean;
    readonly entries?: readonly { readonly dataHex?: string }[];
  };
}
interface PxCase {
  readonly name: string;
  readonly file: string;
  readonly pageBytes: number;
  readonly pageStart: number;
  readonly pageEnd: number;
  readonly expectedAll: readonly string[];
  readonly expectedAllOrder: string;
}
type TsdbRow = readonly [number, string, number, number, number | null, number | string | null];
interface TsdbCase extends PackedCase {
  readonly kind: string;
  readonly expected: { readonly records?: readonly TsdbRow[] };
}

/** [place, place of the data, length, time, index, ...] */
type MynewtRow = readonly [number, number, number, number, number, ...unknown[]];
interface MynewtCase {
  readonly name: string;
  readonly file: string;
  readonly kind: string;
  readonly expected: { readonly records?: readonly MynewtRow[] };
}

const fcbCases = goldenJson("zephyr-fcb/manifest.json") as readonly FcbCase[];
const { cases: mynewtCases } = goldenPackedJson("mynewt-log/manifest.json.gz") as {
  readonly cases: readonly MynewtCase[];
};
const pxCases = goldenJson("px-log-fs/manifest.json") as readonly PxCase[];
const flashdb = packedGolden<TsdbCase>("flashdb");

function fcb(name: string): Golden {
  const found = fcbCases.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(name);
  const records = (found.expected.entries ?? []).map(({ dataHex = "" }) => dataHex);
  return { name, layout: "fcb", image: goldenBytes(`zephyr-fcb/${found.file}`), records, shown: "data" };
}

function px(name: string): Golden {
  const found = pxCases.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(name);
  const { pageBytes, pageStart, pageEnd, expectedAll } = found;
  const image = goldenBytes(`px-log-fs/${found.file}`).slice(pageStart * pageBytes, (pageEnd + 1) * pageBytes);
  return { name, layout: "px-log-fs", image, records: expectedAll, shown: "data" };
}

function tsdb(name: string): Golden {
  const found = flashdb.cases.find((one) => one.name === name);
  const written = (found?.expected.records ?? []).filter(([, status]) => status !== "pre-write" && status !== "unused");
  const records = written.map(([, , , length, , seed]) =>
    typeof seed === "number" ? toHex(patternOf(seed, length)) : (seed ?? ""),
  );
  return { name, layout: "flashdb-tsdb", image: flashdb.image(name), records, shown: "data" };
}

function mynewt(name: string): Golden {
  const found = mynewtCases.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(name);
  const records = (found.expected.records ?? []).map((row) => row.slice(2, 5).join(" "));
  const layout = found.kind === "mynewt-fcb-log" ? "fcb" : "fcb2";
  const shown = `concat_ws(' ', length, epoch_us(time), log_index)`;
  return { name, layout, image: goldenBytes(`mynewt-log/${found.file}`), records, shown };
}

/** Chips with several logs of different formats each, firmware around them. */
const chips: readonly (readonly Golden[])[] = [
  [mynewt("fcb-log3-a8-wrapped"), px("nr-rollover-wrapped"), tsdb("tsdb-g1-t32-wrapped"), fcb("lengths")],
  ...effort(
    [],
    [
      [mynewt("fcb2-log3-a1-wrapped"), px("v1-wrapped"), tsdb("tsdb-g8-t64-status"), fcb("len-max-sector")],
      [mynewt("fcb-log2-wrapped"), px("bad-page"), tsdb("tsdb-g32-t64-few"), fcb("one-entry")],
      [mynewt("fcb2-log3-a8-hash-few"), px("cut-rec-half-continued"), tsdb("tsdb21-g1-t32-wrapped")],
      [mynewt("fcb-log3-a4-trailer"), px("corrupt-crc-middle"), tsdb("tsdb-g64-t32-fixed12-wrapped")],
      [px("one-page-exact"), tsdb("tsdb-g1-t32-64k-wrapped")],
    ],
  ),
];

const CHIP_BYTES = 1024 * 1024;
const PLACE_BYTES = 240 * 1024;

/** The chip, and where its logs are. */
function chipOf(logs: readonly Golden[]): { readonly bytes: Uint8Array; readonly places: readonly number[] } {
  const bytes = new Uint8Array(CHIP_BYTES).fill(0xff);
  const random = createRandom(logs.length);
  // Firmware: nothing that looks like a log.
  bytes.set(random.bytes(16 * 1024));
  const places = logs.map(({ image }, index) => {
    const place = index * PLACE_BYTES + 32 * 1024;
    bytes.set(image, place);
    return place;
  });
  return { bytes, places };
}

describeUnless(duckdbMissing)("logs of original code, extracted from a simulated chip", () => {
  it.each(chips.map((logs) => [logs.map(({ name }) => name).join(", "), logs] as const))(
    "%s: DuckDB reads what the original wrote",
    async (title, logs) => {
      const { bytes, places } = chipOf(logs);
      const chip = join(folder, "chip.bin");
      const store = join(folder, title.replaceAll(/[^a-z0-9]+/g, "-"));
      writeFileSync(chip, bytes);
      const words = ["extract", "--store", store, "--serial", "4711", "-p", `sim:AT25SF081?file=${chip}`, "--json"];
      const { code, result } = await run(folder, ...words);
      expect(code).toBe(0);
      expect(Buffer.compare(readFileSync(chip), bytes)).toBe(0);
      expect(result).toMatchObject({
        ok: true,
        serial: "4711",
        records: logs.flatMap(({ records }) => records).length,
      });
      const records = `read_parquet(${sqlText(`${store}/records/*/*/*/*.parquet`)}, union_by_name=true)`;
      for (const [index, { name, layout, shown, records: expected }] of logs.entries()) {
        const rows = await query?.(
          `select ${shown} as shown, layout from ${records}
           where address = ${places[index]} and damage is null order by n`,
        );
        expect(rows, name).toEqual(expected.map((one) => ({ shown: one, layout })));
      }
    },
  );
});
