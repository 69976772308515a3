/**
 * Which format a file has: what the user specifies, else its extension, else its contents, else raw.
 */
import type { ByteSource } from "./byte-source.ts";
import { isElfLike } from "./elf.ts";
import type { ImageFormat } from "./image-source.ts";
import { textFormatAnywhere } from "./text-format.ts";
import { isUf2Like } from "./uf2-block.ts";

const EXTENSIONS: Readonly<Record<ImageFormat, readonly string[]>> = {
  bin: [".bin", ".img", ".rom", ".fd", ".raw"],
  hex: [".hex", ".ihx", ".ihex", ".mcs", ".a43", ".h86", ".eep"],
  srec: [".srec", ".s19", ".s28", ".s37", ".mot", ".s1", ".s2", ".s3", ".sx", ".exo"],
  uf2: [".uf2"],
  elf: [".elf", ".axf", ".out"],
};

/** All formats, for the command line. */
export const IMAGE_FORMATS: readonly ImageFormat[] = ["bin", "hex", "srec", "uf2", "elf"];

/** Names of the formats in sentences, with their articles. */
export const FORMAT_NAMES: Readonly<Record<ImageFormat, string>> = {
  bin: "raw bytes",
  hex: "an Intel HEX file",
  srec: "an S-record file",
  uf2: "a UF2 file",
  elf: "an ELF file",
};

/** The format that a file name's extension names, whatever its case; undefined if it names none. */
export function formatByName(path: string): ImageFormat | undefined {
  const lower = path.toLowerCase();
  return IMAGE_FORMATS.find((format) => EXTENSIONS[format].some((extension) => lower.endsWith(extension)));
}

/**
 * The format that the contents of a file show, also if they are damaged: its decoder then says where. Undefined: nothing is known
 * of them.
 */
export function formatByContent(file: ByteSource): ImageFormat | undefined {
  const start = file.read(0, Math.min(16, file.lengthBytes));
  if (isElfLike(start)) return "elf";
  if (isUf2Like(file)) return "uf2";
  return textFormatAnywhere(file);
}
