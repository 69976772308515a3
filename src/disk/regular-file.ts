/**
 * Opening a file to read it. Regular files only: a pipe or a device could block without end, or have no end, and opening one can
 * already act on it. Both doors, the one for whole files (read-whole.ts) and this one for files that are read piece by
 * piece, ask the same questions in the same order.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { NorbridgeError } from "../errors.ts";
import { cannotRead, fileInvalid } from "./file-problem.ts";

/** A file that changed its kind between two looks is caught too: opening a pipe so does not wait for its other end. */
const READ_ONLY = constants.O_RDONLY | constants.O_NONBLOCK;
const READ_AND_WRITE = constants.O_RDWR | constants.O_NONBLOCK;

/** An open file whose pieces are read when they are wanted. */
export interface RegularFile {
  /** As it was when the file was opened. */
  readonly lengthBytes: number;
  /** A fresh array of exactly these bytes; throws FILE_INVALID if the file has become shorter. */
  read(offset: number, lengthBytes: number): Uint8Array;
  /** The same into an array of the caller, which it fills. */
  readInto(offset: number, target: Uint8Array): void;
  close(): void;
}

/**
 * Opens a file for reading piece by piece. Synchronous, since in simulated time nothing may wait for a disk. Throws
 * FILE_INVALID for what is not a regular file or cannot be read.
 */
export function openRegularFile(path: string): RegularFile {
  const fd = openedForReading(path);
  const readInto = (offset: number, target: Uint8Array): void => {
    for (let done = 0; done < target.length; ) {
      const count = readAt(path, fd, target, done, offset + done);
      if (count === 0) throw fileInvalid(path, "became shorter while it was read");
      done += count;
    }
  };
  return {
    lengthBytes: fstatSync(fd).size,
    read(offset, lengthBytes) {
      const bytes = new Uint8Array(lengthBytes);
      readInto(offset, bytes);
      return bytes;
    },
    readInto,
    close: () => {
      closeSync(fd);
    },
  };
}

/** The same as a handle of the system. Throws FILE_INVALID. */
export async function openRegularHandle(path: string, isWritable = false): Promise<FileHandle> {
  let file: FileHandle;
  try {
    // Asked before opening: opening alone can already act on a device.
    expectRegular(path, await stat(path));
    file = await open(path, isWritable ? READ_AND_WRITE : READ_ONLY);
  } catch (error) {
    throw error instanceof NorbridgeError ? error : cannotRead(path, error);
  }
  try {
    expectRegular(path, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error instanceof NorbridgeError ? error : cannotRead(path, error);
  }
}

function openedForReading(path: string): number {
  let fd: number;
  try {
    expectRegular(path, statSync(path));
    fd = openSync(path, READ_ONLY);
  } catch (error) {
    throw error instanceof NorbridgeError ? error : cannotRead(path, error);
  }
  try {
    expectRegular(path, fstatSync(fd));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Throws FILE_INVALID for a directory, a pipe, a device. */
export function expectRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw fileInvalid(path, "is a directory, not a file");
  const kind = stats.isFIFO() ? "pipe" : stats.isSocket() ? "socket" : "device";
  throw fileInvalid(path, `is a ${kind}, not a regular file`, {
    hint: "Copy it to a file first, or pipe it to standard input if the command accepts - as its file.",
  });
}

function readAt(path: string, fd: number, into: Uint8Array, at: number, position: number): number {
  try {
    return readSync(fd, into, at, into.length - at, position);
  } catch (error) {
    throw cannotRead(path, error);
  }
}
