/**
 * Every type of a struct, with its extremes, read back by DuckDB: random structs and records by seed. What must come
 * back is worked out from the bytes here, by other means than the decoder's.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { structColumns } from "../../src/extract/columns.ts";
import { ParquetFile } from "../../src/extract/parquet-file.ts";
import { structDecoder } from "../../src/extract/record-decoder.ts";
import { noRows, rowsOf } from "../../src/extract/record-rows.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import type { LogDamage, LogRecord, RecordLog } from "../../src/storage/record-log.ts";
import { parseStruct } from "../../src/storage/struct-record.ts";
import { effort, sayCount } from "../support/effort.ts";
import { describeUnless } from "../support/needs.ts";
import { duckdbMissing, query, sqlText } from "./support/duckdb.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-types-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const TYPES = "u8 i8 u16 i16 u24 i24 u32 i32 u64 i64 f32 f64".split(" ");

interface Wanted {
  readonly entry: Readonly<Record<string, unknown>>;
  /** What DuckDB shows of these bytes, by column. */
  readonly shown: (bytes: Buffer) => Readonly<Record<string, unknown>>;
  readonly lengthBytes: number;
  /** What a column without a value is. */
  readonly columns: readonly string[];
}

/** Whole numbers as a bigint, else a number. */
function stored(type: string, bytes: Buffer, isLittle: boolean): bigint | number {
  const little = isLittle ? bytes : Buffer.from(bytes).reverse();
  if (type === "f32") return little.readFloatLE();
  if (type === "f64") return little.readDoubleLE();
  const unsigned = BigInt(`0x${Buffer.from(little).reverse().toString("hex")}`);
  return type.startsWith("i") ? BigInt.asIntN(8 * bytes.length, unsigned) : unsigned;
}

/** As DuckDB gives it in JSON: up to 32 bits as a number, 64 as text. */
function plain(type: string, value: bigint | number): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  return ["u32", "u64", "i64"].includes(type) ? String(value) : Number(value);
}

function numberField(name: string, random: Random): Wanted {
  const type = random.pick(TYPES);
  const lengthBytes = Number(type.slice(1)) / 8;
  const isLittle = random.chance(0.5);
  const full = lengthBytes === 1 ? type : `${type}${isLittle ? "le" : "be"}`;
  const kind = type.startsWith("f") ? "plain" : random.pick(["plain", "scaled", "named", "time"]);
  const raw = (bytes: Buffer): unknown => plain(type, stored(type, bytes, isLittle));
  if (kind === "plain") {
    return { entry: { name, type: full }, lengthBytes, columns: [name], shown: (bytes) => ({ [name]: raw(bytes) }) };
  }
  const columns = [name, `${name}_raw`];
  if (kind === "scaled") {
    const scale = random.pick([0.5, 2, -0.25, 1024]);
    const offset = random.pick([0, -40, 273]);
    return {
      ...{ entry: { name, type: full, scale, offset }, lengthBytes, columns },
      shown: (bytes) => {
        const value = Number((Number(stored(type, bytes, isLittle)) * scale + offset).toPrecision(15));
        return { [name]: value, [`${name}_raw`]: raw(bytes) };
      },
    };
  }
  if (kind === "named") {
    return {
      ...{ entry: { name, type: full, values: { 0: "zero", 255: "all" } }, lengthBytes, columns },
      shown: (bytes) => {
        const value = String(stored(type, bytes, isLittle));
        return { [name]: { 0: "zero", 255: "all" }[value] ?? value, [`${name}_raw`]: raw(bytes) };
      },
    };
  }
  return {
    ...{ entry: { name, type: full, time: { base: "2020-01-01T00:00:00Z", unit: "us" } }, lengthBytes, columns },
    shown: (bytes) => {
      const us = 1_577_836_800_000_000n + BigInt(stored(type, bytes, isLittle));
      const isInside = us >= -62_135_596_800_000_000n && us <= 253_402_300_799_999_999n;
      return { [name]: isInside ? us : null, [`${name}_raw`]: raw(bytes) };
    },
  };
}

function otherField(name: string, random: Random): Wanted {
  const lengthBytes = 1 + random.intBelow(9);
  const type = random.pick(["bool", "bytes", "ascii"]);
  const entry = { name, type, lengthBytes };
  const shown = (bytes: Buffer): Readonly<Record<string, unknown>> => {
    if (type === "bool") return { [name]: bytes.some((byte) => byte !== 0) };
    if (type === "bytes") return { [name]: bytes.toString("hex") };
    const end = bytes.indexOf(0);
    const kept = end < 0 ? bytes : bytes.subarray(0, end);
    const text = [...kept].map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
    );
    return { [name]: text.join("") };
  };
  return { entry, lengthBytes, columns: [name], shown };
}

/** Bytes that are often all alike, so that extremes come. */
function someBytes(length: number, random: Random): Buffer {
  if (random.chance(0.3)) return Buffer.alloc(length, random.pick([0, 0xff, 0x7f, 0x80, 0x41]));
  return Buffer.from(random.bytes(length));
}

/** Further than 140 years from 1970 a time has no exact microseconds: a few off count as right. */
function nearTime(shown: unknown, wanted: unknown): unknown {
  if (typeof shown !== "string" || typeof wanted !== "bigint") return shown;
  const off = BigInt(shown) - wanted;
  const isFar = wanted > 2n ** 52n || wanted < -(2n ** 52n);
  return isFar && off >= -64n && off <= 64n ? String(wanted) : shown;
}

