/**
 * Names on a chip as text: names of files, and keys. They are bytes of the device: UTF-8 that can be shown stays, a backslash is
 * doubled, and every other byte is `\xNN`. The text is safe for a terminal, and reads back to the same bytes.
 */
import { printable } from "../../bytes.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A name, or a part of one. A slash stays. */
export function nameText(name: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(name);
  } catch {
    return Array.from(name, (byte) => (byte < 0x80 ? characterText(String.fromCharCode(byte)) : byteText(byte))).join(
      "",
    );
  }
  return Array.from(text, characterText).join("");
}

function characterText(character: string): string {
  if (character === "\\") return "\\\\";
  if (printable(character) === character) return character;
  return Array.from(Buffer.from(character), byteText).join("");
}

function byteText(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** The bytes of a name that was typed. */
export function nameBytes(text: string): Uint8Array {
  const parts = text.split(/(\\x[0-9a-fA-F]{2}|\\\\)/);
  return Buffer.concat(
    parts.map((part) => {
      if (part === "\\\\") return Buffer.from("\\");
      return /^\\x[0-9a-fA-F]{2}$/.test(part) ? Buffer.from(part.slice(2), "hex") : Buffer.from(part);
    }),
  );
}
