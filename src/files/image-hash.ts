/**
 * The SHA-256 of an image: of its bytes in order of address, holes left out. For a raw file this is what `sha256sum` says.
 */
import { toHex } from "../bytes.ts";
import type { Clock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import { type NewHash, newHash } from "../hashes/hashes.ts";
import type { ImageSource } from "./image-source.ts";
import { readFilled } from "./read-filled.ts";

const PIECE_BYTES = 64 * 1024;
/** An image answers without ever waiting: so often Ctrl-C gets its turn. */
const TURN_BYTES = 4 * 1024 * 1024;

/** How the caller can interrupt it; without it no other code runs until the hash is complete. */
export interface HashWaits {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Makes the hash; default: the one that runs everywhere. */
  readonly newHash?: NewHash | undefined;
}

/** 64 hex digits, lower case. Reads the image in pieces of 64 KiB. Throws ECANCELED when the signal aborts. */
export async function imageSha256(image: ImageSource, waits?: HashWaits): Promise<string> {
  const hash = (waits?.newHash ?? newHash)("sha256");
  let sinceTurnBytes = 0;
  for await (const bytes of bytesInOrder(image)) {
    hash.update(bytes);
    sinceTurnBytes += bytes.length;
    if (sinceTurnBytes < TURN_BYTES || waits === undefined) continue;
    sinceTurnBytes = 0;
    await waits.clock.wait(0);
    if (waits.signal.aborted) {
      throw new NorbridgeError("ECANCELED", "cancelled while the image was read", { operation: "read image" });
    }
  }
  return toHex(hash.digest());
}

/** All bytes by address, in pieces. Short segments that lie close together are read in one. */
async function* bytesInOrder(image: ImageSource): AsyncGenerator<Uint8Array> {
  const { segments } = image;
  for (let index = 0; index < segments.length; ) {
    const near = nearSegments(segments, index);
    if (near.length > 1) {
      yield await gathered(image, near);
      index += near.length;
      continue;
    }
    const segment = segments[index] ?? { address: 0, lengthBytes: 0 };
    for (let done = 0; done < segment.lengthBytes; done += PIECE_BYTES) {
      const lengthBytes = Math.min(PIECE_BYTES, segment.lengthBytes - done);
      yield await image.read({ address: segment.address + done, lengthBytes });
    }
    index++;
  }
}

/** The segments from `index` on that a piece has room for. */
function nearSegments(segments: readonly ByteRange[], index: number): readonly ByteRange[] {
  const end = (segments[index]?.address ?? 0) + PIECE_BYTES;
  let next = index;
  while (next < segments.length && rangeEnd(segments[next] ?? { address: end, lengthBytes: 1 }) <= end) next++;
  return segments.slice(index, Math.max(next, index + 1));
}

async function gathered(image: ImageSource, segments: readonly ByteRange[]): Promise<Uint8Array> {
  const span = spanOf(segments);
  const all = await readFilled(image, span, 0);
  const bytes = new Uint8Array(segments.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0));
  let done = 0;
  for (const { address, lengthBytes } of segments) {
    const start = address - span.address;
    for (let at = 0; at < lengthBytes; at++) bytes[done + at] = all[start + at] ?? 0;
    done += lengthBytes;
  }
  return bytes;
}

function spanOf(segments: readonly ByteRange[]): ByteRange {
  const address = segments[0]?.address ?? 0;
  return { address, lengthBytes: rangeEnd(segments.at(-1) ?? { address, lengthBytes: 0 }) - address };
}
