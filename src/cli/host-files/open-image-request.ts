/** Opens the image that the options ask for, placed and cut as they say. */
import { resolve } from "node:path";
import { formatRange, printable } from "../../bytes.ts";
import { FORMAT_NAMES } from "../../files/image-format.ts";
import { type ImageSource, imageSpan } from "../../files/image-source.ts";
import { type OpenedImages, openImages, type PlacedFile } from "../../files/open-images.ts";
import type { NamedImage } from "../../runner/change-jobs.ts";
import { fileAt } from "../values/file-at.ts";
import type { ImageRequest } from "../options/image-request.ts";
import { usageError } from "../arguments/option.ts";
import type { JsonFields } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";

/** The image of a request, and what is known of its files. */
export interface RequestedImage {
  readonly image: ImageSource;
  /** How a journal names it. */
  readonly named: NamedImage;
  /** For `--json`: each file with its format and its place on the chip. */
  readonly files: readonly JsonFields[];
  /** The user specified which bytes go where. */
  readonly isPlaced: boolean;
}

/**
 * Throws FILE_INVALID, USAGE for a --length that leaves nothing, and ECANCELED when Ctrl-C ends the wait for stdin. The
 * caller closes the image.
 */
export async function openImageRequest(request: ImageRequest, session: Session): Promise<RequestedImage> {
  if (request.lengthBytes === 0) throw usageError("--length 0 selects no bytes of the file");
  const { format, base, familyId, crop, only, flashBytes, fillByte, lengthBytes, offset } = request;
  const files = request.files.map((file) => (typeof file === "string" ? fileAt(file) : file));
  const opened = await openImages(files, {
    format,
    base,
    familyId,
    crop,
    only,
    flashBytes,
    fillByte,
    lengthBytes,
    signal: session.signal,
    isKnownContent: request.isKnownContent === true,
  });
  const { image, parts } = opened;
  for (const note of image.notes ?? []) session.report.note(note);
  const [first] = parts;
  if (request.isPlaced === true && first !== undefined && first.format !== "bin") {
    await image.close();
    // Its addresses say where it goes: a START added to them would write elsewhere than was meant.
    throw usageError(
      `--range cannot place ${printable(first.name)}: it is a ${first.format} file, which has addresses`,
      "Omit --range. --offset is added to the addresses in the file, --length limits the bytes.",
    );
  }
  if (parts.length > 1) notePlaces(opened, offset, session);
  return {
    image,
    named: namedImage(opened.files, request, session),
    files: parts.map((part) => ({
      file: part.name,
      format: part.format,
      address: imageSpan(part).address + offset,
      lengthBytes: part.totalBytes,
    })),
    isPlaced:
      lengthBytes !== undefined ||
      only !== undefined ||
      crop !== undefined ||
      files.some(({ place }) => place !== undefined),
  };
}

function notePlaces({ parts }: OpenedImages, offset: number, { report }: Session): void {
  for (const part of parts) {
    const { address, lengthBytes } = imageSpan(part);
    const place = formatRange({ address: address + offset, lengthBytes });
    report.note(`${printable(part.name)}, ${FORMAT_NAMES[part.format]}: ${place}`);
  }
}

function namedImage(
  [first = { file: "-" }, ...more]: readonly PlacedFile[],
  { format, base, lengthBytes, familyId, crop, only, fillByte }: ImageRequest,
  { io }: Session,
): NamedImage {
  const placed = ({ file, place }: PlacedFile): { readonly file: string; readonly place?: number | undefined } => ({
    file: file === "-" ? file : resolve(io.cwd, file),
    place,
  });
  return {
    ...placed(first),
    more: more.length === 0 ? undefined : more.map(placed),
    format,
    base,
    lengthBytes,
    familyId,
    crop,
    only,
    fillByte,
  };
}
