/**
 * What a file that would be written as raw bytes looks like. Archives, programs and web pages are never what a chip
 * shall hold, and a text of records named .bin was meant to be decoded. Signatures: the specifications of the formats;
 * DFU: USB Device Firmware Upgrade 1.1, appendix B; capsule: UEFI 2.10, section 8.5.3.
 */
import { advice } from "../advice.ts";
import { latin1Text, toHex } from "../bytes.ts";
import type { NorbridgeError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { isElfLike } from "./elf.ts";
import { FORMAT_NAMES } from "./image-format.ts";
import type { ImageFormat } from "./image-source.ts";
import { textFormatAtStart } from "./text-format.ts";

interface Kind {
  /** With its article: "a ZIP archive". */
  readonly name: string;
  /** The format that reads it, if there is one. */
  readonly format?: ImageFormat | undefined;
  /** What to do with it otherwise. */
  readonly todo?: string | undefined;
}

const UNPACK = "Unpack it and use the image inside.";
const EXTRACT = "Extract the image from it with the tool of its vendor.";

const BITSTREAM = "Create a configuration memory file (MCS or BIN) with the tool of its vendor.";

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
  ["00090ff00ff00ff00ff000", { name: "a bitstream with its header (.bit)", todo: BITSTREAM }],
  ["3aff26ed", { name: "a sparse image of Android", todo: "Convert it with simg2img." }],
  ["cffaedfe", { name: "a program for macOS", todo: EXTRACT }],
  ["4c5a4950", { name: "an lzip file", todo: UNPACK }],
  ["446675536501", { name: "a DfuSe file", todo: EXTRACT }],
  ["5546320a57515d9e", { name: "a UF2 file", format: "uf2" }],
];

const CONVERT = "Convert it to Intel HEX, for example with srec_cat.";

const TEXTS: readonly (readonly [RegExp, Kind])[] = [
  [/^\s*<(!doctype\s+html|html|\?xml)/i, { name: "a web page or XML text", todo: "Download the file itself." }],
  [
    /^version https:\/\/git-lfs\.github\.com\//,
    { name: "a pointer of Git LFS", todo: "Fetch the file with git lfs pull." },
  ],
  [
    /^[0-9a-f]{6,8}:? +([0-9a-f]{2} ?){8}/i,
    { name: "the text of a hex dump", todo: "Convert it, for example with xxd -r." },
  ],
  [
    /^\s*(?:\/\/[^\n]*\s+)*@[0-9a-f]{1,8}\s+[0-9a-f]{2,8}\s/i,
    { name: "a memory file (TI-TXT or Verilog)", todo: CONVERT },
  ],
  [
    /^\s*(?:(?:0x)?[0-9a-f]{2}[\s,]+){16}/i,
    { name: "the text of hex digits", todo: "Convert it, for example with xxd -r -p." },
  ],
  [
    /^(?:[0-9a-f]{2}){1,64}\r?\n(?:[0-9a-f]{2}){1,64}\r?\n/i,
    { name: "the text of hex digits", todo: "Convert it, for example with xxd -r -p." },
  ],
];

const BZIP2 = /^BZh[1-9]1AY&SY/;
const START_BYTES = 1024;
const TAR_MAGIC_AT = 257;
const DFU_SUFFIX_BYTES = 16;
const UTF16: Kind = { name: "text in UTF-16", todo: "Save it as plain ASCII text." };
const UTF8_MARK = "\u00ef\u00bb\u00bf";
const UTF16_MARKS = ["\u00ff\u00fe", "\u00fe\u00ff"];

/**
 * Returns if a file may be written as raw bytes although the user did not specify its format.
 *
 * @throws NorbridgeError FILE_INVALID with what the file looks like, and how to use it all the same.
 */
export function checkRawContent(file: ByteSource): void {
  const kind = kindOf(file);
  if (kind !== undefined) throw refusal(file.name, kind);
}

/**
 * Returns if a file whose name says what it is may be decoded so.
 *
 * @throws NorbridgeError FILE_INVALID if it starts like another kind of file.
 */
export function checkNamedContent(file: ByteSource, format: ImageFormat): void {
  const kind = kindOf(file);
  const isText = format === "hex" || format === "srec";
  // A text in the wrong coding is refused by its decoder, with the place.
  if (kind === undefined || kind.format === format || (isText && kind === UTF16)) return;
  const use = kind.format === undefined ? (kind.todo ?? "Use another file.") : decodeAs(kind.format);
  throw fileInvalid(file.name, `this is ${kind.name}, not ${FORMAT_NAMES[format]}`, {
    hint: advice(`Nothing was changed. ${use}`, "set-file-format"),
  });
}

function kindOf(file: ByteSource): Kind | undefined {
  const start = file.read(0, Math.min(START_BYTES, file.lengthBytes));
  const digits = toHex(start.subarray(0, 16));
  const signed = SIGNATURES.find(([signature]) => digits.startsWith(signature));
  if (signed !== undefined) return signed[1];
  if (isElfLike(start)) return { name: FORMAT_NAMES.elf, format: "elf" };
  const text = latin1Text(start);
  return textKind(text) ?? recordKind(file) ?? framedKind(file, start, text);
}

function recordKind(file: ByteSource): Kind | undefined {
  const format = textFormatAtStart(file);
  return format === undefined ? undefined : { name: FORMAT_NAMES[format], format };
}

/** Text, also with the mark that editors put in front of it. */
function textKind(text: string): Kind | undefined {
  if (BZIP2.test(text)) return { name: "a bzip2 file", todo: UNPACK };
  const mark = UTF16_MARKS.find((candidate) => text.startsWith(candidate));
  if (mark !== undefined && /^[:S<]$/.test(text.slice(2, 4).replace("\0", ""))) {
    return UTF16;
  }
  const plain = text.startsWith(UTF8_MARK) ? text.slice(UTF8_MARK.length) : text;
  return TEXTS.find(([pattern]) => pattern.test(plain))?.[1];
}

/** What is recognized by more than its first bytes. */
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
  const suffix = file.read(file.lengthBytes - DFU_SUFFIX_BYTES, DFU_SUFFIX_BYTES);
  return latin1Text(suffix.subarray(8, 11)) === "UFD" && suffix[11] === DFU_SUFFIX_BYTES;
}

function refusal(name: string, { name: kind, format, todo }: Kind): NorbridgeError {
  const use = format === undefined ? (todo ?? "Use another file.") : decodeAs(format);
  const raw = "To write its bytes as they are, specify the format bin.";
  return fileInvalid(name, `this is ${kind}, not the bytes of a chip`, {
    hint: advice(`Nothing was changed. ${use} ${raw}`, "set-file-format"),
  });
}

function decodeAs(format: ImageFormat): string {
  return `To decode it, specify the format ${format}.`;
}
