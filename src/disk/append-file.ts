/** Files that only ever grow: journals and recordings. */
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { hostPlatform } from "../platform.ts";
import { syncFolder } from "./folder.ts";
import { whyNoFile } from "./windows-name.ts";

/** Not on Windows, which has no such flags. */
const NO_FOLLOW = hostPlatform === "windows" ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file that is written at its end. */
export interface AppendFile {
  /** Returns when the system has all of it; with `isDurable` when it survives a power cut. Throws what the system reports. */
  append(bytes: Uint8Array, isDurable: boolean): void;
  /** Throws what the system reports. Twice it does nothing. */
  close(): void;
}

/** A new file that only its owner can read. Throws what the system reports, EEXIST for a name that is taken. */
export function createAppendFile(path: string): AppendFile {
  const noFile = whyNoFile(path);
  if (noFile !== undefined) throw new Error(noFile);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | NO_FOLLOW;
  return new OpenFile(openSync(path, flags, 0o600), dirname(path));
}

/**
 * One that is there, cut to its first `lengthBytes`: what a kill has torn must not stand in front of what is appended. Throws
 * what the system reports, and for what is not a regular file or a link.
 */
export function reopenAppendFile(path: string, lengthBytes: number): AppendFile {
  const fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | NO_FOLLOW);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new Error("it is not a regular file");
    if (stats.size < lengthBytes) throw new Error("the file became shorter");
    ftruncateSync(fd, lengthBytes);
    return new OpenFile(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class OpenFile implements AppendFile {
  readonly #fd: number;
  /** The folder of a new file whose name is not on the disk yet. */
  #folder: string | undefined;
  #isOpen = true;

  constructor(fd: number, folder?: string) {
    this.#fd = fd;
    this.#folder = folder;
  }

  append(bytes: Uint8Array, isDurable: boolean): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    if (!isDurable) return;
    fsyncSync(this.#fd);
    // After the bytes: a file that exists, and is empty since its program was killed, is useless.
    if (this.#folder !== undefined) syncFolder(this.#folder);
    this.#folder = undefined;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#fd);
  }
}
