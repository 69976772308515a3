/** Opens an address in the browser of the user. */
import { spawn } from "node:child_process";
import { hostPlatform, type Platform } from "../../platform.ts";

const PROGRAMS: Readonly<Record<Platform, readonly [program: string, ...words: string[]]>> = {
  linux: ["xdg-open"],
  unix: ["xdg-open"],
  macos: ["open"],
  windows: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** False if there is no program that does it. Does not wait for the browser. */
export function openInBrowser(url: string, platform: Platform = hostPlatform): Promise<boolean> {
  const [program, ...words] = PROGRAMS[platform];
  return new Promise((resolve) => {
    const child = spawn(program, [...words, url], { detached: true, stdio: "ignore" });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
