/** S-records in and out. No truncation may lose data unnoticed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/bytes.ts";
import { memoryBytes } from "../../src/files/byte-source.ts";
import { decodeSrec, srecEncoder } from "../../src/files/srec.ts";
import { decodedListing, errorOf, expectError, textFile } from "./support.ts";

const END = "S9030000FC\n";

/** Adds count and checksum to type and body. */
function record(type: number, hex: string): string {
  const counted = (hex.length / 2 + 1).toString(16).padStart(2, "0") + hex;
  const sum = (counted.match(/../g) ?? []).reduce((total, pair) => total + Number.parseInt(pair, 16), 0);
  return `S${type}${counted}${(~sum & 0xff).toString(16).padStart(2, "0")}\n`;
}

const file = (text: string): ReturnType<typeof textFile> => textFile(text, "image.s19");

describe("S-records in", () => {
  it.each([
    ["the vector", "S1060030020304C0\nS9030000FC\n", ["0x30: 020304"]],
    ["a header, lower case, CR LF", "S0050000484D65\r\ns1060030020304c0\r\ns9030000fc\r\n", ["0x30: 020304"]],
    ["24-bit addresses", record(2, "123456AABB") + record(8, "000000"), ["0x123456: aabb"]],
    ["32-bit addresses", record(3, "FFFFFFFEAABB") + record(7, "00000000"), ["0xfffffffe: aabb"]],
    ["mixed widths", record(3, "00000002CC") + record(1, "0000AABB") + record(5, "0002") + END, ["0x0: aabbcc"]],
    ["a count of 24 bits", record(1, "0000AA") + record(6, "000001") + END, ["0x0: aa"]],
    // C43: SRecord and bincopy leave the end record out.
    ["a count that agrees, and no end record", record(1, "0000AA") + record(5, "0001"), ["0x0: aa"]],
    ["S1 past 64 KiB", record(1, "FFFFAABB") + END, ["0xffff: aabb"]],
    ["S2 past 16 MiB", record(2, "FFFFFFAABB") + END, ["0xffffff: aabb"]],
    ["a count of 32 bits", record(1, "0000AA") + record(5, "00000001") + END, ["0x0: aa"]],
    [
      "joined files with counts of their own",
      record(1, "0000AA") + record(5, "0001") + "S0050000484D65\n" + record(1, "0001BB") + record(5, "0001"),
      ["0x0: aabb"],
    ],
    [
      "lines that end with CR, and Ctrl-Z",
      `${record(1, "0000AA")}${END}`.replaceAll("\n", "\r") + "\u001a",
      ["0x0: aa"],
    ],
    ["an empty data record counts", record(1, "0000") + record(1, "0000AA") + record(5, "0002") + END, ["0x0: aa"]],
  ])("%s", async (_name, text, expected) => {
    expect(await decodedListing(decodeSrec(file(text)))).toEqual(expected);
  });

  it.each([
    ["checksum", "S106003002030441\n" + END, "image.s19:1:15: checksum is 41, expected c0"],
    ["odd digit", "S1060030020304C\n" + END, "image.s19:1:15: an odd number of hex digits (13)"],
    ["foreign character", "S106003002o304C0\n" + END, "image.s19:1:11: 'o' is not a hex digit"],
    ["no S", ":0300300002337A1E\n", "image.s19:1:1: the line does not start with 'S'"],
    ["S4", record(4, "0000"), "image.s19:1:2: the digit after 'S' is not a record type (0-3, 5-9)"],
    ["S alone", "S\n", "image.s19:1:2: the digit after 'S' is not a record type (0-3, 5-9)"],
    ["no count", "S1\n", "image.s19:1:3: the record is truncated: it has no count"],
    ["count too large", "S1070030020304C0\n", "image.s19:1:3: the count specifies 7 bytes, the line has 6"],
    ["no room for the address", "S30200FD\n", "image.s19:1:9: the record is truncated: 2 of at least 5 bytes"],
    [
      "record count",
      record(1, "0000AA") + record(5, "0002") + END,
      "image.s19:2:5: the file declares 2 data records but has 1",
    ],
    ["past 4 GiB", record(3, "FFFFFFFFAABB") + END, "image.s19:1:5: the data exceeds 32-bit addresses"],
    [
      "missing end",
      record(1, "0000AA"),
      "image.s19:2:1: the end record (S7, S8 or S9) is missing; the file may be truncated",
    ],
    ["more behind the end", END + record(1, "0000AA"), "image.s19:2:1: there is data after the end record"],
    [
      "a count in the middle, and no end record",
      record(1, "0000AA") + record(5, "0001") + record(1, "0001BB"),
      "image.s19:4:1: the end record (S7, S8 or S9) is missing; the file may be truncated",
    ],
    [
      "a count that differs, and no end record",
      record(1, "0000AA") + record(5, "0002"),
      "image.s19:2:5: the file declares 2 data records but has 1",
    ],
    [
      "a count of five bytes",
      record(1, "0000AA") + record(5, "0000000001"),
      "image.s19:2:3: a record count of 5 bytes is too long",
    ],
    [
      "a count in the middle that agrees with nothing",
      record(1, "0000AA") + record(5, "0001") + record(1, "0001BB") + record(1, "0002CC") + record(5, "0001"),
      "image.s19:5:5: the file declares 1 data records but has 3",
    ],
    ["no data", END, "image.s19: holds no data"],
    [
      "overlap",
      record(1, "0000AABB") + record(2, "000001CC") + END,
      "image.s19: line 2 overlaps line 1: both hold address 0x000001",
    ],
  ])("refuses: %s", async (_name, text, message) => {
    await expectError(() => decodeSrec(file(text)), "FILE_INVALID", message);
  });

  it("C43: without an end record the note says what proves the end", () => {
    const note = "the file has no end record; its record count proves that it is complete";
    expect(decodeSrec(file(record(1, "0000AA") + record(5, "0001"))).notes).toEqual([note]);
    expect(decodeSrec(file(record(1, "0000AA") + record(6, "000001"))).notes).toEqual([note]);
    expect(decodeSrec(file(record(1, "0000AA") + record(5, "0001") + END)).notes).toEqual([]);
  });

  it("every truncation is refused or has lost no data", async () => {
    const text = "S0050000484D65\n" + record(3, "10000000DEADBEEF") + record(5, "0001") + record(7, "10000000");
    const whole = await decodedListing(decodeSrec(file(text)));
    // Behind the count, with its line end or without, and before the last line end.
    const complete = [text.indexOf("S7") - 1, text.indexOf("S7"), text.length - 1];
    for (let length = 0; length < text.length; length++) {
      const cut = file(text.slice(0, length));
      if (complete.includes(length)) expect(await decodedListing(decodeSrec(cut))).toEqual(whole);
      else expect((await errorOf(() => decodeSrec(cut))).code).toBe("FILE_INVALID");
    }
  });
});

describe("S-records out", () => {
  it("cuts at 32, counts, ends with S7", () => {
    const encoder = srecEncoder();
    const text = new TextDecoder().decode(concatBytes([encoder.data(0x1e, Uint8Array.of(1, 2, 3)), encoder.end()]));
    expect(text).toBe("S00600004844521B\nS3070000001E0102D7\nS3060000002003D6\nS5030002FA\nS70500000000FA\n");
  });

  it("refuses what lies past 4 GiB", async () => {
    await expectError(() => srecEncoder().data(0xffffffff, new Uint8Array(2)), "EINVAL", /past 4 GiB/);
  });

  it("what is written reads back", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(0xfffff000), fc.uint8Array({ minLength: 1, maxLength: 300 }), async (address, data) => {
        const encoder = srecEncoder();
        const bytes = concatBytes([encoder.data(address, data), encoder.end()]);
        const listed = await decodedListing(decodeSrec(memoryBytes("image.srec", bytes)));
        expect(listed).toEqual([`0x${address.toString(16)}: ${toHex(data)}`]);
      }),
      { seed: 21, numRuns: 100 },
    );
  });
});
