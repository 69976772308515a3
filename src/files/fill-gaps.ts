/** Writes an image without gaps: what lies between its bytes is filled. */
import type { ImageWriter } from "./image-writer.ts";

const PIECE_BYTES = 64 * 1024;

/** The same writer, with every byte between two writes set to `value`, 0 to 255. */
export function withFilledGaps(writer: ImageWriter, value: number): ImageWriter {
  let next: number | undefined;
  return {
    ...writer,
    async write(address, data) {
      for (let at = next ?? address; at < address; ) {
        const lengthBytes = Math.min(PIECE_BYTES, address - at);
        await writer.write(at, new Uint8Array(lengthBytes).fill(value));
        at += lengthBytes;
      }
      await writer.write(address, data);
      next = address + data.length;
    },
  };
}
