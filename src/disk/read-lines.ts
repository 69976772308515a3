/** A file that is read line by line, in memory of a line: what it holds may be longer than anybody wants to keep. */
import { formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { cannotRead, fileInvalid } from "./file-problem.ts";
import { openRegularHandle } from "./regular-file.ts";

const PIECE_BYTES = 256 * 1024;
const LF = 0x0a;

export interface ReadLinesOptions {
  /** The longest line there may be, and the longest file. */
  readonly mostLineBytes: number;
  readonly mostBytes: number;
  /** What the file should be, for messages: "a journal". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/** A line without its end. */
export interface FileLine {
  readonly bytes: Uint8Array;
  /** From 1. */
  readonly number: number;
  /** Where in the file it ends, behind its newline. */
  readonly endsAt: number;
}

/**
 * All whole lines; what stands behind the last newline is left out. Throws FILE_INVALID for what is no regular file, cannot be
 * read, is too long or has a line that is; ECANCELED.
 */
export async function* readLines(path: string, options: ReadLinesOptions): AsyncGenerator<FileLine> {
  const { mostLineBytes, mostBytes, what, signal } = options;
  const file = await openRegularHandle(path);
  try {
    const { size } = await file.stat();
    if (size > mostBytes)
      throw fileInvalid(path, `holds ${formatSize(size)}; ${what} has at most ${formatSize(mostBytes)}`);
    const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size + 1));
    let parts: Buffer[] = [];
    let partBytes = 0;
    let readBytes = 0;
    let number = 0;
    for (;;) {
      if (signal?.aborted === true) {
        throw new NorbridgeError("ECANCELED", `cancelled while reading ${what}`, { operation: "read file" });
      }
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      const piece = buffer.subarray(0, bytesRead);
      let start = 0;
      for (let end = piece.indexOf(LF); end >= 0; end = piece.indexOf(LF, start)) {
        parts.push(piece.subarray(start, end));
        number++;
        const bytes = parts.length === 1 ? piece.subarray(start, end) : Buffer.concat(parts);
        yield { bytes, number, endsAt: readBytes + end + 1 };
        parts = [];
        partBytes = 0;
        start = end + 1;
      }
      partBytes += bytesRead - start;
      if (partBytes > mostLineBytes) {
        throw fileInvalid(`${path}: line ${number + 1}`, `is longer than any line of ${what}`);
      }
      // The buffer is used again.
      if (start < bytesRead) parts.push(Buffer.from(piece.subarray(start)));
      readBytes += bytesRead;
      if (readBytes > mostBytes)
        throw fileInvalid(path, `has no end so far; ${what} has at most ${formatSize(mostBytes)}`);
    }
  } catch (error) {
    throw error instanceof NorbridgeError ? error : cannotRead(path, error);
  } finally {
    await file.close();
  }
}
