/**
 * The door through which image files come in: finds the file, its format, and decodes it.
 *
 * Regular files only, or `-` for standard input: a FIFO or device could block for ever. Raw, UF2 and ELF files stay open
 * and are read piece by piece; the other formats and standard input are gathered and closed.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from "node:fs";
import { NorbridgeError } from "../errors.ts";
import { decodeBin } from "./bin.ts";
import type { ByteSource } from "./byte-source.ts";
import { decodeElf } from "./elf.ts";
import { cannotRead, fileInvalid } from "./file-problem.ts";
import { formatByContent, formatByName } from "./image-format.ts";
import { decodedImage, type ImageFormat, type ImageSource } from "./image-source.ts";
import { decodeIntelHex } from "./intel-hex.ts";
import type { DecodedImage } from "./segment-builder.ts";
import { decodeSrec } from "./srec.ts";
import { readStandardInput } from "./standard-input.ts";
import { decodeUf2 } from "./uf2.ts";

/** How to read an image file. */
export interface OpenImageOptions {
  /** Overrides extension and contents. */
  readonly format?: ImageFormat;
  /** Where the first byte of a raw file belongs; default 0. Other formats say it themselves and ignore this. */
  readonly baseAddress?: number;
  /** Subtracted from all addresses, whatever the format; default 0. */
  readonly relocate?: number;
  /** UF2: take only this family. */
  readonly familyId?: number;
  /** Ends the wait for standard input, as ECANCELED. */
  readonly signal?: AbortSignal;
  /** What `-` reads; default the process's standard input. */
  readonly standardInput?: AsyncIterable<unknown>;
}

/**
 * Opens an image. Only `-` waits for the outside; a file is read before the promise is handed out.
 *
 * @throws NorbridgeError FILE_INVALID for everything that is wrong with the file, with its name, line or byte, and reason.
 */
export async function openImage(path: string, options: OpenImageOptions = {}): Promise<ImageSource> {
  if (path === "-") {
    const bytes = await readStandardInput(options);
    const format = options.format ?? formatByContent(bytes);
    return decodedImage(decode(bytes, format, options), imageOptions(format, options));
  }
  const fd = openRegularFile(path);
  try {
    const file = fileBytes(path, fd);
    if (file.lengthBytes === 0) throw fileInvalid(path, "the file is empty");
    const format = options.format ?? formatByName(path) ?? formatByContent(file);
    const decoded = decode(file, format, options);
    if (decoded.bytes === file) {
      return decodedImage(decoded, { ...imageOptions(format, options), onClose: () => closeSync(fd) });
    }
    const image = decodedImage(decoded, imageOptions(format, options));
    closeSync(fd);
    return image;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function imageOptions(
  format: ImageFormat,
  options: OpenImageOptions,
): { readonly format: ImageFormat; readonly relocate: number } {
  return { format, relocate: options.relocate ?? 0 };
}

function decode(file: ByteSource, format: ImageFormat, options: OpenImageOptions): DecodedImage {
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

function openRegularFile(path: string): number {
  let fd: number;
  try {
    // Asked before opening: opening alone can already act on a device.
    expectRegular(path, statSync(path));
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw error instanceof NorbridgeError ? error : cannotRead(path, error);
  }
  try {
    expectRegular(path, fstatSync(fd));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function expectRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw fileInvalid(path, "is a directory, not an image file");
  const kind = stats.isFIFO() ? "pipe" : stats.isSocket() ? "socket" : "device";
  throw fileInvalid(path, `is a ${kind}, not a regular file`, {
    hint: "Feed it to standard input and give - as the file.",
  });
}

function fileBytes(path: string, fd: number): ByteSource {
  return {
    name: path,
    lengthBytes: fstatSync(fd).size,
    read(offset, lengthBytes) {
      const bytes = new Uint8Array(lengthBytes);
      for (let done = 0; done < lengthBytes; ) {
        const count = readAt(path, fd, bytes, done, offset + done);
        if (count === 0) throw fileInvalid(path, "has become shorter while it was read");
        done += count;
      }
      return bytes;
    },
  };
}

function readAt(path: string, fd: number, into: Uint8Array, at: number, position: number): number {
  try {
    return readSync(fd, into, at, into.length - at, position);
  } catch (error) {
    throw cannotRead(path, error);
  }
}
