/** An image of any form as a file of any format, without a chip. */
import { checkChoice, checkObject, checkSignal, checkText, checkWhole, ifGiven } from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { type ImageFormat, type ImageSource, imageSpan } from "../files/image-source.ts";
import { createImageWriter, type ImageWriter } from "../files/image-writer.ts";
import { type ImageInput, openInput } from "./image-input.ts";
import { IMAGE_FILES } from "./library-host.ts";

/** How to write an image file. All of it may be left out. */
export interface WriteImageFileOptions {
  /** Format of the new file; default: by its extension, else raw. */
  readonly format?: Exclude<ImageFormat, "elf"> | undefined;
  /** Added to every address in the new file, bytes, 0 or more; default 0. A raw file has no addresses. */
  readonly base?: number | undefined;
  /** Value of the bytes in the gaps of the image, 0 to 255; default: gaps stay gaps, which raw files and UF2 refuse. */
  readonly fillByte?: number | undefined;
  /** Aborts the call, by ECANCELED. */
  readonly signal?: AbortSignal | undefined;
}

const OPERATION = "write image";
/** So much is in memory at once. */
const PIECE_BYTES = 65_536;

/**
 * Writes an image into a file: raw, Intel HEX, S-record or UF2. An older file is replaced when the new one is complete, and stays
 * as it was if this fails.
 *
 * @param file path of the new file.
 * @param image bytes, the path or URL of an image file (ELF as well), or an image that is open.
 * @throws NorbridgeError EINVAL, ERANGE for an option; EINVAL for gaps that the format cannot leave, or addresses that it cannot
 * hold; FILE_INVALID for an image file that is wrong; FILE_EXISTS if the file cannot be written; ECANCELED.
 */
export async function writeImageFile(
  file: string,
  image: ImageInput,
  options: WriteImageFileOptions = {},
): Promise<void> {
  checkText(file, "file", OPERATION, 1);
  checkObject(options, "options", OPERATION);
  const { format, base = 0, fillByte, signal = new AbortController().signal } = options;
  ifGiven(format, (value) => checkChoice(value, "format", OPERATION, ["bin", "hex", "srec", "uf2"]));
  checkWhole(base, "base", OPERATION);
  ifGiven(fillByte, (value) => checkWhole(value, "fillByte", OPERATION, 0, 0xff));
  checkSignal(options.signal, "signal", OPERATION);
  const opened = await openInput(image, {}, { files: IMAGE_FILES, signal }, OPERATION);
  try {
    const writer = await createImageWriter(file, format, { baseAddress: base, range: imageSpan(opened.image) });
    try {
      await writeAll(opened.image, writer, fillByte, signal);
      await writer.commit();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  } finally {
    await opened.close();
  }
}

async function writeAll(
  image: ImageSource,
  writer: ImageWriter,
  fillByte: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  let end = imageSpan(image).address;
  for (const segment of image.segments) {
    if (fillByte !== undefined) {
      for (const gap of piecesOf({ address: end, lengthBytes: segment.address - end })) {
        throwIfAborted(signal);
        await writer.write(gap.address, new Uint8Array(gap.lengthBytes).fill(fillByte));
      }
    }
    for (const piece of piecesOf(segment)) {
      throwIfAborted(signal);
      await writer.write(piece.address, await image.read(piece));
    }
    end = segment.address + segment.lengthBytes;
  }
}

function* piecesOf({ address, lengthBytes }: ByteRange): Generator<ByteRange> {
  for (let done = 0; done < lengthBytes; done += PIECE_BYTES) {
    yield { address: address + done, lengthBytes: Math.min(PIECE_BYTES, lengthBytes - done) };
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const cause: unknown = signal.reason;
  throw new NorbridgeError("ECANCELED", `${OPERATION}: cancelled, nothing was written`, {
    operation: OPERATION,
    cause,
  });
}
