/** Bytes stored either as they are or as hex digits in a text, as dumps are sent around. */
import { fromHex } from "../bytes.ts";
import { fileInvalid } from "../disk/file-problem.ts";

const COMMENT = /(?:#|\/\/).*$/;
const PREFIX = /0x/gi;
const SEPARATORS = /[\s,;:{}[\]"'_-]/g;

/**
 * The bytes of a file that is binary if it begins with `signature`, and else hex digits: with or without 0x, separated by
 * what one finds between numbers, with comments after # and //. Throws FILE_INVALID with the line.
 */
export function hexOrBinary(name: string, content: Uint8Array, signature: Uint8Array): Uint8Array {
  if (signature.every((byte, index) => content[index] === byte)) return content;
  const lines = new TextDecoder("latin1").decode(content).split(/\r?\n/);
  const digits = lines.map((line, index) => {
    const plain = line.replace(COMMENT, "").replace(PREFIX, "").replace(SEPARATORS, "");
    const wrong = /[^0-9a-fA-F]/.exec(plain);
    if (wrong !== null) {
      const what = `is neither an area of its kind nor hex digits: line ${index + 1} has ${JSON.stringify(wrong[0])}`;
      throw fileInvalid(name, what);
    }
    return plain;
  });
  const all = digits.join("");
  if (all.length === 0) throw fileInvalid(name, "is empty");
  if (all.length % 2 !== 0) throw fileInvalid(name, `has ${all.length} hex digits, an odd number`);
  return fromHex(all) ?? new Uint8Array();
}
