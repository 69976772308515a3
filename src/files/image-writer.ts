/**
 * The door through which images go out: `read FILE` writes here, in any format but ELF.
 *
 * Data comes by rising address and leaves at once, so a chip of any size takes no memory. The file appears under its name
 * only with `commit`.
 */
import { advice } from "../advice.ts";
import { formatAddress } from "../bytes.ts";
import { cannotWrite } from "../disk/file-problem.ts";
import { type EncodeOptions, encoderFor, invalid } from "./encode-image.ts";
import type { ImageEncoder } from "./image-encoder.ts";
import { formatByName } from "./image-format.ts";
import type { ImageFormat } from "./image-source.ts";
import { createOutputFile, type OutputFile } from "../disk/replace-file.ts";

/** How to write an image file. */
export interface ImageWriterOptions extends EncodeOptions {
  /** False refuses to replace an existing file; by default it is replaced on `commit`. */
  readonly force?: boolean | undefined;
  /** What `-` stands for; left out: it is refused. */
  readonly standardOutput?: StandardOutput | undefined;
}

/** Standard output as a place for an image. */
export interface StandardOutput extends OutputFile {
  /** Bytes that are not text are not for it. */
  readonly isTerminal: boolean;
}

/** An image that is being written. Nothing here waits for the machine's event loop. */
export interface ImageWriter {
  readonly format: ImageFormat;
  /** Takes bytes that lie after all bytes before. Throws FILE_EXISTS (and removes the partial file) or EINVAL. */
  write(address: number, data: Uint8Array): Promise<void>;
  /** Ends the file and gives it its name, or `as`, another name in the same folder. Standard output has none. */
  commit(as?: string): Promise<void>;
  /** Leaves nothing behind and an older file as it was. Twice, or after `commit`, it does nothing. */
  abort(): Promise<void>;
}

/**
 * Opens an image for writing; `-` is standard output.
 *
 * @param format undefined: by extension, else raw.
 * @throws NorbridgeError FILE_EXISTS if the file cannot be written, EINVAL for a format that cannot be written so.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- async, so that a throw becomes a rejection
export async function createImageWriter(
  path: string,
  format: ImageFormat | undefined,
  options: ImageWriterOptions,
): Promise<ImageWriter> {
  const chosen = format ?? formatByName(path) ?? "bin";
  const encoder = encoderFor(chosen, options);
  return imageWriter(chosen, encoder, openOutput(path, chosen, options), options.baseAddress ?? 0);
}

function imageWriter(format: ImageFormat, encoder: ImageEncoder, output: OutputFile, baseAddress: number): ImageWriter {
  let nextAddress = 0;
  return {
    format,
    // eslint-disable-next-line @typescript-eslint/require-await -- async, so that a throw becomes a rejection
    async write(address, data) {
      if (address < nextAddress) throw invalid(`data at ${formatAddress(address)} comes after higher addresses`);
      nextAddress = address + data.length;
      output.write(encoder.data(address + baseAddress, data));
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- async, so that a throw becomes a rejection
    async commit(as) {
      output.write(encoder.end());
      output.commit(as);
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- async, so that a throw becomes a rejection
    async abort() {
      output.abort();
    },
  };
}

function openOutput(path: string, format: ImageFormat, options: ImageWriterOptions): OutputFile {
  if (path !== "-") return createOutputFile(path, options.force === undefined ? {} : { force: options.force });
  const { standardOutput } = options;
  if (standardOutput === undefined) throw cannotWrite("-", "there is no standard output");
  if (standardOutput.isTerminal && (format === "bin" || format === "uf2")) {
    throw cannotWrite("standard output", "it is a terminal, and this format is binary", {
      hint: advice("Redirect the output, specify a file, or choose the format hex.", "set-output-format"),
    });
  }
  return standardOutput;
}
