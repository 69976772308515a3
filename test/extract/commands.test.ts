/** What a user does with a store: extract, decode again, ask DuckDB, export, compact; and what is refused. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { realClock } from "../../src/clock.ts";
import { ExtractionStore } from "../../src/extract/extraction-store.ts";
import { packedGolden } from "../storage/support/packed-golden.ts";
import { fakeIo } from "../support/fake-io.ts";
import { itUnless } from "../support/needs.ts";
import { duckdbMissing, query } from "./support/duckdb.ts";
import { run } from "./support/run.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-logs-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const example = fileURLToPath(new URL("../../examples/03-read-log/", import.meta.url));
const LOGGER = readFileSync(join(example, "logger.bin"));
const STRUCT = join(example, "record.json");
const RECORDS = 1148;

/** A second version of the struct: another name and type of a field. */
const second = join(folder, "new", "Record.json");
mkdirSync(join(folder, "new"));
writeFileSync(
  second,
  readFileSync(STRUCT, "utf8")
    .replace('"battery"', '"supply"')
    .replace(/"values": \{[^}]*\}/, '"unit": "x"'),
);

function portOf(name: string, bytes: Uint8Array): readonly string[] {
  const path = join(folder, `${name}.bin`);
  writeFileSync(path, bytes);
  return ["-p", `image:${path}`];
}

const port = portOf("logger", LOGGER);
const store = join(folder, "it's a store [1]");
const inStore = ["--store", store];

function files(): readonly string[] {
  return readdirSync(store, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".parquet"))
    .map((name) => name.replaceAll("\\", "/"))
    .toSorted();
}

async function views(): Promise<string> {
  const { code, out } = await run(folder, "logs", "views", ...inStore);
  expect(code).toBe(0);
  return out;
}

