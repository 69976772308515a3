/**
 * The door through which image files come in: finds the file, its format, and decodes it.
 *
 * Regular files only, or `-` for standard input: a FIFO or device could block without end. Raw, UF2 and ELF files stay open
 * and are read piece by piece; the other formats and standard input are gathered and closed.
 */
import { fileURLToPath } from "node:url";
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { notValid } from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import { decodeBin } from "./bin.ts";
import type { ByteSource } from "./byte-source.ts";
import { decodeElf } from "./elf.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { openRegularFile } from "../disk/regular-file.ts";
import { checkNamedContent, checkRawContent } from "./foreign-content.ts";
import { FORMAT_NAMES, formatByContent, formatByName } from "./image-format.ts";
import { decodedImage, type ImageFormat, type ImageSource } from "./image-source.ts";
import { decodeIntelHex } from "./intel-hex.ts";
import type { DecodedImage } from "./segment-builder.ts";
import { decodeSrec } from "./srec.ts";
import { readStandardInput } from "./standard-input.ts";
import { decodeUf2 } from "./uf2.ts";

/** How to read an image file. */
export interface OpenImageOptions {
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
  /** Ends the wait for standard input, as ECANCELED. */
  readonly signal?: AbortSignal | undefined;
  /** What `-` reads; default the process's standard input. */
  readonly standardInput?: AsyncIterable<unknown> | undefined;
}

/** The path of an image file that is named by path or `file:` URL. Throws EINVAL for anything else. */
export function pathOfImage(file: unknown, operation: string): string {
  if (typeof file === "string" && file !== "") return file;
  if (!(file instanceof URL)) throw notValid(operation, "image", "a path or a file URL", file);
  try {
    return fileURLToPath(file);
  } catch {
    // Another scheme, or a host that this system has no path for.
    throw notValid(operation, "image", "a path or a file URL", file.href);
  }
}

/**
 * Opens an image by path or `file:` URL. Only `-` waits for the outside; a file is read before the promise is handed out.
 *
 * @throws NorbridgeError EINVAL for what is neither a path nor a file URL; FILE_INVALID for everything that is wrong with the
 * file, with its name, line or byte, and reason.
 */
export async function openImage(file: string | URL, options: OpenImageOptions = {}): Promise<ImageSource> {
  const path = pathOfImage(file, "open image");
  if (path === "-") {
    const bytes = await readStandardInput(options);
    const choice = chosenFormat(bytes, undefined, options);
    return decodedImage(decode(bytes, choice, options), imageOptions(choice, options));
  }
  const opened = openRegularFile(path);
  try {
    const { lengthBytes } = opened;
    if (lengthBytes === 0) throw fileInvalid(path, "the file is empty");
    const file: ByteSource = {
      name: path,
      lengthBytes,
      read: (offset, count) => opened.read(offset, count),
      readInto: (offset, target) => {
        opened.readInto(offset, target);
      },
    };
    const choice = chosenFormat(file, formatByName(path), options);
    const decoded = decode(file, choice, options);
    if (decoded.bytes === file) {
      return decodedImage(decoded, {
        ...imageOptions(choice, options),
        onClose: () => {
          opened.close();
        },
      });
    }
    const image = decodedImage(decoded, imageOptions(choice, options));
    opened.close();
    return image;
  } catch (error) {
    opened.close();
    throw error;
  }
}

interface Choice {
  readonly format: ImageFormat;
  /** Who chose it. */
  readonly by: "user" | "name" | "content" | "nobody";
}

/** Throws FILE_INVALID if no format was specified and the content looks like another one. */
function chosenFormat(file: ByteSource, named: ImageFormat | undefined, options: OpenImageOptions): Choice {
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

function imageOptions(
  { format }: Choice,
  options: OpenImageOptions,
): { readonly format: ImageFormat; readonly relocate: number } {
  return { format, relocate: options.relocate ?? 0 };
}

/** Decodes, and says what was chosen if neither the user nor the name of the file chose it. */
function decode(file: ByteSource, { format, by }: Choice, options: OpenImageOptions): DecodedImage {
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

function decodeAs(file: ByteSource, format: ImageFormat, options: OpenImageOptions): DecodedImage {
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
