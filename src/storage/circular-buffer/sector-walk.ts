/** From the bytes of one sector to its entries. Pure; every input ends, and nothing outside of the bytes is looked at. */
import {
  alignUp,
  checkByte,
  type CircularBufferOptions,
  decodeLength,
  FIXED_END_MARKER,
  firstElementOffset,
  type LengthField,
} from "./format.ts";

export type SectorItem =
  | {
      readonly kind: "entry";
      /** Where its length field lies in the sector. */
      readonly offset: number;
      /** Where its data begins in the sector. */
      readonly dataOffset: number;
      /** A view, not a copy. */
      readonly data: Uint8Array;
      /** The check byte reads erased: possibly never written, right by chance. */
      readonly isUnconfirmed: boolean;
    }
  | { readonly kind: "damage"; readonly offset: number; readonly lengthBytes: number; readonly reason: string }
  /** Always the last. `isOpen`: the next entry can be written here; else the rest of the sector is lost. */
  | { readonly kind: "end"; readonly offset: number; readonly isOpen: boolean };

type WalkOptions = Pick<CircularBufferOptions, "alignBytes" | "hasCrc">;

/**
 * Entries of a sector, in order; `bytes` is the whole sector. A length that leads out of the sector ends what can be read: a
 * power cut left it, and the right length is unknown. A wrong one that ends within the sector is followed, since
 * devices follow it too and continue to write after it.
 */
export function* walkSector(bytes: Uint8Array, options: WalkOptions, erasedByte: number): Generator<SectorItem, void> {
  const { alignBytes, hasCrc } = options;
  let offset = firstElementOffset(alignBytes);
  for (;;) {
    // The length field is always read as two bytes, as devices do.
    const first = bytes[offset];
    const second = bytes[offset + 1];
    const field = first === undefined || second === undefined ? undefined : decodeLength(first, second, erasedByte);
    if (field === undefined) {
      yield { kind: "end", offset, isOpen: true };
      return;
    }
    const dataOffset = offset + alignUp(field.fieldBytes, alignBytes);
    const endMarkerOffset = dataOffset + alignUp(field.length, alignBytes);
    const next = endMarkerOffset + alignBytes;
    const isInside = next <= bytes.length;
    const data = bytes.subarray(dataOffset, dataOffset + field.length);
    const marker = bytes[endMarkerOffset];
    const isGood =
      isInside &&
      ((!hasCrc && marker === FIXED_END_MARKER) ||
        marker === checkByte(bytes.subarray(offset, offset + field.fieldBytes), data));
    if (isGood) {
      yield { kind: "entry", offset, dataOffset, data, isUnconfirmed: marker === erasedByte };
    } else if (!isInside) {
      yield { kind: "damage", offset, lengthBytes: bytes.length - offset, reason: reasonOf(field) };
      yield { kind: "end", offset, isOpen: false };
      return;
    } else {
      yield { kind: "damage", offset, lengthBytes: next - offset, reason: reasonOf(field) };
    }
    offset = next;
  }
}

function reasonOf(field: LengthField): string {
  if (field.isTorn) return "an entry with an incomplete length field";
  return `an entry of ${field.length} bytes with a wrong length or a wrong check byte`;
}
