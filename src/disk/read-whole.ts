/**
 * The one door for files that are read whole: chip files, struct files, dumps of SFDP, recordings, progress, values, the file
 * of a simulated chip. Regular files only, never more than the bound of their use, and Ctrl-C ends the wait for a slow disk.
 */
import type { FileHandle } from "node:fs/promises";
import { stat } from "node:fs/promises";
import { formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { cannotRead, fileInvalid, systemErrorCode } from "./file-problem.ts";
import { openRegularHandle } from "./regular-file.ts";
import { orCanceled } from "./or-canceled.ts";

const PIECE_BYTES = 1024 * 1024;

export interface ReadWholeOptions {
  /** The most that a file of this use may hold; a longer one is refused before it is read. */
  readonly mostBytes: number;
  /** What the file should be, for the message: "a chip file", "a recording". */
  readonly what: string;
  /** Ends the wait for the disk, as ECANCELED. */
  readonly signal?: AbortSignal | undefined;
}

/** All bytes of a file. Throws FILE_INVALID for what is not a regular file, cannot be read or is too long; ECANCELED. */
export function readWhole(path: string, options: ReadWholeOptions): Promise<Uint8Array> {
  return orCanceled(readIt(path, options), options.signal, `reading ${options.what}`);
}

/** The same, and undefined if there is no such file. */
export async function readWholeIfThere(path: string, options: ReadWholeOptions): Promise<Uint8Array | undefined> {
  try {
    await stat(path);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw cannotRead(path, error);
  }
  return readWhole(path, options);
}

async function readIt(path: string, { mostBytes, what, signal }: ReadWholeOptions): Promise<Uint8Array> {
  const file = await openRegularHandle(path);
  try {
    const { size } = await file.stat();
    if (size > mostBytes) throw tooLong(path, `holds ${formatSize(size)}`, mostBytes, what);
    const pieces: Buffer[] = [];
    let lengthBytes = 0;
    // To its end, not to its size: the files of /proc and /sys say 0.
    for (;;) {
      if (signal?.aborted === true) break;
      const piece = await nextPiece(file, Math.min(PIECE_BYTES, Math.max(size - lengthBytes, 0) + 1));
      if (piece.length === 0) break;
      pieces.push(piece);
      lengthBytes += piece.length;
      if (lengthBytes > mostBytes) throw tooLong(path, "does not end", mostBytes, what);
    }
    const [only] = pieces;
    return new Uint8Array(pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, lengthBytes));
  } catch (error) {
    throw error instanceof NorbridgeError ? error : cannotRead(path, error);
  } finally {
    await file.close();
  }
}

async function nextPiece(file: FileHandle, mostBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(mostBytes);
  const { bytesRead } = await file.read(buffer, 0, mostBytes, null);
  return buffer.subarray(0, bytesRead);
}

function tooLong(path: string, why: string, mostBytes: number, what: string): NorbridgeError {
  return fileInvalid(path, `${why}; ${what} has at most ${formatSize(mostBytes)}`);
}
