/**
 * The SHA-256 of an image: of its bytes in order of address, holes left out. For a raw file this is what `sha256sum` says.
 */
import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { ImageSource } from "./image-source.ts";

const PIECE_BYTES = 64 * 1024;
/** An image answers without ever waiting: so often Ctrl-C gets its turn. */
const TURN_BYTES = 4 * 1024 * 1024;

/** How the caller can interrupt it; without it no other code runs until the hash is complete. */
export interface HashWaits {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** 64 hex digits, lower case. Reads the image in pieces of 64 KiB. Throws ECANCELED when the signal aborts. */
export async function imageSha256(image: ImageSource, waits?: HashWaits): Promise<string> {
  const hash = createHash("sha256");
  let sinceTurnBytes = 0;
  for (const segment of image.segments) {
    for (let done = 0; done < segment.lengthBytes; done += PIECE_BYTES) {
      const lengthBytes = Math.min(PIECE_BYTES, segment.lengthBytes - done);
      hash.update(await image.read({ address: segment.address + done, lengthBytes }));
      sinceTurnBytes += lengthBytes;
      if (sinceTurnBytes < TURN_BYTES || waits === undefined) continue;
      sinceTurnBytes = 0;
      await waits.clock.wait(0);
      if (waits.signal.aborted) {
        throw new NorbridgeError("ECANCELED", "cancelled while the image was read", { operation: "read image" });
      }
    }
  }
  return hash.digest("hex");
}
