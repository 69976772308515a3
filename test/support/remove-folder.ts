/** Folders of tests go away after them. */
import { rmSync } from "node:fs";
import { systemErrorCode } from "../../src/disk/file-problem.ts";

/**
 * Removes a folder and all in it. On Windows a file that this process still has open stays until the process ends, and then its
 * folder stays as well: that is not a reason for tests to fail that have passed.
 */
export function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (process.platform !== "win32" || systemErrorCode(error) !== "ENOTEMPTY") throw error;
  }
}
