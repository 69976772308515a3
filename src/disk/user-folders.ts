/** Where this program keeps what belongs to a user, as each system wants it. */
import { homedir, userInfo } from "node:os";
import { posix, win32 } from "node:path";
import { hostPlatform, type Platform } from "../platform.ts";

/** The user that is asked about; a test has its own. */
export interface UserOfSystem {
  readonly platform: Platform;
  readonly home: string;
}

/** What is kept between runs. */
export interface StateFolders {
  /** Where new files go. */
  readonly current: string;
  /** Where earlier versions put them on this system. */
  readonly former: readonly string[];
}

/** The user of this process. A home that is not a whole path, as a broken HOME gives it, would be a folder wherever one works. */
export function hostUser(): UserOfSystem {
  const home = homedir();
  const paths = hostPlatform === "windows" ? win32 : posix;
  return { platform: hostPlatform, home: paths.isAbsolute(home) ? home : userInfo().homedir };
}

/**
 * The folders of our state. XDG_STATE_HOME decides wherever it is set; else `~/.local/state` on Linux, `~/Library/Application
 * Support` on macOS, `%LOCALAPPDATA%` on Windows. A relative path in the environment is ignored, as the XDG specification says.
 */
export function stateFolders(
  env: Readonly<Record<string, string | undefined>>,
  { platform, home }: UserOfSystem = hostUser(),
): StateFolders {
  const paths = platform === "windows" ? win32 : posix;
  const named = (variable: string): string | undefined => {
    const path = env[variable];
    return path !== undefined && paths.isAbsolute(path) ? path : undefined;
  };
  const inState = paths.join(home, ".local", "state", "norbridge");
  const xdg = named("XDG_STATE_HOME");
  if (xdg !== undefined) return { current: paths.join(xdg, "norbridge"), former: [] };
  switch (platform) {
    case "windows":
      return {
        current: paths.join(named("LOCALAPPDATA") ?? paths.join(home, "AppData", "Local"), "norbridge"),
        former: [inState],
      };
    case "macos":
      return { current: paths.join(home, "Library", "Application Support", "norbridge"), former: [inState] };
    default:
      return { current: inState, former: [] };
  }
}
