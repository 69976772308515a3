/** Folders, and files as names in them. */
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
} from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cannotRead, systemErrorCode } from "./file-problem.ts";
import { whileHeld } from "./while-held.ts";

/** Makes a folder that only its owner may enter, and its parents. Throws what the system reports. */
export function makeFolder(path: string): void {
  // Not by `recursive`: if the system reports that a parent is not there and cannot be, Node tries without end.
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

/** Runs `act` with a new folder of our own among the temporary files; the folder and all in it are gone after it. */
export async function withScratchFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-scratch-"));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  // Also if the program leaves in a hurry.
  process.once("exit", remove);
  try {
    return await act(folder);
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/** A name in a folder, and whether it is that of a regular file and no link, as far as the folder itself says so. */
export interface FolderEntry {
  readonly name: string;
  readonly isRegular: boolean;
}

/** What is in a folder; nothing if there is none. Throws FILE_INVALID for one that cannot be read. */
export async function entriesIn(path: string): Promise<readonly FolderEntry[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isRegular: entry.isFile() }));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw cannotRead(path, error);
  }
}

/** The same at once, for where nothing may wait; none if it cannot be read. */
export function namesInNow(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Whether something has this name, also a link that leads nowhere. */
export function fileIsThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** What has this name, without following a link; undefined if nothing has, or the folder cannot be searched. */
export function kindOf(path: string): "file" | "folder" | "link" | "pipe" | "socket" | "device" | undefined {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
  if (stats === undefined) return undefined;
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  if (stats.isSymbolicLink()) return "link";
  return stats.isFIFO() ? "pipe" : stats.isSocket() ? "socket" : "device";
}

/** How many names a file has; 1 unless hard links were made. 0 if it is not there. Follows symbolic links. */
export function nameCount(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.nlink ?? 0;
  } catch {
    return 0;
  }
}

/** Removes a file; it is fine if it is gone. Throws what the system reports, also for a folder. */
export function removeFile(path: string): void {
  try {
    whileHeld(() => {
      unlinkSync(path);
    });
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
}

/** The name of a file is in its folder, and that is not on the disk because the file is. Where it cannot be done: nothing. */
export function syncFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // Not every system lets a folder be opened; the file is there as long as the machine is.
  }
}
