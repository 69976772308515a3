/** Paths of a file system on a chip as text. The text is safe for a terminal, and `fs get` reads it back to the same bytes. */
import { nameBytes, nameText } from "./name-text.ts";

/** `/log/2026`; the root is `/`. */
export function pathText(path: readonly Uint8Array[]): string {
  return `/${path.map((name) => nameText(name).replaceAll("/", "\\x2f")).join("/")}`;
}

/** The names of a path that was typed; a slash at its start or end is optional. */
export function parsePath(text: string): readonly Uint8Array[] {
  return text
    .split("/")
    .filter((part) => part !== "")
    .map(nameBytes);
}
