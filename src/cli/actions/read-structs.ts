/** Reads the struct files of a command line. */
import { readStructFile, type StructFile } from "../../extract/struct-store.ts";
import type { StructChoice } from "../../extract/tables.ts";
import type { StructWords } from "../options/store-options.ts";

/** Throws FILE_INVALID. */
export async function readStructs(words: StructWords, signal: AbortSignal): Promise<StructChoice> {
  const byAddress = new Map<number, StructFile>();
  for (const [address, file] of words.byAddress) byAddress.set(address, await readStructFile(file, signal));
  return { general: words.general === undefined ? undefined : await readStructFile(words.general, signal), byAddress };
}

/** All files of a choice. */
export function filesOf({ general, byAddress }: StructChoice): readonly StructFile[] {
  return [...(general === undefined ? [] : [general]), ...byAddress.values()];
}
