/** Values become bytes, or are refused: never cut, wrapped or rounded. */
import { expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { parseContent } from "../../src/recipe/content.ts";
import { parseEncoding } from "../../src/recipe/encoding.ts";
import { parseMac, parseMacBlock } from "../../src/recipe/mac-pool.ts";

function encoded(encoding: string, value: string): string {
  const bytes = parseEncoding(encoding)?.encode(value);
  return bytes instanceof Uint8Array ? toHex(bytes) : (bytes ?? "no encoding");
}

it.each([
  ["u8", "255", "ff"],
  ["u16le", "0x1234", "3412"],
  ["u32be", "305419896", "12345678"],
  ["u64le", "18446744073709551615", "ffffffffffffffff"],
  ["i8", "-128", "80"],
  ["i16le", "-7", "f9ff"],
  ["f32le", "1.25", "0000a03f"],
  ["f64be", "-2", "c000000000000000"],
  ["bcd:3", "1234", "001234"],
  ["hex:3", "01-02-0a", "01020a"],
  ["mac", "70:B3:D5:12:30:01", "70b3d5123001"],
  ["ascii:4", "AB-1", "41422d31"],
  ["ascii:6/pad0", "AB-1", "41422d310000"],
  ["utf8:4/padff", "é", "c3a9ffff"],
  ["utf8", "é", "c3a9"],
])("%s of %s", (encoding, value, wanted) => {
  expect(encoded(encoding, value)).toBe(wanted);
});

it.each([
  ["u8", "256", "not in 0 to 255"],
  ["u8", "-1", "not in 0 to 255"],
  ["u16le", "1E5", "not a whole number"],
  ["u32le", "1,000", "not a whole number"],
  ["u32le", "7.0", "not a whole number"],
  ["i16le", "32768", "not in -32768 to 32767"],
  ["f32le", "1e39", "too large for f32le"],
  ["f32le", "1e-60", "too small for f32le"],
  ["f32le", "1,5", "not a number"],
  ["f32le", "16777217", "cannot hold all its digits: it would become 16777216"],
  ["bcd:2", "12345", "2 bytes hold 4"],
  ["hex:3", "0102", "it has 2 bytes, not 3"],
  ["mac", "70:B3:D5:12:30", "not a MAC address"],
  ["ascii:4", "ABCDE", "it has 5 bytes, and there is room for 4"],
  ["ascii:6", "AB-1", "it has 4 bytes, not 6"],
  ["ascii:2", "é", "not ASCII"],
])("%s refuses %s", (encoding, value, reason) => {
  expect(encoded(encoding, value)).toContain(reason);
});

it.each([
  "u8le",
  "u16",
  "u24le",
  "f16le",
  "bcd",
  "hex",
  "ascii/pad0",
  "utf8:0",
  "utf8:99999",
  "ascii:4/pad1",
  "bcd:2/pad0",
  "",
])("%s is no encoding", (text) => {
  expect(parseEncoding(text)).toBeUndefined();
});

it("reads contents and their references", () => {
  expect(parseContent("${cal.gain}")).toEqual({ kind: "value", value: "cal.gain" });
  expect(parseContent("text:v1-${serial}!")).toMatchObject({
    kind: "text",
    pieces: [{ literal: "v1-" }, { value: "serial" }, { literal: "!" }],
  });
  expect(parseContent("u32:7")).toMatchObject({ kind: "text", pieces: [{ literal: "7" }] });
  expect(parseContent("ascii:12/pad0=${serial}=x")).toMatchObject({ pieces: [{ value: "serial" }, { literal: "=x" }] });
  expect(parseContent("@cert.der")).toEqual({ kind: "file", path: "cert.der" });
  expect(parseContent("hex:0g")).toContain("hex digits");
  expect(parseContent("${a b}")).toContain("not the name of a value");
  expect(parseContent("text:${serial")).toContain("not closed");
  expect(parseContent("hello")).toContain("it is not a content");
});

it("takes blocks of MAC addresses as the IEEE assigns them", () => {
  expect(parseMacBlock("70-B3-D5-12-30-00/36")).toEqual({ first: 0x70b3d5123000n, last: 0x70b3d5123fffn });
  expect(parseMacBlock("00:1b:c5:00:00:00/24")).toMatchObject({ last: 0x001bc5ffffffn });
  expect(parseMacBlock("71-B3-D5-12-30-00/36")).toContain("group bit");
  expect(parseMacBlock("72-B3-D5-12-30-00/36")).toContain("local bit");
  expect(parseMacBlock("70-B3-D5-12-30-01/36")).toContain("bits after the prefix");
  expect(parseMacBlock("70-B3-D5-12-30-00/32")).toContain("/24 (MA-L)");
  expect(parseMacBlock("70-B3:D5-12-30-00/36")).toContain("is written");
  expect(parseMac("70b3d5123001")).toBe(0x70b3d5123001n);
  expect(parseMac("70-B3:D5-12-30-01")).toBeUndefined();
});
