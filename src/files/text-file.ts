/** A text file that is read whole: lists of records, descriptions of records. */
import { readFile } from "node:fs/promises";
import { cannotRead, fileInvalid } from "./file-problem.ts";
import { readStandardInput, STANDARD_INPUT } from "./standard-input.ts";

/** All bytes of a file, or of standard input for `-`. Throws FILE_INVALID, ECANCELED. */
export function bytesOrStandardInput(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  return path === "-" ? standardInputBytes(signal) : fileBytes(path);
}

/** UTF-8 text of a file, or of standard input for `-`. Throws FILE_INVALID, ECANCELED. */
export async function readTextFile(path: string, signal?: AbortSignal): Promise<string> {
  const isStandardInput = path === "-";
  const bytes = await bytesOrStandardInput(path, signal);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fileInvalid(isStandardInput ? STANDARD_INPUT : path, "is not UTF-8 text");
  }
}

/** All bytes of a file. Throws FILE_INVALID. */
export async function fileBytes(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw cannotRead(path, error);
  }
}

async function standardInputBytes(signal: AbortSignal | undefined): Promise<Uint8Array> {
  const arena = await readStandardInput(signal === undefined ? {} : { signal });
  return arena.read(0, arena.lengthBytes);
}
