/** Opens the image that the options ask for, placed and cut as they say. */
import { printable } from "../bytes.ts";
import { firstBytes } from "../files/first-bytes.ts";
import type { ImageSource } from "../files/image-source.ts";
import { openImage } from "../files/open-image.ts";
import { usageError } from "./option.ts";
import type { Session } from "./session.ts";
import type { ImageRequest } from "./image-request.ts";

/**
 * Throws FILE_INVALID, USAGE for a --length that leaves nothing, and ECANCELED when Ctrl-C ends the wait for stdin. The
 * caller closes it.
 */
export async function openImageRequest(request: ImageRequest, session: Session): Promise<ImageSource> {
  if (request.lengthBytes === 0) throw usageError("--length 0 selects no bytes of the file");
  const image = await openImage(request.file, {
    signal: session.signal,
    ...(request.isKnownContent === true ? { isKnownContent: true } : {}),
    ...(request.format === undefined ? {} : { format: request.format }),
    ...(request.base === 0 ? {} : { relocate: request.base }),
  });
  for (const note of image.notes ?? []) session.report.note(note);
  if (request.isPlaced === true && image.format !== "bin") {
    await image.close();
    // Its addresses say where it goes: a START added to them would write elsewhere than was meant.
    throw usageError(
      `--range cannot place ${printable(image.name)}: it is a ${image.format} file, which has addresses`,
      "Omit --range. --offset is added to the addresses in the file, --length limits the bytes.",
    );
  }
  if (request.lengthBytes === undefined) return image;
  return firstBytes(image, request.lengthBytes);
}
