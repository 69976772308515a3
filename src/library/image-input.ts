/** An image in any form a program may have it in: bytes, a file, or an image that is open already. */
import { checkChoice, checkFlag, checkMethods, checkObject, checkWhole, ifGiven, notValid } from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import { type ImageFormat, type ImageSource, memoryImage } from "../files/image-source.ts";
import type { CombineOptions, PlacedFile } from "../files/combine-images.ts";
import type { WriteRequest } from "../jobs/write/write-image.ts";
import type { NamedImage } from "../runner/change-jobs.ts";

/**
 * Bytes that belong at address 0 of the image, the path or `file:` URL of an image file, or an image that is open. In a
 * browser a page has no paths: it opens its images by `decodeImage`.
 */
export type ImageInput = Uint8Array | string | URL | ImageSource;

/** How an image is read and where it goes. */
export interface ImageOptions {
  /** Added to every address of the image, bytes; default 0. May be negative if the image allows it. */
  readonly offset?: number | undefined;
  /** Format of a file; default: by its extension, else by its content. */
  readonly format?: ImageFormat | undefined;
  /** Subtracted from every address of a file (where the processor maps the flash, 0x10000000 on an RP2040), bytes; default 0. */
  readonly base?: number | undefined;
}

/** An image that is open, and how a journal names it. */
export interface OpenedInput {
  readonly image: ImageSource;
  readonly named: NamedImage;
  /** Closes what was opened here. */
  close(): Promise<void>;
}

/** Image files by their path, where a program has such files. */
export interface ImageFiles {
  /** The path that is meant. Throws EINVAL for what is neither a path nor a `file:` URL. */
  pathOf(file: unknown, operation: string): string;
  /** Opens one. Throws FILE_INVALID. */
  open(path: string, options: FileOptions): Promise<OpenedInput>;
  /** Opens the files of a job that was interrupted. Throws FILE_INVALID. */
  openAll(
    files: readonly PlacedFile[],
    options: CombineOptions & { readonly signal: AbortSignal },
  ): Promise<ImageSource>;
}

/** How a file is opened. */
export interface FileOptions {
  readonly format: ImageFormat | undefined;
  readonly base: number;
  readonly isKnownContent: boolean;
  readonly signal: AbortSignal;
}

/** Who opens images: with files, or without. */
export interface ImageOpener {
  readonly files: ImageFiles | undefined;
  readonly signal: AbortSignal;
}

/** More tries of a sector than this do not help. */
const MAX_RETRIES = 100;

export const IMAGE_FORMATS = ["bin", "hex", "srec", "uf2", "elf"] as const;

/** Throws EINVAL and ERANGE that name the option. */
export function checkImageOptions(options: ImageOptions, operation: string): void {
  const { offset, format, base } = options;
  ifGiven(offset, (value) => checkWhole(value, "offset", operation, Number.MIN_SAFE_INTEGER));
  ifGiven(format, (value) => checkChoice(value, "format", operation, IMAGE_FORMATS));
  ifGiven(base, (value) => checkWhole(value, "base", operation));
}

/** Throws EINVAL for what is not an image, FILE_INVALID for a file that is wrong. */
export async function openInput(
  input: ImageInput,
  { format, base = 0, isKnownContent = false }: ImageOptions & { readonly isKnownContent?: boolean | undefined },
  { files, signal }: ImageOpener,
  operation: string,
): Promise<OpenedInput> {
  if (input instanceof Uint8Array) {
    // Copied: what the caller does with it meanwhile is his own.
    const image = memoryImage("bytes", [{ address: 0, data: input }]);
    return { image, named: { file: "-", base: 0 }, close: () => Promise.resolve() };
  }
  if (typeof input === "string" || input instanceof URL) {
    if (files === undefined) throw noFiles(operation);
    return files.open(files.pathOf(input, operation), { format, base, isKnownContent, signal });
  }
  const unknown: unknown = input;
  if (typeof unknown !== "object" || unknown === null) {
    throw notValid(operation, "image", "bytes, a path, a file URL or an open image", unknown);
  }
  checkMethods(input, "image", operation, ["read"]);
  return { image: input, named: { file: "-", base: 0 }, close: () => Promise.resolve() };
}

/** A path, where there are no files. */
export function noFiles(operation: string): NorbridgeError {
  return new NorbridgeError("EINVAL", `${operation}: there are no files by their path here`, {
    operation,
    hint: "Nothing was changed. Read the file, and open its bytes by decodeImage.",
  });
}

/** Throws EINVAL and ERANGE that name the option. */
export function checkWriteOptions(
  options: ImageOptions & Pick<WriteRequest, "verify" | "assumeBlank" | "retries">,
  operation: string,
): void {
  checkObject(options, "options", operation);
  checkImageOptions(options, operation);
  const { verify, assumeBlank, retries } = options;
  ifGiven(verify, (value) => checkFlag(value, "verify", operation));
  ifGiven(assumeBlank, (value) => checkFlag(value, "assumeBlank", operation));
  ifGiven(retries, (value) => checkWhole(value, "retries", operation, 0, MAX_RETRIES));
}
