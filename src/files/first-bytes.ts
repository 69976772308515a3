/** The start of an image, as an image. */
import { type ByteRange, rangeIntersection } from "../../drivers/geometry.ts";
import type { ImageSource } from "./image-source.ts";

/** The part of an image within `lengthBytes` of its lowest address. */
export function firstBytes(image: ImageSource, lengthBytes: number): ImageSource {
  const address = image.segments[0]?.address ?? 0;
  const window: ByteRange = { address, lengthBytes };
  const segments = image.segments.flatMap((segment) => rangeIntersection(segment, window) ?? []);
  return {
    name: image.name,
    format: image.format,
    segments,
    totalBytes: segments.reduce((sum, segment) => sum + segment.lengthBytes, 0),
    read: (range) => image.read(range),
    close: () => image.close(),
  };
}
