/** From an image to the bytes of a file, in any format but ELF. */
import type { ByteRange } from "../../drivers/geometry.ts";
import { concatBytes } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { binEncoder } from "./bin.ts";
import type { ImageEncoder } from "./image-encoder.ts";
import { type ImageFormat, type ImageSource, imageSpan } from "./image-source.ts";
import { intelHexEncoder } from "./intel-hex.ts";
import { srecEncoder } from "./srec.ts";
import { sparseUf2Encoder, uf2Encoder } from "./uf2-encoder.ts";

/** How an image becomes a file. */
export interface EncodeOptions {
  /** Added to every address that is written into the file; default 0. A raw file has no addresses. */
  readonly baseAddress?: number | undefined;
  /** Covers all that will be written, before `baseAddress` is added: a UF2 block specifies how many blocks there are. */
  readonly range: ByteRange;
  /** UF2: family id to write; default none. */
  readonly familyId?: number | undefined;
  /** What is written may have gaps within `range`. Raw files cannot. */
  readonly hasGaps?: boolean | undefined;
}

/** Throws EINVAL for a format that cannot be written so. */
export function encoderFor(format: ImageFormat, options: EncodeOptions): ImageEncoder {
  switch (format) {
    case "bin":
      return binEncoder();
    case "hex":
      return intelHexEncoder();
    case "srec":
      return srecEncoder();
    case "uf2": {
      const { address, lengthBytes } = options.range;
      if (options.hasGaps === true) return sparseUf2Encoder(options.familyId);
      const family = options.familyId === undefined ? {} : { familyId: options.familyId };
      return uf2Encoder({ address: address + (options.baseAddress ?? 0), lengthBytes, ...family });
    }
    case "elf":
      throw invalid("ELF files can be read but not written");
  }
}

/**
 * A whole image as the bytes of a file.
 *
 * @param baseAddress added to every address in the file, bytes.
 * @throws NorbridgeError EINVAL for gaps that the format cannot leave, or addresses that it cannot hold.
 */
export async function encodeImage(
  image: ImageSource,
  format: Exclude<ImageFormat, "elf">,
  baseAddress = 0,
): Promise<Uint8Array> {
  const hasGaps = image.segments.length > 1;
  const encoder = encoderFor(format, { range: imageSpan(image), baseAddress, hasGaps });
  const parts: Uint8Array[] = [];
  for (const segment of image.segments) {
    parts.push(encoder.data(segment.address + baseAddress, await image.read(segment)).slice());
  }
  parts.push(encoder.end());
  return concatBytes(parts);
}

/** What `encodeImage` refuses. */
export function invalid(message: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: "write image", hint: "Choose bin, hex, srec or uf2." });
}
