/**
 * A file that is read piece by piece while the program continues: for files too large for memory, and for many small
 * ones in a folder that may be slow. The calls of Node with callbacks, since a handle of its promises costs four times as much.
 */
import { close, constants, fstat, open, read, type Stats, stat } from "node:fs";
import { NorbridgeError } from "../errors.ts";
import { hostPlatform } from "../platform.ts";
import { cannotRead } from "./file-problem.ts";
import { expectRegular } from "./regular-file.ts";

/** A file that changed its kind between two looks is caught too: opening a pipe so does not wait for its other end. */
const READ_ONLY = constants.O_RDONLY | constants.O_NONBLOCK;
const READ_NO_LINK = hostPlatform === "windows" ? READ_ONLY : READ_ONLY | constants.O_NOFOLLOW;
/** A file that is no longer than this is read at once, and closed. */
const SMALL_BYTES = 4096;

export interface PieceFile {
  /** As it was when the file was opened. */
  readonly lengthBytes: number;
  /** Reads into `buffer` from `offset` on; returns how many bytes there were, 0 at the end. Throws FILE_INVALID. */
  read(buffer: Uint8Array, offset: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * Throws FILE_INVALID for what is not a regular file or cannot be read. With `isRegular` its folder has just said that it is one,
 * and no link: it need not be asked again.
 */
export async function openPieceFile(path: string, isRegular = false): Promise<PieceFile> {
  try {
    // Asked before opening: opening alone can already act on a device.
    if (!isRegular) expectRegular(path, await call<Stats>((done) => stat(path, done)));
    const fd = await call<number>((done) => open(path, isRegular ? READ_NO_LINK : READ_ONLY, done));
    let isKept = false;
    try {
      const head = Buffer.allocUnsafe(SMALL_BYTES + 1);
      const headBytes = await readAt(fd, head, 0);
      if (headBytes <= SMALL_BYTES) return inMemory(head.subarray(0, headBytes));
      const stats = await call<Stats>((done) => fstat(fd, done));
      expectRegular(path, stats);
      isKept = true;
      return openedFile(path, fd, stats.size);
    } finally {
      if (!isKept) await closed(fd);
    }
  } catch (error) {
    throw error instanceof NorbridgeError ? error : cannotRead(path, error);
  }
}

function inMemory(bytes: Uint8Array): PieceFile {
  return {
    lengthBytes: bytes.length,
    read(buffer, offset) {
      const piece = bytes.subarray(offset, offset + buffer.length);
      buffer.set(piece);
      return Promise.resolve(piece.length);
    },
    close: () => Promise.resolve(),
  };
}

function openedFile(path: string, fd: number, lengthBytes: number): PieceFile {
  return {
    lengthBytes,
    async read(buffer, offset) {
      try {
        return await readAt(fd, buffer, offset);
      } catch (error) {
        throw cannotRead(path, error);
      }
    },
    close: () => closed(fd),
  };
}

function readAt(fd: number, buffer: Uint8Array, offset: number): Promise<number> {
  return call((done) => {
    read(fd, buffer, 0, buffer.length, offset, done);
  });
}

/** An error of closing a file that was only read does not matter. */
function closed(fd: number): Promise<void> {
  return new Promise((resolve) => {
    close(fd, () => {
      resolve();
    });
  });
}

function call<T>(start: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error === null) resolve(value);
      else reject(error);
    });
  });
}
