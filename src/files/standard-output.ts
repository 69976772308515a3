/** Standard output as a place for the bytes of a file. */
import { writeSync } from "node:fs";
import { cannotWrite, systemErrorCode, systemReason } from "../disk/file-problem.ts";
import type { OutputFile } from "../disk/replace-file.ts";

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
        if (systemErrorCode(error) !== "EPIPE")
          throw cannotWrite("standard output", systemReason(error), { cause: error });
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
