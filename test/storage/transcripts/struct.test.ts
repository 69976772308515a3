/** Descriptions of records, right and wrong: what is said of them, and what records they make of bytes. Read by people. */
import { decodeRecord } from "../../../src/storage/decode-record.ts";
import { parseStruct } from "../../../src/storage/struct-record.ts";
import { transcript, Transcript } from "../support/transcript.ts";

const TIME = { base: "2000-01-01T00:00:00Z", unit: "ms" };

/** One field each; what stands after them is what the field is missing or has too much of. */
const WRONG: readonly unknown[] = [
  [],
  null,
  7,
  "text",
  {},
  { fields: [] },
  { fields: {} },
  { fields: [{ name: "a", type: "u8" }], more: 1 },
  ...[7, null, [], "u8", {}, { name: "a" }, { type: "u8" }, { name: "", type: "u8" }, { name: 5, type: "u8" }].map(
    (field) => ({ fields: [field] }),
  ),
  ...[
    "u8le",
    "u16",
    "u16xe",
    "xu8",
    "u8x",
    "u16lex",
    "xu16le",
    "u24",
    "f16",
    "f16le",
    "f24be",
    "i7",
    "U8",
    "text",
    5,
  ].map((type) => ({ fields: [{ name: "a", type }] })),
  ...[
    { scale: "1" },
    { scale: null },
    { offset: [] },
    { unit: 5 },
    { lengthBytes: 1 },
    { extra: 1 },
    { unit: null },
    { time: null },
    { values: null },
  ].map((more) => ({ fields: [{ name: "a", type: "u8", ...more }] })),
  ...[{ scale: 1 }, { offset: 1 }, { time: {} }, { values: {} }].map((more) => ({
    fields: [{ name: "a", type: "bytes", lengthBytes: 1, ...more }],
  })),
  ...[undefined, null, 0, -1, 1.5, "1", 65_537].map((lengthBytes) => ({
    fields: [{ name: "a", type: "ascii", lengthBytes }],
  })),
  ...[[], 5, null, { one: "x" }, { "1x": "x" }, { x1: "x" }, { 1: 5 }].map((values) => ({
    fields: [{ name: "a", type: "u8", values }],
  })),
  ...[
    [],
    5,
    { base: "yesterday" },
    { base: 5 },
    { base: null },
    { unit: null },
    { unit: "week" },
    { unit: 5 },
    { zone: "UTC" },
  ].map((time) => ({
    fields: [{ name: "a", type: "u8", time }],
  })),
  {
    fields: [
      { name: "a", type: "u8" },
      { name: "b", type: "u8" },
      { name: "a", type: "u8" },
    ],
  },
  { fields: [{ name: "a\u001b", type: "nothing\u0007" }] },
];

/** Descriptions with bytes that are read by them. */
const RIGHT: readonly (readonly [unknown, readonly string[]])[] = [
  [{ fields: ["u8", "i8"].map((type) => ({ name: type, type })) }, ["0000", "ffff", "7f80"]],
  [
    { fields: ["u16le", "u16be", "i16le", "i16be"].map((type) => ({ name: type, type })) },
    ["0102010201020102", "fffefffefffefffe"],
  ],
  [
    { fields: ["u24le", "i24be", "u32le", "i32be"].map((type) => ({ name: type, type })) },
    ["01020301020301020304f1020304"],
  ],
  [
    { fields: ["u64le", "i64be"].map((type) => ({ name: type, type })) },
    ["0102030405060708f102030405060708", "ffffffffffffffffffffffffffffffff"],
  ],
  [
    { fields: ["f32le", "f64be"].map((type) => ({ name: type, type })) },
    ["0000803f4008000000000000", "0000c07f7ff0000000000000"],
  ],
  [
    {
      fields: [
        { type: "skip", lengthBytes: 2 },
        { name: "skipped", type: "skip", lengthBytes: 1 },
        { name: "b", type: "bool" },
        { name: "c", type: "bool", lengthBytes: 2 },
      ],
    },
    ["010203000000", "00000001ff00", "000000000001"],
  ],
  [
    {
      fields: [
        { name: "t", type: "ascii", lengthBytes: 4 },
        { name: "x", type: "bytes", lengthBytes: 2 },
      ],
    },
    ["616200630102", "00616263ffff", "616263641b07", "1b5b316dffff"],
  ],
  [
    {
      fields: [
        { name: "v", type: "i16le", scale: 0.01, unit: "C" },
        { name: "o", type: "u8", offset: -40 },
        { name: "both", type: "u8", scale: 2, offset: 1 },
      ],
    },
    ["29090000", "ffff2805", "008000ff"],
  ],
  [
    {
      fields: [
        { name: "state", type: "u8", values: { 0: "off", 1: "on\u001b" } },
        { name: "signed", type: "i8", values: { "-1": "none" }, scale: 2 },
      ],
    },
    ["0000", "01ff", "0205"],
  ],
  [{ fields: [{ name: "t", type: "u32le", time: TIME }] }, ["00000000", "e8030000", "ffffffff"]],
  [
    {
      fields: [
        { name: "n", type: "u8" },
        { name: "t", type: "u32le", time: {} },
        { name: "u", type: "u16le", time: { unit: "min" }, scale: 2, offset: 1 },
      ],
    },
    ["01000000000000", "02ff0000000100"],
  ],
  [
    {
      fields: [
        { name: "t", type: "f64le", time: {} },
        { name: "longest", type: "u8" },
      ],
    },
    ["000000000000f87f00", "000000000000f07f00", "000000000000000000"],
  ],
  [{ fields: [{ name: "x", type: "bytes", lengthBytes: 65_536 }] }, ["00"]],
];

transcript("struct", "descriptions say what is wrong with them, and records come out as described", async () => {
  const page = new Transcript();
  page.heading("wrong");
  for (const one of WRONG) await page.call(JSON.stringify(one), () => parseStruct(JSON.stringify(one), "x\u001b.json"));
  const bool = { name: "a", type: "bool" };
  for (const field of [
    { ...bool, lengthBytes: null },
    { ...bool, lengthBytes: 0 },
  ]) {
    await page.call(JSON.stringify(field), () => parseStruct(JSON.stringify({ fields: [field] }), "x.json"));
  }
  const endless = '{"fields":[{"name":"a","type":"u8","scale":1e999}]}';
  await page.call(endless, () => parseStruct(endless, "x.json"));
  await page.call("{", () => parseStruct("{", "x.json"));
  for (const [one, records] of RIGHT) {
    page.heading(JSON.stringify(one));
    const struct = await page.call("parsed", () => parseStruct(JSON.stringify(one), "x.json"));
    if (struct === undefined) continue;
    for (const hex of records) await page.call(hex, () => decodeRecord(struct, Buffer.from(hex, "hex")));
    await page.call("a byte more", () => decodeRecord(struct, new Uint8Array(struct.lengthBytes + 1)).length);
    await page.call("a byte less", () => decodeRecord(struct, new Uint8Array(struct.lengthBytes - 1)));
  }
  return page;
});
