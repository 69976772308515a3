/**
 * Names of files on a chip as names on this machine. A name that could lead elsewhere, or that the system takes for
 * another, is none.
 */
import { whyNoFile } from "../../disk/windows-name.ts";
import { hostPlatform, type Platform } from "../../platform.ts";

/** A name that can be made, or why it cannot. */
export type HostName =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "none"; readonly why: string };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Most file systems take no longer ones. */
const MAX_BYTES = 255;
/** On Windows; a slash and a backslash separate names, so they are refused everywhere. */
const WINDOWS_ONLY = /[<>:"|?*]/;

/** One step of a path. The same on each system as far as possible, so that a copy can be moved to another one. */
export function hostName(name: Uint8Array, platform: Platform = hostPlatform): HostName {
  const none = (why: string): HostName => ({ kind: "none", why });
  let text: string;
  try {
    text = decoder.decode(name);
  } catch {
    return none("its name is not UTF-8");
  }
  if (text === "" || text === "." || text === "..") return none("its name leads to another folder");
  if (/[/\\]/.test(text)) return none("its name contains a separator of folders");
  if (/\p{Cc}/u.test(text)) return none("its name contains a control character");
  if (name.length > MAX_BYTES) return none(`its name is longer than ${MAX_BYTES} bytes`);
  if (platform === "windows" && WINDOWS_ONLY.test(text))
    return none("its name contains a character that Windows refuses");
  const why = whyNoFile(text, platform);
  return why === undefined ? { kind: "name", name: text } : none(why);
}
