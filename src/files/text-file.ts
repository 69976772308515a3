/** A file or standard input that is read whole: lists of records, descriptions of records, dumps of SFDP. */
import { fileInvalid } from "../disk/file-problem.ts";
import type { FileUse } from "../disk/file-uses.ts";
import { readWhole } from "../disk/read-whole.ts";
import { readStandardInput, STANDARD_INPUT } from "./standard-input.ts";

/** All bytes of a file, or of standard input for `-`. Throws FILE_INVALID, ECANCELED. */
export async function bytesOrStandardInput(path: string, use: FileUse, signal?: AbortSignal): Promise<Uint8Array> {
  if (path !== "-") return readWhole(path, { ...use, signal });
  const arena = await readStandardInput({
    mostBytes: use.mostBytes,
    signal,
  });
  return arena.read(0, arena.lengthBytes);
}

/** UTF-8 text of a file, or of standard input for `-`. Throws FILE_INVALID, ECANCELED. */
export async function readTextFile(path: string, use: FileUse, signal?: AbortSignal): Promise<string> {
  const bytes = await bytesOrStandardInput(path, use, signal);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fileInvalid(path === "-" ? STANDARD_INPUT : path, "is not UTF-8 text");
  }
}
