/**
 * Progress of a stream in a file on the laptop. Synchronous, since a simulated job runs in virtual time; a new text replaces the
 * old one only when it is whole and on the disk.
 */
import { readFileSync, unlinkSync } from "node:fs";
import { cannotRead, systemErrorCode } from "../files/file-problem.ts";
import { createOutputFile } from "../files/output-file.ts";
import type { ProgressStore } from "../storage/stream-flash/progress-store.ts";
import { decodeProgress, encodeProgress } from "../storage/stream-flash/progress-text.ts";

/** Throws FILE_INVALID when the file cannot be read or is no progress, FILE_EXISTS when it cannot be written. */
export function progressFile(path: string): ProgressStore {
  return {
    load() {
      const text = readIfThere(path);
      return Promise.resolve(text === undefined ? undefined : decodeProgress(text, path));
    },
    save(progress) {
      const output = createOutputFile(path);
      try {
        output.write(new TextEncoder().encode(encodeProgress(progress)));
        output.commit();
      } finally {
        output.abort();
      }
      return Promise.resolve();
    },
    clear() {
      if (readIfThere(path) !== undefined) unlinkSync(path);
      return Promise.resolve();
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw cannotRead(path, error);
  }
}
