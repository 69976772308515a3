/** Values of settings as they are typed: numbers of a given width, hex, text and files. */
import { describe, expect, it } from "vitest";
import { bytesOfValue, parseAssignments, parseValueText } from "../../../src/cli/values/value-text.ts";
import { toHex } from "../../../src/bytes.ts";

async function hexOf(text: string): Promise<string> {
  return toHex(await bytesOfValue(parseValueText(text, "value")));
}

describe("values as people type them", () => {
  it.each([
    ["68656C6c6f", "68656c6c6f"],
    ["", ""],
    ["hex:0102", "0102"],
    ["text:12", "3132"],
    ["text:", ""],
    ["text:a=b:c", "613d623a63"],
    ["u8:255", "ff"],
    ["u16:0x1234", "3412"],
    ["u32:7", "07000000"],
    ["u64:18446744073709551615", "ffffffffffffffff"],
  ])("%j is %j", async (text, hex) => {
    expect(await hexOf(text)).toBe(hex);
  });

  it.each(["1", "0x12", "hello", "u8:256", "u32:-1", "u32:4294967296", "u32:", "u7:1", "hex:1", "u16:1.5", "@"])(
    "%j is refused with the forms there are",
    (text) => {
      expect(() => parseValueText(text, "value")).toThrow(/is not a value/);
    },
  );

  it("splits NAME=VALUE at the first =, and takes a name and a value as two words", () => {
    expect(parseAssignments(["a=text:x=y", "b=01"]).map(([name]) => name)).toEqual(["a", "b"]);
    expect(parseAssignments(["a", "text:x"]).map(([name]) => name)).toEqual(["a"]);
    expect(parseAssignments(["a=@file"])[0]?.[1]).toEqual({ kind: "file", path: "file" });
  });

  it.each([[["a"]], [["=01"]], [["a=01", "a=02"]], [["a", "b", "c"]]])("refuses %j", (words) => {
    expect(() => parseAssignments(words)).toThrow();
  });
});
