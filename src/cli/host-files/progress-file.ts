/**
 * Progress of a stream in a file on the host. It is read before the job begins, since a simulated job runs in virtual time; a
 * new text replaces the old one only when it is whole and on the disk.
 */
import { FILE_USES } from "../../disk/file-uses.ts";
import { removeFile } from "../../disk/folder.ts";
import { readWholeIfThere } from "../../disk/read-whole.ts";
import { replaceFile } from "../../disk/replace-file.ts";
import type { ProgressStore } from "../../storage/stream-flash/progress-store.ts";
import { decodeProgress, encodeProgress } from "../../storage/stream-flash/progress-text.ts";

/**
 * Reads the file, if it is there. Throws FILE_INVALID when it cannot be read, ECANCELED. The store throws FILE_INVALID when the
 * file is not progress, FILE_EXISTS when it cannot be written.
 */
export async function openProgressFile(path: string, signal: AbortSignal): Promise<ProgressStore> {
  const bytes = await readWholeIfThere(path, { ...FILE_USES.progress, signal });
  let text = bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  return {
    // Parsed only now: with --restart a damaged file does not matter.
    load: () => Promise.resolve().then(() => (text === undefined ? undefined : decodeProgress(text, path))),
    save(progress) {
      text = encodeProgress(progress);
      replaceFile(path, new TextEncoder().encode(text));
      return Promise.resolve();
    },
    clear() {
      if (text !== undefined) removeFile(path);
      text = undefined;
      return Promise.resolve();
    },
  };
}
