/**
 * Fields of a record by a struct description: numbers, times, text and CBOR. The machine's calendar is the second
 * source for times.
 */
import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/bytes.ts";
import { isoTime, parseIsoTime } from "../../src/storage/iso-time.ts";
import { decodeAvailable, decodeRecord } from "../../src/storage/decode-record.ts";
import { parseStruct } from "../../src/storage/struct-record.ts";

function decoded(fields: readonly object[], hex: string): unknown[] {
  const struct = parseStruct(JSON.stringify({ fields }), "s.json");
  return decodeRecord(struct, fromHex(hex)!).map(({ name, value, text }) => [name, value, text]);
}

describe("fields of a record", () => {
  it.each([
    [{ type: "u8" }, "ff", 255, "255"],
    [{ type: "i8" }, "ff", -1, "-1"],
    [{ type: "u16le" }, "3412", 0x1234, "4660"],
    [{ type: "u16be" }, "1234", 0x1234, "4660"],
    [{ type: "i16le", scale: 0.01 }, "2909", 23.45, "23.45"],
    [{ type: "i24be" }, "fffffe", -2, "-2"],
    [{ type: "u32le" }, "ffffffff", 4_294_967_295, "4294967295"],
    [{ type: "i32be" }, "80000000", -2_147_483_648, "-2147483648"],
    [{ type: "u64le" }, "ffffffffffffffff", 18_446_744_073_709_551_615n, "18446744073709551615"],
    [{ type: "i64be" }, "ffffffffffffffff", -1n, "-1"],
    [{ type: "f32le" }, "0000c03f", 1.5, "1.5"],
    [{ type: "f64be" }, "7ff8000000000000", "NaN", "NaN"],
    [{ type: "u16le", scale: 0.5, offset: -40 }, "6400", 10, "10"],
    [{ type: "bool" }, "02", true, "true"],
    [{ type: "bytes", lengthBytes: 3 }, "00ff1b", "00ff1b", "00ff1b"],
    [{ type: "ascii", lengthBytes: 6 }, "6f6b001b5b31", "ok", "ok"],
    [{ type: "ascii", lengthBytes: 4 }, "1b5b3141", "\\x1b[1A", "\\x1b[1A"],
    [{ type: "u8", values: { "0": "off", "1": "on" } }, "01", "on", "on"],
    [{ type: "u8", values: { "0": "off" } }, "07", 7, "7"],
    [{ type: "u32le", time: { unit: "s" } }, "80436d38", "2000-01-01T00:00:00Z", "2000-01-01T00:00:00Z"],
    [
      { type: "u32be", time: { base: "2000-01-01", unit: "ms" } },
      "000003e9",
      "2000-01-01T00:00:01.001Z",
      "2000-01-01T00:00:01.001Z",
    ],
  ])("%j of %s", (field, hex, value, text) => {
    expect(decoded([{ name: "x", ...field }], hex)).toEqual([["x", value, text]]);
  });

  it("follow each other, and what is skipped has no column", () => {
    const fields = [
      { name: "a", type: "u8" },
      { type: "skip", lengthBytes: 2 },
      { name: "__proto__", type: "u8" },
    ];
    expect(decoded(fields, "01aabb02ff")).toEqual([
      ["a", 1, "1"],
      ["__proto__", 2, "2"],
    ]);
    expect(() => decoded(fields, "01aabb")).toThrow(expect.objectContaining({ code: "LAYOUT_MISMATCH" }));
  });

  it.each([
    ["", "not JSON"],
    ["[]", "must be an object"],
    ['{"fields":[]}', "at least one field"],
    ['{"fields":[{"name":"a","type":"u8"}],"x":1}', '"x" is unknown'],
    ['{"fields":[{"type":"u8"}]}', '"name" is missing'],
    ['{"fields":[{"name":"a"}]}', '"type" is missing'],
    ['{"fields":[{"name":"a","type":"u12"}]}', "is not a type"],
    ['{"fields":[{"name":"a","type":"u16"}]}', "is not a type"],
    ['{"fields":[{"name":"a","type":"u8","lenght":2}]}', '"lenght" is unknown'],
    ['{"fields":[{"name":"a","type":"u8","lengthBytes":2}]}', 'a number has no "lengthBytes"'],
    ['{"fields":[{"name":"a","type":"bytes"}]}', "lengthBytes"],
    ['{"fields":[{"name":"a","type":"ascii","lengthBytes":0}]}', "lengthBytes"],
    ['{"fields":[{"name":"a","type":"u8","scale":"1"}]}', '"scale" must be a number'],
    ['{"fields":[{"name":"a","type":"u8"},{"name":"a","type":"u8"}]}', "used twice"],
    ['{"fields":[{"name":"a","type":"u32le","time":{"base":"2000-02-30"}}]}', '"base" must be a time'],
    ['{"fields":[{"name":"a","type":"u32le","time":{"unit":"years"}}]}', '"unit" of a time'],
    ['{"fields":[{"name":"a","type":"bytes","lengthBytes":1,"scale":2}]}', "only numbers"],
  ])("%s is refused: %s", (text, why) => {
    const parse = (): unknown => parseStruct(text, "s.json");
    expect(parse).toThrow(expect.objectContaining({ code: "FILE_INVALID" }));
    expect(parse).toThrow(why);
  });
});

