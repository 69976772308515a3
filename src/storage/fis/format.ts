/** An entry of a RedBoot FIS directory. Pure. FORMAT.md has the byte map and its sources. */
import { sameBytes } from "../../bytes.ts";

/** Length of an entry. RedBoot can be built with another one; all known devices have this. */
export const FIS_ENTRY_BYTES = 256;
const NAME_BYTES = 16;
const NUMBERS_AT = 16;
const END = 0xff;
const VALID_FLAG = 0xa5;
const VALID_MAGIC = new TextEncoder().encode(".FisValid\0");

/** What an entry holds. */
export type FisSlot =
  | { readonly kind: "end" | "deleted" | "strange" }
  /** The first entry of a redundant directory. */
  | { readonly kind: "validity"; readonly isValid: boolean; readonly version: number }
  | {
      readonly kind: "entry";
      /** Without its zero byte. */
      readonly name: Uint8Array;
      /** Address of the processor. */
      readonly flashBase: number;
      readonly sizeBytes: number;
      readonly dataBytes: number;
    };

/** Reads `FIS_ENTRY_BYTES` bytes. */
export function decodeFisSlot(bytes: Uint8Array, isLittleEndian: boolean): FisSlot {
  if (bytes[0] === END) return { kind: bytes[1] === END ? "end" : "deleted" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, FIS_ENTRY_BYTES);
  const number = (index: number): number => view.getUint32(NUMBERS_AT + 4 * index, isLittleEndian);
  if (sameBytes(bytes.subarray(0, VALID_MAGIC.length), VALID_MAGIC)) {
    const isValid = bytes[10] === VALID_FLAG && bytes[11] === VALID_FLAG;
    return { kind: "validity", isValid, version: view.getUint32(12, isLittleEndian) };
  }
  const nameEnd = bytes.subarray(0, NAME_BYTES).indexOf(0);
  const name = bytes.slice(0, nameEnd === -1 ? NAME_BYTES : nameEnd);
  const [flashBase, sizeBytes, dataBytes] = [number(0), number(2), number(4)];
  if (name.length === 0 || sizeBytes === 0 || dataBytes > sizeBytes) return { kind: "strange" };
  return { kind: "entry", name, flashBase, sizeBytes, dataBytes };
}

/**
 * Whether the first bytes of an erase block can be those of a directory: a name, a deleted entry, or what a redundant
 * one begins with.
 */
export function mayBeginDirectory(bytes: Uint8Array): boolean {
  if (bytes[0] === END) return bytes[1] !== END;
  const name = bytes.subarray(0, NAME_BYTES);
  const end = name.indexOf(0);
  const isValidity = sameBytes(bytes.subarray(0, VALID_MAGIC.length), VALID_MAGIC);
  return isValidity || (end !== 0 && name.subarray(0, end === -1 ? NAME_BYTES : end).every((byte) => byte >= 0x20));
}
