/** Intel HEX in and out. No truncation and no changed character may pass as another image. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryBytes } from "../../src/files/byte-source.ts";
import { decodeIntelHex, intelHexEncoder } from "../../src/files/intel-hex.ts";
import { concatBytes } from "../../src/bytes.ts";
import { decodedListing, errorOf, expectError, textFile } from "./support.ts";

const END = ":00000001FF\n";

/** Adds the checksum. */
function record(hex: string): string {
  const sum = (hex.match(/../g) ?? []).reduce((total, pair) => total + Number.parseInt(pair, 16), 0);
  return `:${hex}${(-sum & 0xff).toString(16).padStart(2, "0")}\n`;
}

describe("Intel HEX in", () => {
  it.each([
    ["the vector", ":0300300002337A1E\n:00000001FF\n", ["0x30: 02337a"]],
    [
      "lower case, CR LF, blank lines, blanks at line ends",
      ":0300300002337a1e \r\n\r\n\n:00000001ff\r\n \r\n",
      ["0x30: 02337a"],
    ],
    ["no line end after the last record", ":0300300002337A1E\n:00000001FF", ["0x30: 02337a"]],
    [
      "touching records become one segment, whatever their order",
      record("02000200CCDD") + record("02000000AABB") + END,
      ["0x0: aabbccdd"],
    ],
    ["extended segment", record("020000021000") + record("0100000011") + END, ["0x10000: 11"]],
    ["extended linear", record("020000041000") + record("0100000022") + END, ["0x10000000: 22"]],
    ["addresses are linear without a base", record("02FFFF00AABB") + END, ["0xffff: aabb"]],
    ["a segment may be full", record("020000021000") + record("02FFFE00AABB") + END, ["0x1fffe: aabb"]],
    [
      "linear addresses do not wrap at 64 KiB",
      record("020000040001") + record("02FFFF00AABB") + END,
      ["0x1ffff: aabb"],
    ],
    ["up to 4 GiB", record("02000004FFFF") + record("02FFFE00AABB") + END, ["0xfffffffe: aabb"]],
    ["lines that end with CR", (record("0100000077") + END).replaceAll("\n", "\r"), ["0x0: 77"]],
    ["lines that end with CR CR LF", (record("0100000077") + END).replaceAll("\n", "\r\r\n"), ["0x0: 77"]],
    ["Ctrl-Z at the end", `${record("0100000077")}${END}\u001a`, ["0x0: 77"]],
    ["NULs and blank lines at the end", `${record("0100000077")}${END}\0\0\r\n\u001a\0`, ["0x0: 77"]],
    [
      "the last base counts",
      record("020000041000") + record("020000020010") + record("0100000033") + END,
      ["0x100: 33"],
    ],
    [
      "start addresses are ignored",
      record("0400000300003800") + record("04000005000000CD") + record("0100000044") + END,
      ["0x0: 44"],
    ],
    ["an empty data record", record("00123400") + record("0100000055") + END, ["0x0: 55"]],
  ])("%s", async (_name, text, expected) => {
    expect(await decodedListing(decodeIntelHex(textFile(text)))).toEqual(expected);
  });

  it.each([
    ["checksum", ":0300300002337A3F\n" + END, "image.hex:1:16: checksum is 3f, expected 1e"],
    ["odd digit", "\n:0300300002337A1\n" + END, "image.hex:2:16: an odd number of hex digits (15)"],
    ["foreign character", ":03003000G2337A1E\n" + END, "image.hex:1:10: 'G' is not a hex digit"],
    ["control character", ":0300\u001b0002337A1E\n" + END, "image.hex:1:6: '\\x1b' is not a hex digit"],
    ["no colon", "0300300002337A1E\n" + END, "image.hex:1:1: the line does not start with ':'"],
    ["short record", ":0300\n" + END, "image.hex:1:6: the record is truncated: 2 of at least 5 bytes"],
    [
      "length too large",
      ":0400300002337A1E\n",
      "image.hex:1:2: the length byte specifies 4 data bytes, the line has 3",
    ],
    ["unknown type", record("00000006"), "image.hex:1:8: record type 06 is unknown"],
    [
      "base record length",
      record("0100000410"),
      "image.hex:1:2: the extended linear address record has 1 data bytes, expected 2",
    ],
    [
      "start record length",
      record("0100000510"),
      "image.hex:1:2: the start address record has 1 data bytes, expected 4",
    ],
    ["end record length", record("0100000100"), "image.hex:1:2: the end record has 1 data bytes, expected 0"],
    [
      "missing end",
      ":0300300002337A1E\n",
      "image.hex:2:1: the end record (:00000001FF) is missing; the file may be truncated",
    ],
    ["more behind the end", END + ":0300300002337A1E\n", "image.hex:2:1: there is data after the end record"],
    [
      "past the end of a segment",
      record("020000021000") + record("02FFFF00AABB") + END,
      "image.hex:2:4: the data at 0x01ffff passes the end of its segment (record 02)",
    ],
    [
      "past 4 GiB",
      record("02000004FFFF") + record("02FFFF00AABB") + END,
      "image.hex:2:4: the data exceeds 32-bit addresses",
    ],
    ["Ctrl-Z with data after it", `${END}\u001a${END}`, "image.hex:2:1: there is data after the end record"],
    ["a blank in front", ` ${END}`, "image.hex:1:1: the line does not start with ':' but with a blank"],
    ["a comment", `; text\n${END}`, "image.hex:1:1: the line does not start with ':': Intel HEX has no comments"],
    [
      "UTF-16 without a mark",
      Buffer.from(END, "utf16le").toString(),
      "image.hex:1:1: the file starts with text in UTF-16",
    ],
    ["no data", END, "image.hex: holds no data"],
    [
      "overlap",
      record("020000000102") + "\n" + record("0100010002") + END,
      "image.hex: line 3 overlaps line 1: both hold address 0x000001",
    ],
    [
      "overlap out of order",
      record("0200100001AA") + record("0100000005") + record("0100110002") + END,
      "image.hex: line 3 overlaps line 1: both hold address 0x000011",
    ],
    [
      "a record over itself",
      record("020000041000") + record("0100000001") + record("0100000001") + END,
      "image.hex: line 3 overlaps line 2: both hold address 0x10000000",
    ],
    ["a file without line ends", ":".padEnd(200_000, "0"), "image.hex:1:1025: the line is too long for a record"],
    [
      "a line of blanks before a record",
      `${" ".repeat(200_000)}:`,
      "image.hex:1:1025: the line is too long for a record",
    ],
    ["a line of 300 data bytes", `:${"00".repeat(305)}\n`, "image.hex:1:522: the line is too long for a record"],
  ])("refuses: %s", async (_name, text, message) => {
    await expectError(() => decodeIntelHex(textFile(text)), "FILE_INVALID", message);
  });

  it("every truncation is refused or has lost nothing but the last line end", async () => {
    const text = record("020000041000") + record("04000000DEADBEEF") + END;
    const whole = await decodedListing(decodeIntelHex(textFile(text)));
    for (let length = 0; length < text.length; length++) {
      const cut = textFile(text.slice(0, length));
      if (length === text.length - 1) expect(await decodedListing(decodeIntelHex(cut))).toEqual(whole);
      else expect((await errorOf(() => decodeIntelHex(cut))).code).toBe("FILE_INVALID");
    }
  });

  it("every changed character is refused, or changes nothing (case of a digit)", async () => {
    const text = record("04000000DEADBEEF") + END;
    const whole = await decodedListing(decodeIntelHex(textFile(text)));
    for (let at = 0; at < text.length; at++) {
      for (const character of "0123456789ABCDEF:;\n \u0000") {
        if (character === text[at]) continue;
        const changed = textFile(text.slice(0, at) + character + text.slice(at + 1));
        try {
          expect(await decodedListing(decodeIntelHex(changed))).toEqual(whole);
        } catch (error) {
          expect(error).toMatchObject({ code: "FILE_INVALID" });
        }
      }
    }
  });

  it("4 GiB of holes cost no memory", () => {
    const text = record("0100000001") + record("02000004FFFF") + record("01FFFF0002") + END;
    const decoded = decodeIntelHex(textFile(text));
    expect(decoded.pieces.segments).toEqual([
      { address: 0, lengthBytes: 1 },
      { address: 0xffffffff, lengthBytes: 1 },
    ]);
    expect(decoded.bytes.lengthBytes).toBe(2);
  });

  it("lines are found across the borders of the windows the file is read in", () => {
    const data = new Uint8Array(100_000).map((_, i) => (i * 7) & 0xff);
    const encoder = intelHexEncoder();
    const text = concatBytes([encoder.data(0x1234, data), encoder.end()]);
    const decoded = decodeIntelHex(memoryBytes("image.hex", text));
    expect(decoded.pieces.segments).toEqual([{ address: 0x1234, lengthBytes: data.length }]);
    expect(decoded.bytes.read(0, data.length)).toEqual(data);
  });
});