/** A log of these items. */
function logOf(items: readonly (LogRecord | LogDamage)[]): RecordLog {
  const never = (): Promise<never> => Promise.reject(new Error("not asked"));
  return {
    sectorBytes: 4096,
    async *records() {
      yield* await Promise.resolve(items);
    },
    ...{ sectors: never, append: never, clear: never },
  };
}

describeUnless(duckdbMissing)("types in Parquet", () => {
  it("come back from DuckDB as they were stored", async () => {
    const rounds = effort(6, 300);
    let cells = 0;
    for (let seed = 0; seed < rounds; seed++) {
      const random = createRandom(`types ${seed}`);
      const fields = Array.from({ length: 1 + random.intBelow(8) }, (_, at) =>
        (random.chance(0.7) ? numberField : otherField)(`f${at}`, random),
      );
      const wholeBytes = fields.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
      const struct = parseStruct(JSON.stringify({ fields: fields.map(({ entry }) => entry) }), "struct.json");
      const datas = Array.from({ length: 1 + random.intBelow(40) }, () => {
        const data = someBytes(wholeBytes, random);
        return random.chance(0.1) ? data.subarray(0, random.intBelow(wholeBytes)) : data;
      });
      const items = datas.map((data, at): LogRecord => {
        return { kind: "record", sector: 0, offset: at, data, isUnconfirmed: at % 5 === 0 };
      });
      const damage: LogDamage = { kind: "damage", sector: 1, offset: 2, lengthBytes: 3, reason: "torn, 'quoted'" };
      const columns = structColumns(struct);
      const path = join(folder, `${seed}.parquet`);
      const file = await ParquetFile.create(path, columns.all, "test");
      const unit = {
        serial: "ü \u{1f600}",
        product: "",
        chip: "c",
        chipId: "",
        extraction: "e",
        extractedAtMs: 1,
        layout: "fcb",
        address: 2 ** 40,
      };
      const counts = noRows();
      for await (const row of rowsOf(logOf([...items, damage]), unit, structDecoder(struct), columns, counts))
        file.add(row);
      file.finish();
      file.commit();
      const names = fields.flatMap((field) => field.columns);
      const timed = fields.filter(({ entry }) => "time" in entry).map(({ columns: [name = ""] }) => name);
      const shown = names.map((name) => (timed.includes(name) ? `epoch_us(${name})::varchar as ${name}` : name));
      const rows = await query?.(
        `select serial, address, n, "offset", length, unconfirmed, short, damage, epoch_us(time)::varchar as time,
         ${shown.join(", ")} from read_parquet(${sqlText(path)}) order by n nulls last`,
      );
      expect(rows?.length, `seed ${seed}`).toBe(items.length + 1);
      expect(rows?.at(-1)).toMatchObject({ n: null, damage: damage.reason, offset: "2", length: "3", short: false });
      for (const [at, data] of datas.entries()) {
        const row = rows?.[at];
        const isShort = data.length < wholeBytes;
        const place = { serial: unit.serial, address: String(unit.address), n: String(at), offset: String(at) };
        expect(row).toMatchObject({ ...place, length: String(data.length), unconfirmed: at % 5 === 0, short: isShort });
        let start = 0;
        let time: string | null = null;
        for (const field of fields) {
          const end = start + field.lengthBytes;
          const wanted = end <= data.length ? field.shown(data.subarray(start, end)) : undefined;
          for (const name of field.columns) {
            const value = wanted?.[name] ?? null;
            if (wanted === undefined && (field.entry["type"] === "ascii" || field.entry["type"] === "bytes")) continue;
            const shownValue = typeof value === "bigint" ? String(value) : value;
            expect(nearTime(row?.[name], value), `seed ${seed} record ${at} ${name}`).toEqual(shownValue);
            if (name === timed[0]) time = typeof shownValue === "string" ? shownValue : null;
            cells++;
          }
          start = end;
        }
        expect(nearTime(row?.["time"], time === null ? null : BigInt(time))).toEqual(time);
      }
      expect(counts.records).toBe(items.length);
    }
    sayCount(`types: ${cells} cells of ${rounds} structs came back`);
  });

  it("a field never takes the name of another column, whatever its capitals", async () => {
    const names = ["Serial", "TIME", "time", "month", "a", "A", "a_raw", "length"];
    const fields = names.map((name) => ({ name, type: "u8", ...(name === "a" ? { scale: 2 } : {}) }));
    const columns = structColumns(parseStruct(JSON.stringify({ fields }), "s"));
    const path = join(folder, "names.parquet");
    const file = await ParquetFile.create(path, columns.all, "test");
    file.finish();
    file.commit();
    const described = await query?.(`describe select * from read_parquet(${sqlText(path)})`);
    const read = described?.map((row) => String(row["column_name"])) ?? [];
    expect(read).toEqual(columns.all.map(({ name }) => name));
    expect(new Set(read.map((name) => name.toLowerCase())).size).toBe(read.length);
    expect(read.slice(-9)).toEqual([
      ...["field_Serial", "field_TIME", "field_time_2", "field_month", "a", "field_A", "a_raw", "field_length"],
      "field_a_raw",
    ]);
  });
});
