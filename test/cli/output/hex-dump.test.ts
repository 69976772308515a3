/** The hex dump on a terminal, also if its bytes arrive in pieces. */
import { describe, expect, it } from "vitest";
import { HexDump, hexRow } from "../../../src/cli/output/hex-dump.ts";

describe("hex dump", () => {
  it.each([
    // As xxd prints them.
    [0, "Hello, norbridge", "00000000: 4865 6c6c 6f2c 206e 6f72 6272 6964 6765  Hello, norbridge"],
    [0x1200, "Hello\n", "00001200: 4865 6c6c 6f0a                           Hello."],
    [0xfffff0, "\u0000\u007f~ ", "00fffff0: 007f 7e20                                ..~ "],
    [1, "x", "00000001: 78                                       x"],
  ])("row at %d", (address, text, row) => {
    expect(hexRow(address, new TextEncoder().encode(text))).toBe(row);
  });

  it("does not depend on how the bytes come in pieces", () => {
    const bytes = new Uint8Array(100).map((_, index) => (index * 37) & 0xff);
    const whole = new HexDump(0x10);
    const expected = whole.add(bytes) + whole.end();
    expect(expected.split("\n")).toHaveLength(8);
    for (let pieceBytes = 1; pieceBytes <= 40; pieceBytes++) {
      const dump = new HexDump(0x10);
      let text = "";
      for (let at = 0; at < bytes.length; at += pieceBytes) text += dump.add(bytes.subarray(at, at + pieceBytes));
      expect(text + dump.end()).toBe(expected);
    }
  });

  it("says nothing of nothing", () => {
    const dump = new HexDump(0);
    expect(dump.add(new Uint8Array(0)) + dump.end()).toBe("");
  });
});
