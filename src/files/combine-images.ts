/** The image files of one job, each at its place, cropped and filled as asked, as one image. Who opens a file is a parameter. */
import { formatAddress, formatSize, printable } from "../bytes.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import { NorbridgeError } from "../errors.ts";
import { formatByName } from "./image-format.ts";
import { type ImageFormat, type ImageSource, imageSpan } from "./image-source.ts";
import { croppedImage, filledImage, firstBytes, keptImage, relocatedImage } from "./image-views.ts";
import { closeAll, joinedImages } from "./join-images.ts";
import type { DecodeImageOptions } from "./decode-image.ts";

/** A file, and where its first byte goes if it is raw. */
export interface PlacedFile {
  /** Path, or `-` for standard input. */
  readonly file: string;
  /** Address, bytes; undefined: the addresses in the file, or 0. */
  readonly place?: number | undefined;
}

/** What is taken of the files. */
export interface CombineOptions extends Pick<DecodeImageOptions, "format" | "familyId" | "isKnownContent"> {
  /** Subtracted from the addresses in the files; default 0. */
  readonly base?: number | undefined;
  /** Only these bytes, by the addresses in the file; a raw file counts from 0. One file only. */
  readonly crop?: ByteRange | undefined;
  /** Only what is in these ranges of the chip, if the image is placed without an offset. */
  readonly only?: readonly ByteRange[] | undefined;
  /** Size of the flash, bytes: with `only`, a single raw file of another size is the content of the only range. */
  readonly flashBytes?: number | undefined;
  /** Only this many bytes, from the lowest address on. One file only. */
  readonly lengthBytes?: number | undefined;
  /** Value of the bytes in gaps, 0 to 255; default: gaps stay gaps, and the chip keeps its bytes there. */
  readonly fillByte?: number | undefined;
}

/** The files as one image, and each by itself. Closing the image closes all. */
export interface OpenedImages {
  /** All files as one image. */
  readonly image: ImageSource;
  /** The image of each file, in the order of `files`. */
  readonly parts: readonly ImageSource[];
  /** Each file with its place, also where that follows from `only`. */
  readonly files: readonly PlacedFile[];
}

/** Opens one of the files. Throws FILE_INVALID. */
export type OpenOne = (file: string, options: DecodeImageOptions) => ImageSource | Promise<ImageSource>;

/**
 * Opens all files.
 *
 * @throws NorbridgeError EINVAL for options that do not go together with the files; FILE_INVALID for a file that is
 * wrong, and for two that have the same address; ECANCELED.
 */
export async function combineImages(
  files: readonly PlacedFile[],
  options: CombineOptions,
  open: OpenOne,
): Promise<OpenedImages> {
  checkRequest(files, options);
  const parts: ImageSource[] = [];
  try {
    const placed: PlacedFile[] = [];
    for (const file of files) {
      const part = await openPart(file, files.length > 1, options, open);
      const place = files.length > 1 || file.place !== undefined ? undefined : placeInRange(part, options);
      parts.push(place === undefined ? part : relocatedImage(part, -place));
      placed.push(place === undefined ? file : { ...file, place });
    }
    if (options.familyId !== undefined && parts.every(({ format }) => format !== "uf2")) {
      throw refused("a family can be chosen only for a UF2 file", "Omit the family.");
    }
    const whole = joinedImages(parts);
    const joined = options.only === undefined ? whole : keptImage(whole, options.only);
    if (options.fillByte === undefined) return { image: joined, parts, files: placed };
    const image = filledImage(joined, filledRange(files, joined, options), options.fillByte);
    return { image, parts, files: placed };
  } catch (error) {
    await closeAll(parts);
    throw error;
  }
}

async function openPart(
  { file, place }: PlacedFile,
  isOneOfMany: boolean,
  { format, base = 0, crop, lengthBytes, familyId, isKnownContent }: CombineOptions,
  open: OpenOne,
): Promise<ImageSource> {
  if (isOneOfMany) checkFormat(file, format);
  const opened = await open(file, { format, familyId, isKnownContent });
  try {
    const isRaw = opened.format === "bin";
    if (place !== undefined && !isRaw) {
      const reason = `${printable(file)} cannot be placed at ${formatAddress(place)}: it is a ${opened.format} file, which has addresses`;
      throw refused(reason, "Omit its address. An offset or a base moves what has addresses.");
    }
    const cropped = crop === undefined ? opened : croppedImage(opened, crop);
    // A raw file among others has no addresses to subtract from.
    const moved = isRaw && (isOneOfMany || place !== undefined) ? -(place ?? 0) : base;
    const image = relocatedImage(cropped, moved);
    return lengthBytes === undefined ? image : firstBytes(image, lengthBytes);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Where the content of a range goes; undefined for the image of a whole flash, and for what has addresses. */
function placeInRange(part: ImageSource, { only = [], flashBytes }: CombineOptions): number | undefined {
  const [range, ...others] = only;
  if (range === undefined || flashBytes === undefined || part.format !== "bin") return undefined;
  const { totalBytes } = part;
  if (totalBytes === flashBytes) return undefined;
  if (others.length === 0 && totalBytes <= range.lengthBytes) return range.address;
  const sizes = `it has ${formatSize(totalBytes)}, the ${others.length === 0 ? `region ${formatSize(range.lengthBytes)}` : "regions are several"}, the chip ${formatSize(flashBytes)}`;
  throw refused(
    `${printable(part.name)} is neither an image of the whole chip nor the content of one region: ${sizes}`,
    "Nothing was changed. Specify one region that is large enough, or an image of the whole chip.",
  );
}

/** All of what was cropped to, or from the lowest byte to the highest. */
function filledRange(
  [first]: readonly PlacedFile[],
  image: ImageSource,
  { crop, base = 0, lengthBytes }: CombineOptions,
): ByteRange {
  if (crop === undefined || lengthBytes !== undefined) return imageSpan(image);
  const address = crop.address - (image.format === "bin" ? -(first?.place ?? 0) : base);
  if (address >= 0) return { address, lengthBytes: crop.lengthBytes };
  throw refused(`the part to fill starts below the base ${formatAddress(base)}`, "Start it at the base.");
}

/** Several files have the formats that their names say; a format for all would make raw bytes of a HEX file. */
function checkFormat(file: string, format: ImageFormat | undefined): void {
  const named = formatByName(file);
  if (format === undefined || named === undefined || named === format) return;
  throw refused(
    `the format ${format} does not fit ${printable(file)}, whose name says ${named}`,
    "With several files, the format applies to those whose names show none. Rename the file, or write it by itself.",
  );
}

function checkRequest(files: readonly PlacedFile[], { crop, lengthBytes, fillByte }: CombineOptions): void {
  if (files.length === 0) throw refused("no file is specified", "Specify a file.");
  if (files.filter(({ file }) => file === "-").length > 1) {
    throw refused("standard input can be only one of the files", "Save it to a file.");
  }
  if (files.length > 1 && (crop !== undefined || lengthBytes !== undefined)) {
    throw refused("a part can be taken only of a single file", "Write that file by itself, or cut it first.");
  }
  if (fillByte !== undefined && !(Number.isInteger(fillByte) && fillByte >= 0 && fillByte <= 0xff)) {
    throw refused(`the fill byte ${fillByte} is not 0 to 255`, "Specify a byte.");
  }
}

function refused(message: string, hint: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: "open image", hint: advice(hint) });
}
