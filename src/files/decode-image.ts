/** From the bytes of an image file to an image: finds the format and decodes it. Where the bytes come from is the caller's. */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { NorbridgeError } from "../errors.ts";
import { decodeBin } from "./bin.ts";
import { ByteArena, type ByteSource } from "./byte-source.ts";
import { decodeElf } from "./elf.ts";
import { checkNamedContent, checkRawContent } from "./foreign-content.ts";
import { FORMAT_NAMES, formatByContent, formatByName } from "./image-format.ts";
import { decodedImage, type ImageFormat, type ImageSource } from "./image-source.ts";
import { decodeIntelHex } from "./intel-hex.ts";
import type { DecodedImage } from "./segment-builder.ts";
import { decodeSrec } from "./srec.ts";
import { decodeUf2 } from "./uf2.ts";

/** How the bytes of an image file are understood. */
export interface DecodeImageOptions {
  /** Overrides extension and contents. */
  readonly format?: ImageFormat | undefined;
  /**
   * Without `format`, a file that would be read as raw bytes is refused if it looks like something else (an archive, a
   * program, a text of records). True: it is read all the same, for a caller that knows its contents.
   */
  readonly isKnownContent?: boolean | undefined;
  /** Where the first byte of a raw file belongs; default 0. Other formats say it themselves and ignore this. */
  readonly baseAddress?: number | undefined;
  /** Subtracted from all addresses, whatever the format; default 0. */
  readonly relocate?: number | undefined;
  /** UF2: take only this family. */
  readonly familyId?: number | undefined;
}

/**
 * An image from the bytes of a file: raw, Intel HEX, S-record, UF2 or ELF. The bytes are copied.
 *
 * @param name the name of the file, for messages; its extension decides the format if it is a known one.
 * @throws NorbridgeError FILE_INVALID for everything that is wrong with the bytes, with the name, line or byte, and reason.
 */
export function decodeImage(name: string, bytes: Uint8Array, options: DecodeImageOptions = {}): ImageSource {
  const file = new ByteArena(name);
  file.append(bytes);
  return imageOfFile(file, formatByName(name), options).image;
}

/** An image, and whether it still reads from the file; if so, `onClose` closes that. `named`: the format that its name shows. */
export function imageOfFile(
  file: ByteSource,
  named: ImageFormat | undefined,
  options: DecodeImageOptions,
  onClose?: () => void,
): { readonly image: ImageSource; readonly usesFile: boolean } {
  if (file.lengthBytes === 0) throw fileInvalid(file.name, "the file is empty");
  const choice = chosenFormat(file, named, options);
  const decoded = decode(file, choice, options);
  const usesFile = decoded.bytes === file;
  const how = { format: choice.format, relocate: options.relocate ?? 0 };
  return { image: decodedImage(decoded, usesFile ? { ...how, onClose } : how), usesFile };
}

interface Choice {
  readonly format: ImageFormat;
  /** Who chose it. */
  readonly by: "user" | "name" | "content" | "nobody";
}

/** Throws FILE_INVALID if no format was specified and the content looks like another one. */
function chosenFormat(file: ByteSource, named: ImageFormat | undefined, options: DecodeImageOptions): Choice {
  const { format, isKnownContent = false } = options;
  if (format !== undefined) return { format, by: "user" };
  if (named !== undefined) {
    if (named === "bin" && !isKnownContent) checkRawContent(file);
    if (named !== "bin") checkNamedContent(file, named);
    return { format: named, by: "name" };
  }
  const shown = formatByContent(file);
  if (shown !== undefined) return { format: shown, by: "content" };
  if (!isKnownContent) checkRawContent(file);
  return { format: "bin", by: "nobody" };
}

/** Decodes, and says what was chosen if neither the user nor the name of the file chose it. */
function decode(file: ByteSource, { format, by }: Choice, options: DecodeImageOptions): DecodedImage {
  if (by === "user" || by === "name") return decodeAs(file, format, options);
  const name = FORMAT_NAMES[format];
  if (by === "nobody") {
    const decoded = decodeAs(file, format, options);
    const note = `${printable(file.name)} is read as ${name}: its contents show no other format`;
    return { ...decoded, notes: [note, ...decoded.notes] };
  }
  try {
    const decoded = decodeAs(file, format, options);
    const note = `${printable(file.name)} is read as ${name}, as its contents show`;
    return { ...decoded, notes: [note, ...decoded.notes] };
  } catch (error) {
    if (!(error instanceof NorbridgeError) || error.code !== "FILE_INVALID") throw error;
    const raw = `The file looks like ${name}. To write its bytes as they are, specify the format bin.`;
    throw new NorbridgeError(error.code, error.message, {
      operation: error.operation,
      hint: advice(`${error.hint} ${raw}`, ...error.remedies, "set-file-format"),
      cause: error,
    });
  }
}

function decodeAs(file: ByteSource, format: ImageFormat, options: DecodeImageOptions): DecodedImage {
  switch (format) {
    case "bin":
      return decodeBin(file, options.baseAddress);
    case "hex":
      return decodeIntelHex(file);
    case "srec":
      return decodeSrec(file);
    case "uf2":
      return decodeUf2(file, options.familyId);
    case "elf":
      return decodeElf(file);
  }
}
