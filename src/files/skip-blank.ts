/** Writes an image without its blank stretches: they become gaps of the file. */
import { concatBytes, isFilledWith } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ImageWriter } from "./image-writer.ts";

/** A stretch is left out in such pieces, counted from address 0: a UF2 block, some lines of a text. */
const PIECE_BYTES = 256;

/** A writer that leaves out blank pieces. */
export interface SparseWriter extends ImageWriter {
  /** Bytes that the file holds so far. */
  readonly storedBytes: () => number;
}

/** The same writer without pieces of 256 bytes that hold nothing but `erasedByte`. For formats that can have gaps. */
export function withoutBlank(writer: ImageWriter, erasedByte: number): SparseWriter {
  let pending: { readonly address: number; readonly data: Uint8Array } = { address: 0, data: new Uint8Array(0) };
  let storedBytes = 0;

  const put = async (address: number, data: Uint8Array): Promise<void> => {
    if (data.length === 0 || isFilledWith(data, erasedByte)) return;
    storedBytes += data.length;
    await writer.write(address, data);
  };
  const flush = async (): Promise<void> => {
    const { address, data } = pending;
    pending = { address, data: new Uint8Array(0) };
    await put(address, data);
  };
  return {
    format: writer.format,
    storedBytes: () => storedBytes,
    async write(address, data) {
      if (pending.address + pending.data.length !== address) await flush();
      const all = pending.data.length === 0 ? data : concatBytes([pending.data, data]);
      let start = address + data.length - all.length;
      let done = 0;
      while (done < all.length) {
        const count = PIECE_BYTES - (start % PIECE_BYTES);
        if (done + count > all.length) break;
        await put(start, all.subarray(done, done + count));
        start += count;
        done += count;
      }
      pending = { address: start, data: all.slice(done) };
    },
    async commit(as) {
      await flush();
      if (storedBytes > 0) return writer.commit(as);
      throw new NorbridgeError("CHECK_FAILED", "the range is blank: without its blank bytes the file would be empty", {
        operation: "read",
        hint: "No file was written.",
      });
    },
    abort: () => writer.abort(),
  };
}
