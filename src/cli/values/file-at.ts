/**
 * `FILE@ADDRESS` on the command line. A name may contain `@` itself: what follows the last one is an address only if it
 * reads as one, a file of the whole name comes first, and a last `@` without an address ends a name.
 */
import { parseSize, printable } from "../../bytes.ts";
import { fileIsThere } from "../../disk/folder.ts";
import type { PlacedFile } from "../../files/open-images.ts";
import { usageError } from "../arguments/option.ts";

/** Takes a word apart. Throws USAGE if it could name two files, and for a bare address. */
export function fileAt(word: string, exists: (path: string) => boolean = fileIsThere): PlacedFile {
  const at = word.lastIndexOf("@");
  if (at < 0 && parseSize(word) !== undefined && !exists(word)) {
    throw usageError(`${printable(word)} is an address, and no file has this name`, "Specify a place as FILE@ADDRESS.");
  }
  if (at <= 0) return { file: word };
  const name = word.slice(0, at);
  const text = word.slice(at + 1);
  const place = parseSize(text);
  if (text === "" || place === undefined) {
    // A typing error in an address must not become the name of a file that is not there.
    const file = text === "" && !exists(word) ? name : word;
    if (text !== "" && !exists(word) && exists(name)) {
      throw usageError(
        `${printable(text)} is not an address, in ${printable(word)}`,
        "An address is such as 0x1000 or 64k.",
      );
    }
    return { file };
  }
  if (!exists(word)) return { file: name, place };
  if (exists(name)) {
    throw usageError(
      `${printable(word)} is the name of a file, and could be ${printable(name)} at address ${printable(text)}`,
      "Add @ and its address to the whole name, add a last @ to it, or rename one of the files.",
    );
  }
  return { file: word };
}
