/** Files of this package: sources, compiled files and the bundle are at different depths below its folder. */
import { fileURLToPath } from "node:url";
import { fileIsThere } from "./folder.ts";

const MOST_DEPTH = 6;

/** Where a file of this package is, by its path from the package's folder. Undefined if it is in no folder above. */
export function pathInPackage(path: string): string | undefined {
  let folder = new URL("./", import.meta.url);
  for (let depth = 0; depth < MOST_DEPTH; depth++) {
    const found = fileURLToPath(new URL(path, folder));
    if (fileIsThere(found)) return found;
    folder = new URL("../", folder);
  }
  return undefined;
}
