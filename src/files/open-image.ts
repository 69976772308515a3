/**
 * The door through which image files come in: opens the file; `decode-image.ts` does the rest.
 *
 * Regular files only, or `-` for standard input: a FIFO or device could block without end. Raw, UF2 and ELF files stay open
 * and are read piece by piece; the other formats and standard input are gathered and closed.
 */
import { fileURLToPath } from "node:url";
import { notValid } from "../checks.ts";
import type { ByteSource } from "./byte-source.ts";
import { type DecodeImageOptions, imageOfFile } from "./decode-image.ts";
import { openRegularFile } from "../disk/regular-file.ts";
import { formatByName } from "./image-format.ts";
import type { ImageSource } from "./image-source.ts";
import { readStandardInput } from "./standard-input.ts";

/** How to read an image file. */
export interface OpenImageOptions extends DecodeImageOptions {
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
  if (path === "-") return imageOfFile(await readStandardInput(options), undefined, options).image;
  const opened = openRegularFile(path);
  try {
    const source: ByteSource = {
      name: path,
      lengthBytes: opened.lengthBytes,
      read: (offset, count) => opened.read(offset, count),
      readInto: (offset, target) => {
        opened.readInto(offset, target);
      },
    };
    const { image, usesFile } = imageOfFile(source, formatByName(path), options, () => {
      opened.close();
    });
    if (!usesFile) opened.close();
    return image;
  } catch (error) {
    opened.close();
    throw error;
  }
}
