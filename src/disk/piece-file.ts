/**
 * A file that is read piece by piece while the program goes on: for files that nobody wants to hold whole, and for many small
 * ones in a folder that may be slow. The calls of Node with callbacks, since a handle of its promises costs four times as much.
 */
import { close, constants, fstat, open, read, type Stats, stat } from "node:fs";
import { NorbridgeError } from "../errors.ts";
import { cannotRead } from "./file-problem.ts";
import { expectRegular } from "./regular-file.ts";

/** A file that changed its kind between two looks is caught too: opening a pipe so does not wait for its other end. */
const READ_ONLY = constants.O_RDONLY | constants.O_NONBLOCK;

export interface PieceFile {
  /** As it was when the file was opened. */
  readonly lengthBytes: number;
  /** Reads into `buffer` from `offset` on; answers how many bytes there were, 0 at the end. Throws FILE_INVALID. */
  read(buffer: Uint8Array, offset: number): Promise<number>;
  close(): Promise<void>;
}

/** Throws FILE_INVALID for what is no regular file or cannot be read. */
export async function openPieceFile(path: string): Promise<PieceFile> {
  try {
    // Asked before opening: opening alone can already act on a device.
    expectRegular(path, await call<Stats>((done) => stat(path, done)));
    const fd = await call<number>((done) => open(path, READ_ONLY, done));
    try {
      const stats = await call<Stats>((done) => fstat(fd, done));
      expectRegular(path, stats);
      return openedFile(path, fd, stats.size);
    } catch (error) {
      await closed(fd);
      throw error;
    }
  } catch (error) {
    throw error instanceof NorbridgeError ? error : cannotRead(path, error);
  }
}

function openedFile(path: string, fd: number, lengthBytes: number): PieceFile {
  return {
    lengthBytes,
    async read(buffer, offset) {
      try {
        return await call<number>((done) => read(fd, buffer, 0, buffer.length, offset, done));
      } catch (error) {
        throw cannotRead(path, error);
      }
    },
    close: () => closed(fd),
  };
}

/** What closing says of a file that was only read is of no use to anybody. */
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
