/**
 * Which format a file has: what the user says, else its extension, else its first bytes, else raw.
 */
import type { ByteSource } from "./byte-source.ts";
import { isElf } from "./elf.ts";
import type { ImageFormat } from "./image-source.ts";
import { parseHexRecord } from "./intel-hex.ts";
import { parseSRecord } from "./srec.ts";

const EXTENSIONS: Readonly<Record<ImageFormat, readonly string[]>> = {
  bin: [".bin", ".img", ".rom", ".fd", ".raw"],
  hex: [".hex", ".ihx", ".ihex", ".mcs"],
  srec: [".srec", ".s19", ".s28", ".s37", ".mot"],
  uf2: [".uf2"],
  elf: [".elf", ".axf", ".out"],
};

const UF2_MAGIC = [0x55, 0x46, 0x32, 0x0a, 0x57, 0x51, 0x5d, 0x9e];
const SNIFFED_BYTES = 1024;
const LF = 0x0a;
const CR = 0x0d;

/** All formats, for the command line. */
export const IMAGE_FORMATS: readonly ImageFormat[] = ["bin", "hex", "srec", "uf2", "elf"];

/** The format that a file name's extension names, whatever its case; undefined where it names none. */
export function formatByName(path: string): ImageFormat | undefined {
  const lower = path.toLowerCase();
  return IMAGE_FORMATS.find((format) => EXTENSIONS[format].some((extension) => lower.endsWith(extension)));
}

/**
 * The format that the first bytes prove: a magic number, or a first line that is a whole record with a right checksum.
 * Anything else is raw.
 */
export function formatByContent(file: ByteSource): ImageFormat {
  const start = file.read(0, Math.min(SNIFFED_BYTES, file.lengthBytes));
  if (isElf(start)) return "elf";
  if (UF2_MAGIC.every((byte, index) => start[index] === byte)) return "uf2";
  const line = firstLine(start);
  if (line === undefined) return "bin";
  if (isAccepted(() => parseHexRecord(line, ""))) return "hex";
  if (isAccepted(() => parseSRecord(line, ""))) return "srec";
  return "bin";
}

function firstLine(bytes: Uint8Array): Uint8Array | undefined {
  const end = bytes.indexOf(LF);
  if (end <= 0) return undefined;
  return bytes.subarray(0, bytes[end - 1] === CR ? end - 1 : end);
}

function isAccepted(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
