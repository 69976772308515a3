/** The index: a line is there or not, wherever a kill cuts the file; what is not a line of an index is refused with its place. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readLine } from "../../src/extract/read-line.ts";
import { ExtractionStore } from "../../src/extract/extraction-store.ts";
import { StoreIndex } from "../../src/extract/store-index.ts";
import type { CompactLine, DecodeLine, ExtractionLine } from "../../src/extract/store-lines.ts";
import { stateOf } from "../../src/extract/store-state.ts";
import { createRandom } from "../../src/sim/random.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-index-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const TIME = "2026-11-30T23:05:00.000Z";
const FILE = "records/struct=record@3fa91c02/year=2026/month=11/";
const id = (number: number): string => `20261130T230500Z-0000000${number}`;

function extraction(number: number): ExtractionLine {
  return {
    type: "extraction",
    id: id(number),
    time: TIME,
    serial: `unit "${number}"\u2028`,
    product: "",
    chip: { vendor: "Adesto", name: "AT25SF041", jedecId: "1f8401", uniqueId: "" },
    flash: { capacityBytes: 524288, pageBytes: 256, erasedByte: 255 },
    dumps: [{ address: 0, lengthBytes: 4096, sha256: "ab".repeat(32), eraseBytes: 4096 }],
  };
}

function decode(number: number, file: string, struct = "record"): DecodeLine {
  const log = { address: 0, lengthBytes: 4096, layout: "fcb", records: 3, unconfirmed: 0, damaged: 0, short: 0 };
  return {
    type: "decode",
    time: TIME,
    extraction: id(number),
    struct,
    structSha256: "",
    decoder: 1,
    recordBytes: 0,
    logs: [{ ...log, firstTime: "", lastTime: "", orderDoubt: "" }],
    file,
  };
}

function compact(file: string, ...numbers: readonly number[]): CompactLine {
  return { type: "compact", time: TIME, struct: "record", file, extractions: numbers.map(id) };
}

describe("an index", () => {
  it("keeps lines in order and numbers them", async () => {
    const index = new StoreIndex(join(folder, "order"));
    expect([index.isThere, await index.lines()]).toEqual([false, []]);
    const lines = [extraction(1), decode(1, `${FILE}a.parquet`), compact(`${FILE}b.parquet`, 1)];
    await index.append(() => lines.slice(0, 2));
    await index.append(() => Promise.resolve(lines.slice(2)));
    expect(await index.lines()).toEqual(lines.map((line, at) => ({ seq: at + 1, line })));
  });

  it("cut at any byte has the whole lines before it, and takes the next one after them", async () => {
    const path = join(folder, "cut");
    const index = new StoreIndex(path);
    const lines = [extraction(1), decode(1, ""), extraction(2)];
    await index.append(() => lines);
    const file = join(path, "index.jsonl");
    const whole = readFileSync(file);
    const random = createRandom("cuts");
    const ends = [0, 1, whole.indexOf(10), whole.indexOf(10) + 1, whole.length - 1, whole.length];
    for (const end of [...ends, ...Array.from({ length: 20 }, () => random.intBelow(whole.length))]) {
      writeFileSync(file, whole.subarray(0, end));
      const kept = lines.slice(0, whole.subarray(0, end).filter((byte) => byte === 10).length);
      expect(
        (await index.lines()).map(({ line }) => line),
        `cut at ${end}`,
      ).toEqual(kept);
      await index.append(() => [extraction(3)]);
      const after = await index.lines();
      expect(after.map(({ line }) => line)).toEqual([...kept, extraction(3)]);
      expect(after.map(({ seq }) => seq)).toEqual(after.map((_, at) => at + 1));
    }
  });

  it("with a line longer than a piece of its end is still appended to", async () => {
    const index = new StoreIndex(join(folder, "long"));
    const many = { ...extraction(1), dumps: Array.from({ length: 3000 }, () => extraction(1).dumps[0]!) };
    await index.append(() => [extraction(2), many]);
    await index.append(() => [extraction(3)]);
    expect((await index.lines()).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it("of writers at the same time loses no line", async () => {
    const path = join(folder, "writers");
    const numbers = [1, 2, 3, 4];
    await Promise.all(numbers.map((number) => new StoreIndex(path).append(() => [extraction(number)])));
    const lines = await new StoreIndex(path).lines();
    expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(new Set(lines.map(({ line }) => (line as ExtractionLine).id))).toEqual(new Set(numbers.map(id)));
  });

  it.each([
    ["no JSON", "{", "it is not JSON"],
    ["a list", "[]", "it is not an object"],
    ["a newer version", '{"v":2,"seq":2,"type":"x"}', "a newer norbridge wrote it"],
    ["a field that is missing", '{"v":1,"seq":2,"type":"extraction"}', '"chip" is not'],
    [
      "a file outside of the store",
      JSON.stringify({ v: 1, seq: 2, ...decode(1, "records/../../x") }),
      "a file of records",
    ],
    ["a struct with a slash", JSON.stringify({ v: 1, seq: 2, ...decode(1, "", "a/b") }), "the name of a struct"],
  ])("with %s is refused", async (what, line, why) => {
    const path = join(folder, what);
    const index = new StoreIndex(path);
    await index.append(() => [extraction(1)]);
    const file = join(path, "index.jsonl");
    writeFileSync(file, `${readFileSync(file, "utf8")}${line}\n`);
    const refusal = {
      code: "FILE_INVALID",
      message: expect.stringMatching(new RegExp(`index\\.jsonl: line 2: .*${why}`)) as string,
    };
    await expect(index.lines()).rejects.toMatchObject(refusal);
    await expect(index.append(() => [extraction(2)])).rejects.toMatchObject({ code: "FILE_INVALID" });
  });

  it("leaves lines of a kind that it does not know alone", () => {
    expect(readLine('{"v":1,"seq":9,"type":"note"}')).toEqual({ seq: 9, line: undefined });
  });
});

describe("what the lines mean", () => {
  const state = (...lines: readonly (ExtractionLine | DecodeLine | CompactLine)[]): ReturnType<typeof stateOf> =>
    stateOf(lines.map((line, at) => ({ seq: at + 1, line })));

  it("the newest decode of a struct counts, and where it was joined into", () => {
    const a = `${FILE}a.parquet`;
    const b = `${FILE}b.parquet`;
    const joined = `${FILE}compact-x.parquet`;
    const before = [extraction(1), extraction(2), decode(1, a), decode(2, b), compact(joined, 1, 2)];
    expect([...state(...before).files]).toEqual([[joined, [id(1), id(2)]]]);
    const again = state(...before, decode(1, a));
    expect([...again.files]).toEqual([
      [a, [id(1)]],
      [joined, [id(2)]],
    ]);
    expect([...state(...before, decode(1, ""), decode(2, "")).files]).toEqual([]);
  });
});

describe("a sink", () => {
  it("gets each line once it is in the index; one that throws leaves the line there", async () => {
    const path = join(folder, "sink");
    const got: string[] = [];
    const inIndex = async (line: ExtractionLine | DecodeLine): Promise<void> => {
      const lines = await new StoreIndex(path).lines();
      expect(lines.at(-1)?.line).toEqual(line);
      got.push(line.type);
      if (line.type === "decode") throw new Error("the ledger is away");
    };
    const store = new ExtractionStore(path, "test", [{ extracted: inIndex, decoded: inIndex }]);
    await store.note(extraction(1));
    await expect(store.note(decode(1, ""))).rejects.toThrow("the ledger is away");
    expect(got).toEqual(["extraction", "decode"]);
    expect((await store.state()).decodes.size).toBe(1);
  });
});