describe("a store of returned units", () => {
  it("takes units, one with bytes that are there already", async () => {
    const words = ["extract", ...inStore, "--product", "logger", ...port];
    const one = await run(folder, ...words, "--serial", "0017", "--json");
    expect(one.result).toMatchObject({
      ok: true,
      records: RECORDS,
      damaged: 1,
      unconfirmed: 3,
      dumps: [{ state: "new" }],
    });
    expect(files()).toEqual([
      expect.stringMatching(/^records\/struct=raw@v1\/year=\d{4}\/month=\d\d\/[^/]+\.parquet$/),
    ]);
    const same = await run(folder, ...words, "--serial", "0018", "--struct", STRUCT);
    expect([same.code, same.out]).toEqual([
      0,
      `unit 0018: 1 log, ${RECORDS} records, 1 damaged, 3 unconfirmed, 1 dump stored\n`,
    ]);
    const again = await run(folder, ...words, "--serial", "0017", "--struct", STRUCT, "--json");
    expect(again.result).toMatchObject({
      dumps: [{ state: "there" }],
      logs: [{ struct: "record", layout: "px-log-fs" }],
    });
  });

  it("decodes all of it again; bytes as they are give way to fields", async () => {
    const { code, out } = await run(folder, "logs", "decode", ...inStore, "--struct", STRUCT);
    expect([code, out]).toEqual([0, `3 extractions decoded, ${3 * RECORDS} records\n`]);
    expect(files().length).toBe(3);
    expect(files().every((name) => name.includes("struct=record@"))).toBe(true);
  });

  itUnless(duckdbMissing)("answers DuckDB by the views", async () => {
    const sql = await views();
    const rows = await query?.(
      sql,
      `select serial, is_latest, count(*)::int as n, count(damage)::int as damaged, min(time)::varchar as first,
       round(avg(temperature), 3) as mean from record group by all order by serial, is_latest`,
    );
    const one = { n: RECORDS + 1, damaged: 1, first: "2026-01-03 10:40:00+00", mean: 21.018 };
    expect(rows).toEqual([
      { serial: "0017", is_latest: false, ...one },
      { serial: "0017", is_latest: true, ...one },
      { serial: "0018", is_latest: true, ...one },
    ]);
    const logs = await query?.(
      sql,
      "select serial, layout, records::int as records from logs where is_latest order by serial",
    );
    expect(logs).toEqual(["0017", "0018"].map((serial) => ({ serial, layout: "px-log-fs", records: RECORDS })));
  });

  itUnless(duckdbMissing)("compacts without a change of what the views show", async () => {
    const shown = `select * exclude (extracted_at) from record order by extraction, n, "offset"`;
    const before = await query?.(await views(), shown);
    const { code, out } = await run(folder, "logs", "compact", ...inStore);
    expect([code, out]).toEqual([0, `3 files joined into 1, ${3 * (RECORDS + 1)} rows\n`]);
    expect(files().length).toBe(1);
    expect(await query?.(await views(), shown)).toEqual(before);
    const [first] =
      (await query?.(
        `select serial, time from read_parquet('${store.replaceAll("'", "''").replace("[", "[[]")}/records/*/*/*/*.parquet') limit 1`,
      )) ?? [];
    expect(first?.["serial"]).toBe("0017");
    expect((await run(folder, "logs", "compact", ...inStore)).out).toContain("nothing to join");
  });

  itUnless(duckdbMissing)("decodes one unit of a joined file again: the others stay, none is shown twice", async () => {
    const { code } = await run(folder, "logs", "decode", ...inStore, "--serial", "0018", "--struct", second);
    expect(code).toBe(0);
    expect(files().length).toBe(2);
    const rows = await query?.(
      await views(),
      `select serial, count(*)::int as n, count(battery)::int as old, count(supply)::int as new
       from record group by all order by serial`,
    );
    expect(rows).toEqual([
      { serial: "0017", n: 2 * (RECORDS + 1), old: 2 * RECORDS, new: 0 },
      { serial: "0018", n: RECORDS + 1, old: 0, new: RECORDS },
    ]);
  });

  it("exports one table of both versions of the struct", async () => {
    const csv = await run(folder, "logs", "export", ...inStore);
    const [head = "", first = ""] = csv.out.split("\r\n");
    expect(head).toContain("damage,temperature,battery,state,time_raw");
    expect(head).toContain(",supply,");
    expect(first).toMatch(/^0017,logger,image,,/);
    expect(csv.out.trimEnd().split("\r\n").length).toBe(1 + 3 * (RECORDS + 1));
    const jsonl = await run(folder, "logs", "export", ...inStore, "--serial", "0018", "--format", "jsonl");
    expect(JSON.parse(jsonl.out.split("\n")[0] ?? "")).toMatchObject({
      serial: "0018",
      time: "2026-01-03T10:40:00Z",
      temperature: 24.14,
      temperature_raw: 2414,
      supply: 3.23,
      state: 0,
    });
  });

  itUnless(duckdbMissing)("exports Parquet that holds the same", async () => {
    const out = join(folder, "all.parquet");
    const { code } = await run(folder, "logs", "export", ...inStore, "--format", "parquet", "--out", out);
    expect(code).toBe(0);
    const rows = await query?.(`select count(*)::int as n, count(supply)::int as new from '${out}'`);
    expect(rows).toEqual([{ n: 3 * (RECORDS + 1), new: RECORDS }]);
  });

  it("makes lost records again from the dumps", async () => {
    const before = files();
    rmSync(join(store, "records"), { recursive: true });
    expect((await run(folder, "logs", "decode", ...inStore)).out).toBe(
      `3 extractions decoded, ${3 * RECORDS} records\n`,
    );
    expect(files().length).toBe(before.length + 1);
  });
});

