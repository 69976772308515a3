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
  /** The same into an array of the caller, which it fills: for a file that is read from end to end. */
  readInto(offset: number, target: Uint8Array): void;
}

/** An array as a source. Reading copies, so a reader cannot change the array through it. */
export function memoryBytes(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    lengthBytes: bytes.length,
    read: (offset, lengthBytes) => bytes.slice(offset, offset + lengthBytes),
    readInto(offset, target) {
      target.set(bytes.subarray(offset, offset + target.length));
    },
  };
}

const FIRST_CHUNK_BYTES = 64 * 1024;
const LARGEST_CHUNK_BYTES = 4 * 1024 * 1024;
const SHORT_BYTES = 48;

interface Chunk {
  /** Offset of its first byte. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * A source that grows at its end. It grows in chunks that are never moved, so its memory is the bytes it holds plus at
 * most one chunk, whatever the addresses of these bytes are.
 */
export class ByteArena implements ByteSource {
  readonly name: string;
  readonly #chunks: Chunk[] = [];
  /** The one that grows. */
  #last: Chunk = { start: 0, bytes: new Uint8Array(0) };
  #lengthBytes = 0;

  constructor(name: string) {
    this.name = name;
  }

  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  /** Appends a copy of `bytes`, or of its part from `start` to `end`; returns the offset of its first byte. */
  append(bytes: Uint8Array, start = 0, end = bytes.length): number {
    const offset = this.#lengthBytes;
    for (let taken = start; taken < end; ) {
      const { start: from, bytes: chunk } = this.#chunkWithRoom();
      const at = this.#lengthBytes - from;
      const count = Math.min(end - taken, chunk.length - at);
      // A record: a loop is faster than a view of so few bytes.
      if (count < SHORT_BYTES) for (let i = 0; i < count; i++) chunk[at + i] = bytes[taken + i] ?? 0;
      else chunk.set(bytes.subarray(taken, taken + count), at);
      taken += count;
      this.#lengthBytes += count;
    }
    return offset;
  }

  read(offset: number, lengthBytes: number): Uint8Array {
    const result = new Uint8Array(lengthBytes);
    this.readInto(offset, result);
    return result;
  }

  readInto(offset: number, target: Uint8Array): void {
    let done = 0;
    for (let index = this.#chunkIndexAt(offset); done < target.length; index++) {
      const chunk = this.#chunks[index];
      if (chunk === undefined) throw new RangeError("read past the end of gathered bytes");
      const at = offset + done - chunk.start;
      const piece = chunk.bytes.subarray(at, at + target.length - done);
      target.set(piece, done);
      done += piece.length;
    }
  }

  #chunkWithRoom(): Chunk {
    const capacityBytes = this.#last.start + this.#last.bytes.length;
    if (this.#lengthBytes < capacityBytes) return this.#last;
    const size = Math.min(Math.max(FIRST_CHUNK_BYTES, capacityBytes), LARGEST_CHUNK_BYTES);
    this.#last = { start: capacityBytes, bytes: new Uint8Array(size) };
    this.#chunks.push(this.#last);
    return this.#last;
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
