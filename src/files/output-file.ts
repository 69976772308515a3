/**
 * Where written bytes go: a new file beside the wanted one, which takes its name only when it is whole, or standard output.
 *
 * An older file of that name stays as it was until the new one is complete and on the disk. A symbolic link is replaced,
 * never followed. Every error is FILE_EXISTS, "cannot write ...".
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { NorbridgeError } from "../errors.ts";
import { cannotWrite, systemErrorCode, systemReason } from "./file-problem.ts";

/** A place for bytes. After `commit` or `abort` it takes no more. */
export interface OutputFile {
  /** True once nobody reads standard output any more: what is written then goes nowhere, and the job may stop. */
  readonly readerGone: boolean;
  write(bytes: Uint8Array): void;
  /** The file appears under its name. */
  commit(): void;
  /** Nothing of it remains, except what already went down a pipe. Twice, or after `commit`, it does nothing. */
  abort(): void;
}

/** Opens `<path>.partial`. With `force: false` an existing file is refused; by default `commit` replaces it. */
export function createOutputFile(path: string, options: { readonly force?: boolean } = {}): OutputFile {
  const partialPath = `${path}.partial`;
  checkTarget(path, options.force ?? true);
  const fd = explained(path, () => {
    removeIfThere(partialPath);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    return openSync(partialPath, flags, 0o666);
  });
  let open = true;
  const discard = (): void => {
    if (!open) return;
    open = false;
    quietly(() => {
      if (isOurs(partialPath, fd)) unlinkSync(partialPath);
    });
    quietly(() => closeSync(fd));
  };
  const guarded = (action: () => void): void => {
    if (!open) throw new Error("the output file is closed");
    try {
      explained(path, action);
    } catch (error) {
      discard();
      throw error;
    }
  };
  return {
    readerGone: false,
    write: (bytes) => guarded(() => writeFully(fd, bytes)),
    commit() {
      guarded(() => {
        fsyncSync(fd);
        if (!isOurs(partialPath, fd)) throw new Error("another program has taken its place");
        renameSync(partialPath, path);
      });
      open = false;
      quietly(() => closeSync(fd));
      quietly(() => syncDirectory(dirname(path)));
    },
    abort: discard,
  };
}

/** Standard output. When its reader goes away the rest is dropped without an error, as `head` expects. */
export function standardOutput(fd = 1, write: typeof writeSync = writeSync): OutputFile {
  let readerGone = false;
  return {
    get readerGone() {
      return readerGone;
    },
    write(bytes) {
      if (readerGone) return;
      try {
        writeFully(fd, bytes, write);
      } catch (error) {
        if (systemErrorCode(error) !== "EPIPE") throw explain("standard output", error);
        readerGone = true;
      }
    },
    commit: () => undefined,
    abort: () => undefined,
  };
}

/** Writes all of it. A pipe that is full for now is tried again; the thread sleeps so long, as with a blocking pipe. */
function writeFully(fd: number, bytes: Uint8Array, write: typeof writeSync = writeSync): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += write(fd, bytes, done, bytes.length - done, null);
    } catch (error) {
      if (systemErrorCode(error) !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

function checkTarget(path: string, force: boolean): void {
  const target = explained(path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (target === undefined) return;
  if (target.isDirectory()) throw cannotWrite(path, "it is a directory");
  if (!target.isFile() && !target.isSymbolicLink()) {
    throw cannotWrite(path, "it is not a regular file", { hint: "Give - as the file and redirect standard output." });
  }
  if (!force) throw cannotWrite(path, "it exists already");
}

function isOurs(path: string, fd: number): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false });
  const ours = fstatSync(fd);
  return there?.ino === ours.ino && there.dev === ours.dev;
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
}

/** So that the new name, too, survives a power cut. Systems that cannot do it are left alone. */
function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function explained<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explain(path, error);
  }
}

function explain(path: string, error: unknown): NorbridgeError {
  return error instanceof NorbridgeError ? error : cannotWrite(path, systemReason(error), { cause: error });
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Tidying up must not hide the error that led here.
  }
}