describe("a unit of several logs", () => {
  const bytes = new Uint8Array(0x20000).fill(0xff);
  bytes.set(LOGGER, 0x4000);
  bytes.set(packedGolden("flashdb").image("tsdb-g1-t32-status"), 0x10000);
  const both = portOf("both", bytes);
  const own = ["--store", join(folder, "several")];

  it("decodes each log with its own struct", async () => {
    const words = ["extract", ...own, "--serial", "1", ...both, "--struct", `${STRUCT}@0x4000`, "--json"];
    expect((await run(folder, ...words)).result["logs"]).toMatchObject([
      { address: 0x4000, struct: "record", records: RECORDS, short: 0 },
      { address: 0x10000, struct: "raw", layout: "flashdb-tsdb" },
    ]);
    const unsure = await run(folder, "logs", "export", ...own);
    expect([unsure.code, unsure.out]).toEqual([9, ""]);
    expect(unsure.err).toContain("records of 2 structs: record, raw");
    expect(unsure.err).toContain("--table");
    const raw = await run(folder, "logs", "export", ...own, "--table", "raw");
    expect(raw.out.split("\r\n")[1]).toMatch(/,1700000000,write,false,false,,[0-9a-f]{128}$/);
  });

  it("stores a range as it is, and the whole chip", async () => {
    const part = await run(folder, "extract", ...own, "--serial", "2", ...both, "--range", "0,0x8000", "--json");
    expect(part.result).toMatchObject({ dumps: [{ address: 0, lengthBytes: 0x8000 }], logs: [{ address: 0x4000 }] });
    const whole = await run(folder, "extract", ...own, "--serial", "3", ...both, "--whole-chip", "--json");
    expect(whole.result).toMatchObject({ dumps: [{ lengthBytes: bytes.length }], logs: [{}, {}] });
    const none = await run(folder, "extract", ...own, "--serial", "4", ...both, "--range", "0,4k", "--json");
    expect(none.result).toMatchObject({ ok: false, exit: 1, dumps: [{ lengthBytes: 4096 }], logs: [] });
    const state = await new ExtractionStore(join(folder, "several"), "test").state();
    expect([...state.extractions.values()].map(({ serial }) => serial)).toEqual(["1", "2", "3", "4"]);
  });

  it("with a damaged dump is named, and does not stop the others", async () => {
    const damaged = new ExtractionStore(join(folder, "several"), "test");
    const [first] = [...(await damaged.state()).extractions.values()];
    writeFileSync(damaged.dumps.pathOf(first?.dumps[0]?.sha256 ?? ""), "x");
    const { code, out, err } = await run(folder, "logs", "decode", ...own);
    expect([code, out]).toEqual([1, expect.stringContaining("1 of 4 extractions could not be decoded")]);
    expect(err).toContain("warning: unit 1 (");
    expect(err).toContain("this dump is damaged");
  });
});

describe("what is refused", () => {
  it.each([
    [["extract", ...inStore, ...port], 2, "--serial is needed"],
    [["extract", "--serial", "1", ...port], 2, "--store is needed"],
    [["extract", ...inStore, "--serial", "a\nb", ...port], 2, "not valid"],
    [
      ["extract", ...inStore, "--serial", "1", "--whole-chip", "--range", "0,4k", ...port],
      2,
      "cannot be used together",
    ],
    [["extract", ...inStore, "--serial", "1", "--struct", STRUCT, "--struct", second, ...port], 2, "given twice"],
    [["extract", ...inStore, "--serial", "1", "--struct", join(folder, "logger.bin"), ...port], 9, "not UTF-8"],
    [["extract", "--store", join(folder, "logger.bin"), "--serial", "1", ...port], 9, "cannot write"],
    [["logs", "decode", "--store", join(folder, "nowhere")], 9, "holds no store of extractions"],
    [["logs", "export", ...inStore, "--format", "parquet"], 2, "not for stdout"],
    [["logs", "export", ...inStore, "--json"], 2, "stdout cannot carry both"],
    [["logs", "export", ...inStore, "--serial", "9"], 1, "none of the 3 extractions"],
    [["logs", "export", ...inStore, "--table", "x"], 9, "no records of the struct x"],
    [["logs", "compact", ...inStore, "--month", "2026-13"], 2, "a month such as"],
  ] as const)("%j", async (words, exit, why) => {
    const { code, out, err } = await run(folder, ...words);
    expect([code, `${out}${err}`]).toEqual([exit, expect.stringContaining(why)]);
  });

  it("a chip without a log: nothing is stored", async () => {
    const blank = portOf("blank", new Uint8Array(8192).fill(0xff));
    const none = join(folder, "none");
    const { code, out } = await run(folder, "extract", "--store", none, "--serial", "1", ...blank);
    expect([code, out]).toEqual([
      1,
      expect.stringContaining("no log was recognised in 0x000000..0x001fff (8 KiB); nothing was stored"),
    ]);
    expect(new ExtractionStore(none, "test").index.isThere).toBe(false);
  });
});

describe("Ctrl-C", () => {
  it.each([
    ["logs", "decode"],
    ["logs", "compact"],
    ["logs", "export", "--out", join(folder, "cancelled.csv")],
  ])("%s %s ends, and leaves the store as it was", async (...words) => {
    const before = readdirSync(store, { recursive: true, encoding: "utf8" }).toSorted();
    const io = fakeIo({ cwd: folder });
    const ended = runCli([...words, ...inStore], { ...io, clock: realClock });
    setImmediate(() => {
      io.interrupt();
    });
    expect(await ended).toBe(130);
    expect(readdirSync(store, { recursive: true, encoding: "utf8" }).toSorted()).toEqual(before);
    expect(readdirSync(folder)).not.toContain("cancelled.csv");
  });
});
