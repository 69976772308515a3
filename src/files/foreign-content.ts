/**
 * What a file that would be written as raw bytes looks like. Archives, programs and web pages are never what a chip shall hold, and
 * a text of records named .bin was meant to be decoded. Signatures: the specifications of the formats; DFU: USB Device Firmware
 * Upgrade 1.1, appendix B; capsule: UEFI 2.10, section 8.5.3.
 */
import { advice } from "../advice.ts";
import type { NorbridgeError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { isElf } from "./elf.ts";
import type { ImageFormat } from "./image-source.ts";

interface Kind {
  /** With its article: "a ZIP archive". */
  readonly name: string;
  /** The format that reads it, if there is one. */
  readonly format?: ImageFormat;
  /** What to do with it otherwise. */
  readonly todo?: string;
}

const UNPACK = "Unpack it and use the image inside.";
const EXTRACT = "Extract the image from it with the tool of its vendor.";

/** Bytes at the start of a file, as hex digits. */
const SIGNATURES: readonly (readonly [string, Kind])[] = [
  ["504b0304", { name: "a ZIP archive", todo: UNPACK }],
  ["504b0506", { name: "an empty ZIP archive" }],
  ["504b0708", { name: "a ZIP archive", todo: UNPACK }],
  ["1f8b08", { name: "a gzip file", todo: UNPACK }],
  ["377abcaf271c", { name: "a 7z archive", todo: UNPACK }],
  ["fd377a585a00", { name: "an xz file", todo: UNPACK }],
  ["28b52ffd", { name: "a zstd file", todo: UNPACK }],
  ["04224d18", { name: "an LZ4 file", todo: UNPACK }],
  ["526172211a07", { name: "a RAR archive", todo: UNPACK }],
  ["4d534346", { name: "a cabinet archive", todo: UNPACK }],
  ["4d5a", { name: "a program for Windows or DOS (EXE)", todo: EXTRACT }],
  ["d0cf11e0a1b11ae1", { name: "an installer or document of Windows", todo: EXTRACT }],
  ["255044462d", { name: "a PDF document" }],
  ["89504e470d0a1a0a", { name: "a PNG picture" }],
  ["446675536501", { name: "a DfuSe file", todo: EXTRACT }],
  ["5546320a57515d9e", { name: "a UF2 file", format: "uf2" }],
];

const TEXTS: readonly (readonly [RegExp, Kind])[] = [
  [/^\s*:[0-9A-F]{8}/i, { name: "an Intel HEX file", format: "hex" }],
  [/^\s*S[0-35-9][0-9A-F]{6}/i, { name: "an S-record file", format: "srec" }],
  [/^\s*<(!doctype\s+html|html|\?xml)/i, { name: "a web page or XML text", todo: "Download the file itself." }],
  [
    /^version https:\/\/git-lfs\.github\.com\//,
    { name: "a pointer of Git LFS", todo: "Fetch the file with git lfs pull." },
  ],
  [
    /^[0-9a-f]{6,8}:? +([0-9a-f]{2} ?){8}/i,
    { name: "the text of a hex dump", todo: "Convert it, for example with xxd -r." },
  ],
];

const BZIP2 = /^BZh[1-9]1AY&SY/;
const START_BYTES = 1024;
const TAR_MAGIC_AT = 257;
const DFU_SUFFIX_BYTES = 16;
const UTF8_MARK = "\u00ef\u00bb\u00bf";
const UTF16_MARKS = ["\u00ff\u00fe", "\u00fe\u00ff"];

/**
 * Returns if a file may be written as raw bytes although nobody said that it is one.
 *
 * @throws NorbridgeError FILE_INVALID with what the file looks like, and how to use it all the same.
 */
export function checkRawContent(file: ByteSource): void {
  const kind = kindOf(file);
  if (kind !== undefined) throw refusal(file.name, kind);
}

function kindOf(file: ByteSource): Kind | undefined {
  const start = file.read(0, Math.min(START_BYTES, file.lengthBytes));
  const digits = Buffer.from(start.subarray(0, 8)).toString("hex");
  const signed = SIGNATURES.find(([signature]) => digits.startsWith(signature));
  if (signed !== undefined) return signed[1];
  if (isElf(start)) return { name: "an ELF file", format: "elf" };
  const text = Buffer.from(start).toString("latin1");
  return textKind(text) ?? framedKind(file, start, text);
}

/** Text, also with the mark that editors put in front of it. */
function textKind(text: string): Kind | undefined {
  if (BZIP2.test(text)) return { name: "a bzip2 file", todo: UNPACK };
  const mark = UTF16_MARKS.find((candidate) => text.startsWith(candidate));
  if (mark !== undefined && /^[:S<]$/.test(text.slice(2, 4).replace("\0", ""))) {
    return { name: "text in UTF-16", todo: "Save it as plain ASCII text." };
  }
  const plain = text.startsWith(UTF8_MARK) ? text.slice(UTF8_MARK.length) : text;
  return TEXTS.find(([pattern]) => pattern.test(plain))?.[1];
}

/** What is told by more than its first bytes. */
function framedKind(file: ByteSource, start: Uint8Array, text: string): Kind | undefined {
  if (text.startsWith("ustar", TAR_MAGIC_AT)) return { name: "a tar archive", todo: UNPACK };
  if (isCapsule(start, file.lengthBytes))
    return { name: "a UEFI capsule", todo: "Extract the image from the capsule." };
  if (hasDfuSuffix(file)) return { name: "an image with a DFU suffix", todo: "Cut off its last 16 bytes." };
  return undefined;
}

/** Its header has its own length and that of the file. */
function isCapsule(start: Uint8Array, lengthBytes: number): boolean {
  if (start.length < 28) return false;
  const view = new DataView(start.buffer, start.byteOffset);
  const headerBytes = view.getUint32(16, true);
  return headerBytes >= 28 && headerBytes < lengthBytes && view.getUint32(24, true) === lengthBytes;
}

function hasDfuSuffix(file: ByteSource): boolean {
  if (file.lengthBytes <= DFU_SUFFIX_BYTES) return false;
  const suffix = Buffer.from(file.read(file.lengthBytes - DFU_SUFFIX_BYTES, DFU_SUFFIX_BYTES));
  return suffix.toString("latin1", 8, 11) === "UFD" && suffix[11] === DFU_SUFFIX_BYTES;
}

function refusal(name: string, { name: kind, format, todo }: Kind): NorbridgeError {
  const use = format === undefined ? (todo ?? "Use another file.") : `To decode it, specify the format ${format}.`;
  const raw = "To write its bytes as they are, specify the format bin.";
  return fileInvalid(name, `this is ${kind}, not the bytes of a chip`, {
    hint: advice(`Nothing was changed. ${use} ${raw}`, "set-file-format"),
  });
}
