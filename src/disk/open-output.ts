/** Outputs that are open already: standard output and standard error where they are files. */
import { fstatSync, writeSync } from "node:fs";
import { sleepNow } from "../clock.ts";
import { systemErrorCode } from "./file-problem.ts";

/** Whether this output is a pipe or a socket, which may have no room for now; false for a file or a device. */
export function mayStall(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false;
  }
}

/** How long a device may take nothing, milliseconds, and how long it is left alone before it is asked again. */
const MAX_STALLED_MS = 5000;
const NEXT_TRY_MS = 2;

/**
 * Writes all of it to a file that is open. What the system takes only in part is written on, so that a disk that fills up is
 * noticed. Throws what the system reports; EAGAIN if it takes nothing for `mostStalledMs`, and until then nothing else runs.
 */
export function writeAll(fd: number, bytes: Uint8Array, mostStalledMs = MAX_STALLED_MS): void {
  let stalledMs = 0;
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done, bytes.length - done, null);
      stalledMs = 0;
    } catch (error) {
      if (systemErrorCode(error) !== "EAGAIN" || stalledMs >= mostStalledMs) throw error;
      // A device without room: a thread can only sleep.
      sleepNow(NEXT_TRY_MS);
      stalledMs += NEXT_TRY_MS;
    }
  }
}
