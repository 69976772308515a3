/**
 * Bytes that are fetched when wanted: an open file, an array, or what a decoder has gathered.
 *
 * Reads are synchronous on purpose. A simulated job runs in virtual time, where a wait for the real disk would look
 * like a bridge that has nothing to do.
 */

/** A sequence of bytes with a name for messages. */
export interface ByteSource {
  /** As the user knows it: the path as typed, or "standard input". */
  readonly name: string;
  readonly lengthBytes: number;
  /** A fresh array of exactly these bytes; throws FILE_INVALID if the file has become shorter since it was opened. */
  read(offset: number, lengthBytes: number): Uint8Array;
}

/** An array as a source. Reading copies, so nobody can change the array through it. */
export function memoryBytes(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    lengthBytes: bytes.length,
    read: (offset, lengthBytes) => bytes.slice(offset, offset + lengthBytes),
  };
}

const FIRST_CHUNK_BYTES = 64 * 1024;
const LARGEST_CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * A source that grows at its end. It grows in chunks that are never moved, so its memory is the bytes it holds plus at
 * most one chunk, whatever the addresses of these bytes are.
 */
export class ByteArena implements ByteSource {
  readonly name: string;
  readonly #chunks: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  #lengthBytes = 0;
  #capacityBytes = 0;

  constructor(name: string) {
    this.name = name;
  }

  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  /** Appends a copy; answers the offset of its first byte. */
  append(bytes: Uint8Array): number {
    const offset = this.#lengthBytes;
    let taken = 0;
    while (taken < bytes.length) {
      const chunk = this.#chunkWithRoom();
      const at = this.#lengthBytes - chunk.start;
      const piece = bytes.subarray(taken, taken + chunk.bytes.length - at);
      chunk.bytes.set(piece, at);
      taken += piece.length;
      this.#lengthBytes += piece.length;
    }
    return offset;
  }

  read(offset: number, lengthBytes: number): Uint8Array {
    const result = new Uint8Array(lengthBytes);
    let done = 0;
    for (let index = this.#chunkIndexAt(offset); done < lengthBytes; index++) {
      const chunk = this.#chunks[index];
      if (chunk === undefined) throw new RangeError("read past the end of gathered bytes");
      const at = offset + done - chunk.start;
      const piece = chunk.bytes.subarray(at, at + lengthBytes - done);
      result.set(piece, done);
      done += piece.length;
    }
    return result;
  }

  #chunkWithRoom(): { readonly start: number; readonly bytes: Uint8Array } {
    const last = this.#chunks.at(-1);
    if (last !== undefined && this.#lengthBytes < this.#capacityBytes) return last;
    const size = Math.min(Math.max(FIRST_CHUNK_BYTES, this.#capacityBytes), LARGEST_CHUNK_BYTES);
    const chunk = { start: this.#capacityBytes, bytes: new Uint8Array(size) };
    this.#chunks.push(chunk);
    this.#capacityBytes += size;
    return chunk;
  }

  #chunkIndexAt(offset: number): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#chunks[middle]?.start ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
