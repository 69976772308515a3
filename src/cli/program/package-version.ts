/** Our own version, read only on request: sources and dist are at different depths below package.json. */
import { fileURLToPath } from "node:url";
import { fileIsThere } from "../../disk/folder.ts";
import { openRegularFile } from "../../disk/regular-file.ts";

/** Version of this package, "unknown" if its package.json is not where it should be. */
export function packageVersion(): string {
  let folder = new URL("./", import.meta.url);
  for (let depth = 0; depth < 6; depth++) {
    const path = fileURLToPath(new URL("package.json", folder));
    if (fileIsThere(path)) return /"version":\s*"([^"]+)"/.exec(textOf(path))?.[1] ?? "unknown";
    folder = new URL("../", folder);
  }
  return "unknown";
}

function textOf(path: string): string {
  const file = openRegularFile(path);
  try {
    return new TextDecoder().decode(file.read(0, file.lengthBytes));
  } finally {
    file.close();
  }
}
