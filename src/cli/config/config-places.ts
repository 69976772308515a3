/** Where configuration files are looked for. */
import { posix, win32 } from "node:path";
import { hostPlatform, type Platform } from "../../platform.ts";
import type { Owner } from "./setting.ts";

export const CONFIG_NAME = "norbridge.config.json";

export interface ConfigPlace {
  readonly path: string;
  readonly owner: Owner;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The file in the working folder, then the user's own. The folders above the working folder are not searched: a file that comes
 * with a project counts only where it lies.
 */
export function configPlaces(cwd: string, env: Environment, system: Platform = hostPlatform): readonly ConfigPlace[] {
  const path = pathsOf(system);
  const folder = userFolder(env, system);
  const local: ConfigPlace = { path: path.join(cwd, CONFIG_NAME), owner: "folder" };
  const own: ConfigPlace[] =
    folder === undefined ? [] : [{ path: path.join(folder, "norbridge", CONFIG_NAME), owner: "user" }];
  // In that very folder it is the user's own file.
  return own.some((one) => one.path === local.path) ? own : [local, ...own];
}

function pathsOf(system: Platform): typeof posix {
  return system === "windows" ? win32 : posix;
}

/**
 * Where the system keeps what a user has set; undefined if it does not report it. A path that is not absolute is not a place of
 * theirs.
 */
function userFolder(env: Environment, system: Platform): string | undefined {
  const path = pathsOf(system);
  const named = (folder: string | undefined): string | undefined =>
    folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
  const home = named(system === "windows" ? env["USERPROFILE"] : env["HOME"]);
  const inHome = (...parts: string[]): string | undefined =>
    home === undefined ? undefined : path.join(home, ...parts);
  if (system === "windows") return named(env["APPDATA"]) ?? inHome("AppData", "Roaming");
  if (system === "macos") return inHome("Library", "Application Support");
  return named(env["XDG_CONFIG_HOME"]) ?? inHome(".config");
}
