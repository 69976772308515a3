/** C23: files that no chip shall hold, whatever they are named. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openImage } from "../../src/files/open-image.ts";
import { errorOf, expectError, fileIn, listing, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const HEX = ":0300300002337A1E\n:00000001FF\n";
const SREC = "S1060030020304C0\nS9030000FC\n";
const body = new Uint8Array(5000).map((_, index) => (index * 7) & 0xff);

const bytes = (...parts: (string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));

/** A capsule of its own length, as UEFI describes it: GUID, header, flags, size. */
function capsule(): Uint8Array {
  const file = bytes(new Uint8Array(4096).fill(0xa5), body);
  const view = new DataView(file.buffer, file.byteOffset);
  view.setUint32(16, 4096, true);
  view.setUint32(24, file.length, true);
  return file;
}

/** An image with the 16 bytes that dfu-suffix adds. */
function withDfuSuffix(): Uint8Array {
  return bytes(body, "\x01\x00\x00\x00\x83\x04\x00\x01UFD\x10\x12\x34\x56\x78");
}

const FOREIGN: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["bios.zip", bytes("PK\x03\x04", body), /this is a ZIP archive/],
  ["bios-as.bin", bytes("PK\x03\x04", body), /this is a ZIP archive/],
  ["empty.zip", bytes("PK\x05\x06", new Uint8Array(18)), /an empty ZIP archive/],
  ["fw.bin.gz", gzipSync(body), /this is a gzip file/],
  ["fw.7z", bytes("7z\xbc\xaf\x27\x1c", body), /this is a 7z archive/],
  ["fw.xz", bytes("\xfd7zXZ\0", body), /this is an xz file/],
  ["fw.bz2", bytes("BZh91AY&SY", body), /this is a bzip2 file/],
  ["fw.zst", bytes("\x28\xb5\x2f\xfd", body), /this is a zstd file/],
  ["fw.rar", bytes("Rar!\x1a\x07\x01\0", body), /this is a RAR archive/],
  ["fw.cab", bytes("MSCF\0\0\0\0", body), /this is a cabinet archive/],
  ["softpaq.exe", bytes("MZ", body), /a program for Windows or DOS/],
  ["update.msi", bytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", body), /installer or document/],
  ["manual.bin", bytes("%PDF-1.7", body), /a PDF document/],
  ["fw.tar", bytes("fw.bin", new Uint8Array(251), "ustar\x0000", body), /a tar archive/],
  ["elf.bin", bytes("\x7fELF", body), /this is an ELF file/],
  ["uf2.bin", bytes("UF2\n\x57\x51\x5d\x9e", body), /this is a UF2 file/],
  ["hex.bin", bytes(HEX), /this is an Intel HEX file/],
  ["hex-damaged.bin", bytes(":0300300002337A1F\n:00000001FF\n"), /this is an Intel HEX file/],
  ["hex-bom.bin", bytes("\xef\xbb\xbf", HEX), /this is an Intel HEX file/],
  ["hex-after-blanks.bin", bytes("\r\n  ", HEX), /this is an Intel HEX file/],
  ["hex-after-comment.bin", bytes("; made by hand\n", HEX), /this is an Intel HEX file/],
  ["hex-cr.bin", bytes(HEX.replaceAll("\n", "\r")), /this is an Intel HEX file/],
  ["srec.rom", bytes(SREC), /this is an S-record file/],
  ["utf16.bin", Buffer.from(`\ufeff${HEX}`, "utf16le"), /this is text in UTF-16/],
  ["page.bin", bytes("<!DOCTYPE html>\n<html>"), /a web page or XML text/],
  ["lfs.bin", bytes("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), /a pointer of Git LFS/],
  ["xxd.img", bytes("00000000: eb9e 2020 4000 0000 0000  ..\n"), /the text of a hex dump/],
  ["hexdump.img", bytes("00000000  eb 9e 20 20 40 00 00 00  00  |..|\n"), /the text of a hex dump/],
  ["ti.txt", bytes("@F000\n31 40 00 03 B2 40 80 5A\nq\n"), /a memory file \(TI-TXT or Verilog\)/],
  ["rom.mem", bytes("// made by a tool\n@00000000\n12 34 56 78\n"), /a memory file/],
  ["efinity.txt", bytes("7E\nAA\n99\n7E\n".repeat(20)), /the text of hex digits/],
  ["plain.txt", bytes("7EAA997E\n00000000\n"), /the text of hex digits/],
  ["top.bit", bytes("\x00\x09\x0f\xf0\x0f\xf0\x0f\xf0\x0f\xf0\x00\x00\x01a", body), /a bitstream with its header/],
  ["super.bin", bytes("\x3a\xff\x26\xed", body), /a sparse image of Android/],
  ["elf-damaged.bin", bytes("\x7eELF\x01\x01\x01", body), /this is an ELF file/],
  ["bios.cap", capsule(), /a UEFI capsule/],
  ["fw.dfu", withDfuSuffix(), /an image with a DFU suffix/],
  ["stm32.dfu", bytes("DfuSe\x01", body), /a DfuSe file/],
];

describe("C23: a file that is no image", () => {
  it.each(FOREIGN)("%s is refused, and taken as raw bytes if that is specified", async (name, contents, message) => {
    const path = fileIn(folder, name, contents);
    const error = await errorOf(() => openImage(path));
    expect(error).toMatchObject({ code: "FILE_INVALID", remedies: ["set-file-format"] });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/^Nothing was changed\. .+ To write its bytes as they are, specify the format bin\.$/);
    for (const options of [{ format: "bin" }, { isKnownContent: true }] as const) {
      const image = await openImage(path, options);
      expect(image).toMatchObject({ format: "bin", totalBytes: contents.length });
      await image.close();
    }
  });

  it("names the format that decodes it", async () => {
    const path = fileIn(folder, "named.bin", HEX);
    expect((await errorOf(() => openImage(path))).hint).toContain("To decode it, specify the format hex.");
    expect(await listing(await openImage(path, { format: "hex" }))).toEqual(["0x30: 02337a"]);
  });

  it.each([
    ["nothing but 00", new Uint8Array(64)],
    ["nothing but FF", new Uint8Array(64).fill(0xff)],
    ["one byte", Uint8Array.of(0x4d)],
    ["code", body],
    ["the vectors of a Cortex-M", bytes("\x00\x20\x00\x20\xc1\x01\x00\x08", body)],
    ["a flash descriptor", bytes(new Uint8Array(16).fill(0xff), "\x5a\xa5\xf0\x0f", body)],
    ["U-Boot's header", bytes("\x27\x05\x19\x56", body)],
    ["text that is no record", bytes(":hello\nS0me text\n")],
    ["a word before a colon", bytes("abc:00000000")],
    ["a length by chance, no header", bytes(new Uint8Array(24), "\x1c\0\0\0")],
  ])("%s is an image", async (name, contents) => {
    const image = await openImage(fileIn(folder, `${name}.bin`, contents));
    expect(image).toMatchObject({ format: "bin", totalBytes: contents.length });
    await image.close();
  });

  it("standard input is looked at as well", async () => {
    async function* zip(): AsyncGenerator {
      yield await Promise.resolve(bytes("PK\x03\x04", body));
    }
    await expectError(() => openImage("-", { standardInput: zip() }), "FILE_INVALID", /standard input: this is a ZIP/);
    expect((await openImage("-", { standardInput: zip(), format: "bin" })).totalBytes).toBe(5004);
  });
});

describe("a text of records under another name", () => {
  const none = { standardInput: undefined };
  const opened = async (name: string, contents: string | Uint8Array): ReturnType<typeof openImage> =>
    openImage(fileIn(folder, name, contents), none);

  it.each([
    ["blank lines in front", `\n \n${HEX}`],
    ["lines that end with CR", HEX.replaceAll("\n", "\r")],
    ["Ctrl-Z at the end", `${HEX}\u001a`],
    ["a blank after the first record", HEX.replace("\n", " \n")],
  ])("%s: is decoded, and named", async (_name, contents) => {
    const image = await opened("records.txt", contents);
    expect(await listing(image)).toEqual(["0x30: 02337a"]);
    expect(image.notes).toEqual([`${image.name} is read as an Intel HEX file, as its contents show`]);
  });

  it.each([
    ["a wrong digit", HEX.replace("1E", "1F"), ":1:16: checksum is 1f, expected 1e"],
    ["a letter", HEX.replace("7A", "7G"), ":1:15: 'G' is not a hex digit"],
    ["no first colon", HEX.slice(1), ":1:1: the line does not start with ':'"],
    ["a damaged length", HEX.replace(":03", ":x3"), ":1:2: 'x' is not a hex digit"],
    ["blanks in front", `  ${HEX}`, ":1:1: the line does not start with ':' but with a blank"],
    ["a comment", `; made by hand\n${HEX}`, ":1:1: the line does not start with ':': Intel HEX has no comments"],
    ["a UTF-8 mark", bytes("\xef\xbb\xbf", HEX), ":1:1: the file starts with a UTF-8 byte order mark (EF BB BF)"],
    ["UTF-16", Buffer.from(`\ufeff${HEX}`, "utf16le"), ":1:1: the file starts with the byte order mark of UTF-16 text"],
    ["UTF-16 without a mark", Buffer.from(HEX, "utf16le"), ":1:1: the file starts with text in UTF-16"],
    ["one record", ":0300300002337A1E", ":2:1: the end record (:00000001FF) is missing; the file may be truncated"],
    ["a cut record", ":0300", ":1:6: the record is truncated: 2 of at least 5 bytes"],
    ["an S-record with a wrong digit", SREC.replace("C0", "C1"), ":1:15: checksum is c1, expected c0"],
    ["S-records after a title", `firmware 1.0\n${SREC}`, ":1:1: the line does not start with 'S'"],
    ["a destroyed start", bytes(new Uint8Array(8192), HEX.repeat(200)), ":1:1025: the line is too long for a record"],
  ])("%s: is refused with line and column", async (_name, contents, message) => {
    const error = await errorOf(() => opened("records.txt", contents));
    expect(error.message.replace(/^.*records\.txt/, "")).toBe(message);
    expect(error.hint).toMatch(/To write its bytes as they are, specify the format bin\.$/);
    expect(error.remedies).toContain("set-file-format");
  });

  it.each([
    ["text", "hello\nworld\n"],
    ["a log with times", "12:00:00 S started\n12:00:01 S0 stopped\n"],
    ["digits without lines", "0123456789abcdef".repeat(16)],
  ])("%s: is raw, and named", async (_name, contents) => {
    const image = await opened("notes.txt", contents);
    expect(image.format).toBe("bin");
    expect(image.notes).toEqual([`${image.name} is read as raw bytes: its contents show no other format`]);
    await image.close();
  });

  it("a name that says another format is no reason to decode", async () => {
    await expectError(() => opened("a.hex", SREC), "FILE_INVALID", /this is an S-record file, not an Intel HEX file$/);
    await expectError(() => opened("a.s19", HEX), "FILE_INVALID", /this is an Intel HEX file, not an S-record file$/);
    await expectError(
      () => opened("a.uf2", bytes("PK\x03\x04", body)),
      "FILE_INVALID",
      /this is a ZIP archive, not a UF2 file$/,
    );
  });
});

describe("C28: a mark that the eye does not see", () => {
  it.each([
    ["utf8.hex", bytes("\xef\xbb\xbf", HEX), "a UTF-8 byte order mark (EF BB BF)"],
    ["utf8.srec", bytes("\xef\xbb\xbf", SREC), "a UTF-8 byte order mark (EF BB BF)"],
    ["utf16.hex", Buffer.from(`\ufeff${HEX}`, "utf16le"), "the byte order mark of UTF-16 text"],
  ])("%s", async (name, contents, mark) => {
    const path = fileIn(folder, name, contents);
    await expectError(() => openImage(path), "FILE_INVALID", `${path}:1:1: the file starts with ${mark}`);
  });
});
