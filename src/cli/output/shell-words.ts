/** Command lines that a message proposes must work when pasted into the shell of this system. */
import { hostPlatform, type Platform } from "../../platform.ts";

/** Words joined by spaces, quoted where the shell would take them apart. */
export function shellWords(words: readonly string[], platform: Platform = hostPlatform): string {
  return words.map(platform === "windows" ? quoteForWindows : quoteForPosix).join(" ");
}

function quoteForPosix(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Double quotes mean the same to cmd.exe and to PowerShell, single ones do not. A backslash before a quote would make
 * it a part of the word, so it is doubled there. What cannot be written for both at once ($ and % within a word) is
 * left as it is.
 */
function quoteForWindows(word: string): string {
  if (/^[A-Za-z0-9_+=:.\\/-]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}
