/**
 * Bytes of Zephyr's flash circular buffer, both ways: sector headers, length fields, check bytes. Pure. FORMAT.md has the
 * byte map and its sources.
 */

/** Bytes of a sector header; the first element follows at this, rounded up to the write alignment. */
export const HEADER_BYTES = 8;
/** Longest entry that devices write (FCB_MAX_LEN; older versions: 16382). Every version reads 15 bits. */
export const USUAL_MAX_ENTRY_BYTES = 16_383;
/** Marker of entries that were written without a CRC. */
export const FIXED_END_MARKER = 0xab;

/** Longest sector that is handled: one is held in memory. Devices have 64 or 128 KiB at most. */
export const MAX_SECTOR_BYTES = 64 * 1024 * 1024;

/** A magic that cannot be distinguished from erased flash: devices that use it see sector 0 alone. */
export const ERASED_MAGIC = 0xffffffff;

/** Name of an option that cannot be read from an empty flash. */
export type AssumedOption = "sectorBytes" | "alignBytes" | "region";

/** What is specified about a circular buffer; nothing of it is stored on the flash but magic and version. */
export interface CircularBufferOptions {
  /** Multiple of the erase block. */
  readonly sectorBytes: number;
  /** 32 bits. */
  readonly magic: number;
  /** 8 bits; written to every header, never checked by devices. */
  readonly version: number;
  /** Write block of the device that reads and writes it: a power of two, 1 to 32. */
  readonly alignBytes: number;
  /** Sectors that `append` leaves free, for a garbage collection to copy into. */
  readonly scratchSectors: number;
  /** False for devices that write the fixed end marker (FCB_FLAGS_CRC_DISABLED). */
  readonly hasCrc: boolean;
  /** Longest entry to write, up to 32766; USUAL_MAX_ENTRY_BYTES if left out. */
  readonly maxEntryBytes?: number | undefined;
  /**
   * Values of these that were not specified and that nothing on the flash shows. What depends on them is refused with
   * LAYOUT_MISMATCH: to start or to erase a sector, to add the first entry. `region`: the ends of the ring.
   */
  readonly assumed?: readonly AssumedOption[] | undefined;
  /** Places of the region that may be erased although they hold data of another. */
  readonly overwrite?:
    | readonly {
        /** First byte, from the start of the region. */
        readonly offset: number;
        /** Length, bytes. */
        readonly lengthBytes: number;
      }[]
    | undefined;
}

/** How a sector begins. */
export type SectorHeader =
  | { readonly kind: "free" }
  | { readonly kind: "used"; readonly version: number; readonly id: number }
  /** Neither erased nor this magic: torn, or something else. */
  | { readonly kind: "foreign"; readonly magic: number };

/** `length` rounded up to a multiple of `alignBytes`. */
export function alignUp(length: number, alignBytes: number): number {
  return Math.ceil(length / alignBytes) * alignBytes;
}

/** Where the first element of a sector lies. */
export function firstElementOffset(alignBytes: number): number {
  return alignUp(HEADER_BYTES, alignBytes);
}

/** Bytes that an entry takes, with its length field, its check byte and all alignment. */
export function entryBytes(dataBytes: number, alignBytes: number): number {
  return alignUp(dataBytes < 0x80 ? 1 : 2, alignBytes) + alignUp(dataBytes, alignBytes) + alignBytes;
}

/** The 8 bytes of a header. Only the magic follows the erased state of the flash, as upstream has it. */
export function encodeHeader(magic: number, version: number, id: number, erasedByte: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (magic ^ inversion32(erasedByte)) >>> 0, true);
  bytes[4] = version;
  bytes[5] = erasedByte;
  view.setUint16(6, id, true);
  return bytes;
}

/** Reads the 8 bytes of a header. */
export function decodeHeader(bytes: Uint8Array, magic: number, erasedByte: number): SectorHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const stored = (view.getUint32(0, true) ^ inversion32(erasedByte)) >>> 0;
  if (stored === ERASED_MAGIC) return { kind: "free" };
  if (stored === magic) return { kind: "used", version: bytes[4] ?? 0, id: view.getUint16(6, true) };
  return { kind: "foreign", magic: stored };
}

function inversion32(erasedByte: number): number {
  return erasedByte === 0xff ? 0 : 0xffffffff;
}

/** The length field of an entry as it stands on the flash, without padding: one byte up to 127, else two. */
export function encodeLength(length: number, erasedByte: number): Uint8Array {
  const invert = erasedByte ^ 0xff;
  if (length < 0x80) return Uint8Array.of(length ^ invert);
  return Uint8Array.of((0x80 | (length & 0x7f)) ^ invert, (length >> 7) ^ invert);
}

/** A length field: where the data follows, and how long it is; undefined if the flash is still free. */
export interface LengthField {
  readonly length: number;
  /** 1 or 2. */
  readonly fieldBytes: number;
  /** A two-byte length whose second byte was never written: left by a power cut. */
  readonly isTorn: boolean;
}

/** From here on a two-byte length has a second byte that reads erased. */
const TORN_LENGTH = 0xff << 7;

/** Reads the two bytes at the start of an element. */
export function decodeLength(first: number, second: number, erasedByte: number): LengthField | undefined {
  if (first === erasedByte && second === erasedByte) return undefined;
  const invert = erasedByte ^ 0xff;
  const low = first ^ invert;
  if ((low & 0x80) === 0) return { length: low, fieldBytes: 1, isTorn: false };
  const length = (low & 0x7f) | ((second ^ invert) << 7);
  return { length, fieldBytes: 2, isTorn: length >= TORN_LENGTH };
}

const CRC8_TABLE = new Uint8Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value & 0x80) === 0 ? value << 1 : (value << 1) ^ 0x07;
  return value;
});

/** CRC-8, polynomial 07, start FF, not reflected: "123456789" gives FB. `previous` continues from there. */
export function crc8(bytes: Uint8Array, previous = 0xff): number {
  let crc = previous;
  for (let i = 0; i < bytes.length; i++) crc = CRC8_TABLE[crc ^ (bytes[i] ?? 0)] ?? 0;
  return crc;
}

/** The check byte of an entry: over the length field as it stands on the flash, then the data. */
export function checkByte(lengthField: Uint8Array, data: Uint8Array): number {
  return crc8(data, crc8(lengthField));
}

/** `bytes` followed by `fill` up to the alignment. */
export function padded(bytes: Uint8Array, alignBytes: number, fill: number): Uint8Array {
  const length = alignUp(bytes.length, alignBytes);
  if (length === bytes.length) return bytes;
  const all = new Uint8Array(length).fill(fill);
  all.set(bytes);
  return all;
}

/** The programs of an entry, in order: length field, data, end marker. `pieces`: the data in programs of their own. */
export function encodeEntry(
  data: Uint8Array,
  { alignBytes, hasCrc }: CircularBufferOptions,
  erasedByte: number,
  pieces: readonly Uint8Array[] = [padded(data, alignBytes, erasedByte)],
): readonly Uint8Array[] {
  const lengthField = encodeLength(data.length, erasedByte);
  const marker = hasCrc ? checkByte(lengthField, data) : FIXED_END_MARKER;
  // The padding of the marker is FF on every flash, as the original has it.
  const end = padded(Uint8Array.of(marker), alignBytes, 0xff);
  return [padded(lengthField, alignBytes, erasedByte), ...pieces, end];
}
