/** Our own version, read only when somebody asks: sources and dist lie at different depths below package.json. */
import { existsSync, readFileSync } from "node:fs";

/** Version of this package, "unknown" if its package.json is not where it should be. */
export function packageVersion(): string {
  let folder = new URL("./", import.meta.url);
  for (let depth = 0; depth < 6; depth++) {
    const file = new URL("package.json", folder);
    if (existsSync(file)) return /"version":\s*"([^"]+)"/.exec(readFileSync(file, "utf8"))?.[1] ?? "unknown";
    folder = new URL("../", folder);
  }
  return "unknown";
}