describe("Intel HEX out", () => {
  it("cuts at 16 and writes a base where the upper half changes", () => {
    const encoder = intelHexEncoder();
    const text = new TextDecoder().decode(concatBytes([encoder.data(0xfffe, Uint8Array.of(1, 2, 3)), encoder.end()]));
    expect(text).toBe(":02FFFE000102FE\n:020000040001F9\n:0100000003FC\n:00000001FF\n");
  });

  it("refuses what lies past 4 GiB", async () => {
    await expectError(() => intelHexEncoder().data(0xffffffff, new Uint8Array(2)), "EINVAL", /past 4 GiB/);
  });

  it("what is written reads back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(0xffff0000),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.uint8Array({ minLength: 1, maxLength: 80 })), {
          minLength: 1,
          maxLength: 8,
        }),
        async (start, parts) => {
          const encoder = intelHexEncoder();
          const files: Uint8Array[] = [];
          const expected: string[] = [];
          let address = Math.min(start, 0xffffffff - 700_000);
          for (const [gap, data] of parts) {
            address += gap;
            files.push(encoder.data(address, data));
            expected.push(`0x${address.toString(16)}: ${Buffer.from(data).toString("hex")}`);
            address += data.length;
          }
          const decoded = decodeIntelHex(memoryBytes("image.hex", concatBytes([...files, encoder.end()])));
          expect(await decodedListing(decoded)).toEqual(expected);
        },
      ),
      { seed: 20, numRuns: 100 },
    );
  });
});
