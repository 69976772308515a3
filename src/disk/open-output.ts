/** Outputs that are open already: standard output and standard error where they are files. */
import { fstatSync, writeSync } from "node:fs";
import { systemErrorCode } from "./file-problem.ts";

/** Whether this output is a pipe, a socket or a terminal, which may have no room for now; false for a file or a device. */
export function mayStall(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false;
  }
}

/**
 * Writes all of it to a file that is open. What the system takes only in part is written on, so that a disk that fills up is
 * noticed. Throws what the system says.
 */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done, bytes.length - done, null);
    } catch (error) {
      if (systemErrorCode(error) !== "EAGAIN") throw error;
      // A device without room: a thread can only sleep.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}
