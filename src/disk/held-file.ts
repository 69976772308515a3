/**
 * A file that its process holds open for itself alone. The system lets go of it when the process ends, however it ends, so it
 * shows whether a process lives where numbers of processes are used again and no start time is to be had: on Windows and macOS.
 * Linux shows the start time (process-mark.ts) and needs none of this.
 */
import { closeSync, constants, openSync } from "node:fs";
import { hostPlatform, type Platform } from "../platform.ts";
import { systemErrorCode } from "./file-problem.ts";
import { removeFile } from "./folder.ts";
import { quietly } from "./quietly.ts";

/** libuv's flag for a file that no other process may open (UV_FS_O_EXLOCK); Node passes it on and has no name for it. */
const WINDOWS_ALONE = 0x1000_0000;
/** open(2) of macOS: a lock comes with the file, shared or exclusive. Node has no names for them. */
const MACOS_SHARED = 0x10;
const MACOS_EXCLUSIVE = 0x20;

/** How a system holds files; a test has its own. */
export interface Holds {
  /** Makes the file and holds it. Returns how to let go; undefined if this system cannot hold files. */
  hold(path: string): (() => void) | undefined;
  /** Whether a process holds the file. In doubt it does. */
  isHeld(path: string): boolean;
}

const NONE: Holds = { hold: () => undefined, isHeld: () => true };

/** What a system can do. */
export function holdsOf(platform: Platform): Holds {
  const { O_RDWR, O_RDONLY, O_CREAT, O_EXCL, O_NONBLOCK } = constants;
  switch (platform) {
    case "windows":
      return holdsBy(O_RDWR | O_CREAT | O_EXCL | WINDOWS_ALONE, O_RDONLY);
    case "macos":
      return holdsBy(O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK | MACOS_EXCLUSIVE, O_RDONLY | O_NONBLOCK | MACOS_SHARED);
    default:
      return NONE;
  }
}

/** This system's. */
export const HOST_HOLDS: Holds = holdsOf(hostPlatform);

function holdsBy(holdFlags: number, lookFlags: number): Holds {
  return {
    hold(path) {
      let fd: number;
      try {
        fd = openSync(path, holdFlags, 0o644);
      } catch {
        // A file system without locks: then the number of the process is all there is.
        quietly(() => {
          removeFile(path);
        });
        return undefined;
      }
      return () => {
        quietly(() => {
          closeSync(fd);
        });
        quietly(() => {
          removeFile(path);
        });
      };
    },
    isHeld(path) {
      try {
        closeSync(openSync(path, lookFlags));
        return false;
      } catch (error) {
        return systemErrorCode(error) !== "ENOENT";
      }
    },
  };
}
