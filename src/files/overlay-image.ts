/** Several images as one: for a job that has to restore bytes that its file does not hold. */
import type { ImageSource } from "./image-source.ts";
import { relocatedImage } from "./image-views.ts";
import { joinedImages } from "./join-images.ts";

/** A piece that lies beside the image. */
export interface OverlayPiece {
  readonly address: number;
  readonly data: Uint8Array;
}

/** `image` moved up by `offset`, and pieces, which do not overlap it or each other. Closing closes the image. */
export function overlayImage(image: ImageSource, offset: number, pieces: readonly OverlayPiece[]): ImageSource {
  const joined = joinedImages([relocatedImage(image, -offset), ...pieces.map(imageOf)]);
  const { name, format } = image;
  const { segments, totalBytes } = joined;
  return { name, format, segments, totalBytes, read: (range) => joined.read(range), close: () => image.close() };
}

/** Reads from the array as it stands: the caller must keep it unchanged. */
function imageOf({ address, data }: OverlayPiece): ImageSource {
  return {
    name: "kept bytes",
    format: "bin",
    segments: data.length === 0 ? [] : [{ address, lengthBytes: data.length }],
    totalBytes: data.length,
    read: (range) => Promise.resolve(data.slice(range.address - address, range.address - address + range.lengthBytes)),
    close: () => Promise.resolve(),
  };
}
