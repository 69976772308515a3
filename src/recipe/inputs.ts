/** The files that a recipe is made of, each with its SHA-256. */
import { dirname, isAbsolute, join } from "node:path";
import { newHash } from "../node-hashes.ts";
import { toHex } from "../bytes.ts";
import { throwIfAborted } from "../disk/or-canceled.ts";
import { openRegularFile } from "../disk/regular-file.ts";

/** One file. */
export interface RecipeInput {
  /** As the recipe names it, from its folder; of the recipe itself `RECIPE_INPUT`. */
  readonly name: string;
  /** 64 hex digits, lower case. */
  readonly sha256: string;
}

/**
 * Name of the recipe among its files. The name of its own file is no part of what it says: renamed, it is the same
 * recipe. No file has this name, since a file is named by a path.
 */
export const RECIPE_INPUT = "./";

const PIECE_BYTES = 1024 * 1024;

/** Where a file of a recipe is. */
export function pathOfInput(recipeFile: string, name: string): string {
  const path = isAbsolute(name) ? name : join(dirname(recipeFile), name);
  // A file of this name, and not what the name means on a command line.
  return path === "-" ? "./-" : path;
}

/** The SHA-256 of a file. Throws FILE_INVALID, ECANCELED. */
export function hashFile(path: string, signal?: AbortSignal): string {
  const file = openRegularFile(path);
  try {
    const hash = newHash("sha256");
    for (let at = 0; at < file.lengthBytes; at += PIECE_BYTES) {
      throwIfAborted(signal, "reading the inputs of the recipe");
      hash.update(file.read(at, Math.min(PIECE_BYTES, file.lengthBytes - at)));
    }
    return toHex(hash.digest());
  } finally {
    file.close();
  }
}

/** One hash for all inputs: over a line for each, its SHA-256 and its name as a JSON string, in order of name. */
export function hashOfInputs(inputs: readonly RecipeInput[]): string {
  const hash = newHash("sha256");
  const byName = inputs.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const { name, sha256 } of byName) hash.update(new TextEncoder().encode(`${sha256} ${JSON.stringify(name)}\n`));
  return toHex(hash.digest());
}