describe("times", () => {
  it.each([
    "1970-01-01T00:00:00Z",
    "2000-02-29T23:59:59Z",
    "2100-02-28T00:00:00Z",
    "1969-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59Z",
    "0000-03-01T00:00:00Z",
  ])("%s there and back, as the machine's own calendar has it", (text) => {
    expect(parseIsoTime(text)).toBe(Date.parse(text));
    expect(isoTime(parseIsoTime(text)!)).toBe(text);
  });

  it("agree with the machine's calendar on every day of 400 years", () => {
    for (let day = -150_000; day < 150_000; day += 7) {
      const ms = day * 86_400_000 + 12_345_678;
      expect(isoTime(ms)).toBe(new Date(ms).toISOString());
    }
  });

  it.each([
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-1-1",
    "2026-01-01T24:00:00Z",
    "2026-01-01 00:00",
    "",
    "2026-01-01T00:00:00",
  ])("%j is none", (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });
});

/** Names and texts of the fields that a record has. */
function available(fields: readonly object[], hex: string): [isComplete: boolean, ...texts: string[]] {
  const found = decodeAvailable(parseStruct(JSON.stringify({ fields }), "struct.json"), fromHex(hex)!);
  return [found.isComplete, ...found.fields.map(({ name, text }) => `${name}=${text}`)];
}

describe("fields of variable length", () => {
  const text = { name: "text", type: "ascii", lengthBytes: "rest" };

  it("the rest of the record, also if it is empty", () => {
    const fields = [{ name: "n", type: "u8" }, text];
    expect(available(fields, "07626f6f74")).toEqual([true, "n=7", "text=boot"]);
    expect(available(fields, "07")).toEqual([true, "n=7", "text="]);
    expect(available(fields, "")).toEqual([false]);
    expect(available([{ name: "all", type: "bytes", lengthBytes: "rest" }], "0102")).toEqual([true, "all=0102"]);
  });

  it("a length before the field, in any form", () => {
    for (const [lengthBytes, prefix] of [
      ["u8", "02"],
      ["u16le", "0200"],
      ["u16be", "0002"],
      ["u32le", "02000000"],
      ["u32be", "00000002"],
    ] as const) {
      const fields = [
        { name: "a", type: "ascii", lengthBytes },
        { name: "n", type: "u8" },
      ];
      expect(available(fields, `${prefix}686905`)).toEqual([true, "a=hi", "n=5"]);
      expect(available(fields, `${prefix}68`)).toEqual([false, "a=h"]);
      expect(available(fields, prefix)).toEqual([false]);
      expect(available(fields, prefix.slice(2))).toEqual([false]);
    }
    expect(available([{ name: "a", type: "bytes", lengthBytes: "u8" }, text], "00ff")).toEqual([
      true,
      "a=",
      "text=\\xff",
    ]);
    expect(available([{ name: "a", type: "bytes", lengthBytes: "u32be" }], "ffffffff01")).toEqual([false, "a=01"]);
  });

  it("a record that ends early shows the fields it has", () => {
    const fields = [
      { name: "n", type: "u16le" },
      { name: "text", type: "ascii", lengthBytes: 5 },
      { name: "m", type: "u8" },
    ];
    expect(available(fields, "0100616263646507")).toEqual([true, "n=1", "text=abcde", "m=7"]);
    expect(available(fields, "0100616263")).toEqual([false, "n=1", "text=abc"]);
    expect(available(fields, "01")).toEqual([false]);
  });

  it("CBOR is JSON: one item, several, none, and what is none", () => {
    const fields = [{ name: "body", type: "cbor" }];
    const values = (hex: string): unknown =>
      decodeAvailable(parseStruct(JSON.stringify({ fields }), "s"), fromHex(hex)!).fields[0]?.value;
    expect(values("a161610102")).toEqual([{ a: 1 }, 2]);
    expect(values("a1616101")).toEqual({ a: 1 });
    expect(values("")).toEqual([]);
    expect(values("a1")).toEqual({ invalidCbor: "the item ends after the data", data: "a1" });
    expect(available(fields, "a1616162c2 85".replace(" ", ""))).toEqual([true, 'body={"a":"\\x85"}']);
    expect(available([{ name: "b", type: "cbor", lengthBytes: "u8" }, text], "01f568")).toEqual([
      true,
      "b=true",
      "text=h",
    ]);
  });

  it.each([
    [[text, { name: "n", type: "u8" }], "last field"],
    [[{ name: "a", type: "ascii", lengthBytes: "all" }], "rest"],
    [[{ name: "a", type: "ascii", lengthBytes: "u16" }], "rest"],
    [[{ name: "a", type: "ascii", lengthBytes: "i8" }], "rest"],
    [[{ name: "a", type: "ascii", lengthBytes: "u64le" }], "rest"],
    [[{ name: "a", type: "u8", lengthBytes: "rest" }], "a number has no"],
    [[{ name: "a", type: "cbor", scale: 2 }], "only numbers"],
  ])("%j is refused", (fields, why) => {
    expect(() => parseStruct(JSON.stringify({ fields }), "struct.json")).toThrow(why);
  });
});
