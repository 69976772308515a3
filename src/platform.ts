/**
 * Which operating system the program runs on. This file alone asks `process`; whatever depends on the system takes a
 * `Platform` as a value, so that a test can run it as each system.
 */

/** "unix" is any other one with the calls of POSIX (FreeBSD, OpenBSD, ...). */
export type Platform = "linux" | "macos" | "windows" | "unix";

/** What Node's name of a system stands for. */
export function platformOf(name: NodeJS.Platform): Platform {
  switch (name) {
    case "linux":
    case "android":
      return "linux";
    case "darwin":
      return "macos";
    case "win32":
    case "cygwin":
      return "windows";
    default:
      return "unix";
  }
}

/** The system of this process. */
export const hostPlatform: Platform = platformOf(process.platform);

/** The machine in Node's own words, for a report of a problem: `{ platform: "win32", arch: "x64", node: "v24.1.0" }`. */
export function machineNames(): { readonly platform: string; readonly arch: string; readonly node: string } {
  return { platform: process.platform, arch: process.arch, node: process.version };
}
