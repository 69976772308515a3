/**
 * The SHA-256 of an image: of its bytes in order of address, holes left out. For a raw file this is what `sha256sum` says.
 */
import { createHash } from "node:crypto";
import { NorbridgeError } from "../errors.ts";
import type { ImageSource } from "./image-source.ts";

const PIECE_BYTES = 64 * 1024;

/** 64 hex digits, lower case. Reads the image in pieces of 64 KiB. Throws ECANCELED when the signal aborts. */
export async function imageSha256(image: ImageSource, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for (const segment of image.segments) {
    for (let done = 0; done < segment.lengthBytes; done += PIECE_BYTES) {
      if (signal?.aborted === true) {
        throw new NorbridgeError("ECANCELED", "cancelled while the image was read", { operation: "read image" });
      }
      const lengthBytes = Math.min(PIECE_BYTES, segment.lengthBytes - done);
      hash.update(await image.read({ address: segment.address + done, lengthBytes }));
    }
  }
  return hash.digest("hex");
}
