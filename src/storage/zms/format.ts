/**
 * Zephyr ZMS, byte for byte: geometry, allocation table entries (ATEs) and their markers. Pure. Sources and the whole
 * layout: FORMAT.md.
 */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { crc8 } from "../circular-buffer/format.ts";

/** What a device decided when it was built. Nothing of it but the sector size and the key size can be read from the flash. */
export interface ZmsOptions {
  /** Size of a sector, bytes: a multiple of the erase block, at least five ATEs. */
  readonly sectorBytes: number;
  /** Write block, bytes: 1, 2, 4, 8, 16 or 32. */
  readonly alignBytes: number;
  /** Whether ATEs of data outside of them have its CRC-32 (ZMS_DATA_CRC). */
  readonly hasDataCrc: boolean;
  /** Size of keys: 32, or 64 (ZMS_ID_64BIT). */
  readonly keyBits: 32 | 64;
}

/** A key as it is compared: a bigint only where a number is not exact. */
export type ZmsKey = number | bigint;

/** An ATE is programmed in whole write blocks; this is its content. */
export const ATE_BYTES = 16;
/** Bytes 12 to 14 of each header: version 1, magic, 00 or 01 for the size of keys. */
export const HEADER_VERSION = 1;
export const HEADER_MAGIC = 0x42;
const HEADER_LENGTH = 0xffff;
const WORD = 2 ** 32;
const NO_WORD = 0xffffffff;

/** Lengths that follow from the options. */
export interface Geometry extends ZmsOptions {
  /** Distance of ATEs, bytes: 16, or 32 for write blocks of 32. */
  readonly ateBytes: number;
  /** Longest data that stands in the ATE itself. */
  readonly inlineBytes: number;
  /** Longest data of an item. */
  readonly maxDataBytes: number;
  readonly erasedByte: number;
  /** Offset of the header in the sector; that of the close ATE; that of the first ATE. */
  readonly headerAt: number;
  readonly closeAt: number;
  readonly firstAt: number;
}

/** The geometry of options that were checked. */
export function geometryOf(options: ZmsOptions, erasedByte: number): Geometry {
  const { sectorBytes, alignBytes, keyBits } = options;
  const ateBytes = roundUp(ATE_BYTES, alignBytes);
  return {
    ...options,
    erasedByte,
    ateBytes,
    inlineBytes: keyBits === 64 ? 4 : 8,
    maxDataBytes: Math.min(sectorBytes - 5 * ateBytes, 0xffff),
    headerAt: sectorBytes - ateBytes,
    closeAt: sectorBytes - 2 * ateBytes,
    firstAt: sectorBytes - 3 * ateBytes,
  };
}

/** `bytes` rounded up to whole write blocks. */
export function roundUp(bytes: number, alignBytes: number): number {
  return Math.ceil(bytes / alignBytes) * alignBytes;
}

/** The key of headers and marks. Devices take it for items as well, and then mistake their deletes. */
export function markerKey({ keyBits }: Pick<ZmsOptions, "keyBits">): ZmsKey {
  return keyBits === 64 ? 2n ** 64n - 1n : NO_WORD;
}

/** An ATE with a right CRC-8, whatever its cycle. */
export type Ate =
  | {
      readonly kind: "header";
      readonly cycle: number;
      readonly fullCycles: number;
      readonly keyBits: 32 | 64;
      readonly version: number;
    }
  /** Close ATE or gc-done ATE, depending on its place. `target`: the last ATE of the sector, or its data end. */
  | { readonly kind: "marker"; readonly cycle: number; readonly target: number }
  | ItemAte;

/** An ATE of an item; of a deleted one if `length` is 0. */
export interface ItemAte {
  readonly kind: "item";
  readonly cycle: number;
  readonly key: ZmsKey;
  readonly length: number;
  /** The data, if it stands in the ATE. */
  readonly inline?: Uint8Array | undefined;
  /** Else its offset in the sector, and the field of its CRC-32 (32-bit keys only). */
  readonly dataAt?: number | undefined;
  readonly dataCrc?: number | undefined;
}

/** Reads an ATE; undefined if its CRC is wrong. */
export function decodeAte(bytes: Uint8Array, keyBits: 32 | 64): Ate | undefined {
  if (bytes.length < ATE_BYTES || crc8(bytes.subarray(1, ATE_BYTES)) !== bytes[0]) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, ATE_BYTES);
  const cycle = view.getUint8(1);
  const length = view.getUint16(2, true);
  const low = view.getUint32(4, true);
  const high = keyBits === 64 ? view.getUint32(8, true) : NO_WORD;
  if (low === NO_WORD && high === NO_WORD) {
    if (length === HEADER_LENGTH) return decodeHeader(view, cycle, keyBits);
    if (length === 0) return { kind: "marker", cycle, target: view.getUint32(keyBits === 64 ? 12 : 8, true) };
  }
  const key = keyBits === 64 ? keyOf(low, high) : low;
  const item = { kind: "item", cycle, key, length } as const;
  const fieldsAt = keyBits === 64 ? 12 : 8;
  if (length <= ATE_BYTES - fieldsAt) return { ...item, inline: bytes.slice(fieldsAt, fieldsAt + length) };
  const dataAt = view.getUint32(fieldsAt, true);
  return keyBits === 64 ? { ...item, dataAt } : { ...item, dataAt, dataCrc: view.getUint32(12, true) };
}

/**
 * Whether an item with a right CRC-8 can only be the start of one whose programming was cut, so that the CRC is right
 * by chance: it ends with an erased byte where a complete one has 00.
 */
export function isCutShort(bytes: Uint8Array, { inline }: ItemAte, { keyBits, erasedByte }: Geometry): boolean {
  if (inline === undefined || bytes[ATE_BYTES - 1] !== erasedByte) return false;
  const padding = bytes.subarray((keyBits === 64 ? 12 : 8) + inline.length, ATE_BYTES);
  return padding.some((byte) => byte !== 0);
}

function decodeHeader(view: DataView, cycle: number, keyBits: 32 | 64): Ate | undefined {
  if (view.getUint8(13) !== HEADER_MAGIC) return undefined;
  const format = view.getUint8(14) & 0x0f;
  if (format !== (keyBits === 64 ? 1 : 0)) return undefined;
  // Devices before 2026 leave the count at 0: then it is what the cycle reports.
  const fullCycles = (keyBits === 64 ? 0 : view.getUint32(8, true)) || cycle;
  return { kind: "header", cycle, fullCycles, keyBits, version: view.getUint8(12) };
}

function keyOf(low: number, high: number): ZmsKey {
  return high < 2 ** 21 ? high * WORD + low : (BigInt(high) << 32n) | BigInt(low);
}

/** The header (empty ATE) of an erased sector. */
export function encodeHeader(geometry: Geometry, cycle: number, fullCycles: number): Uint8Array {
  const isLong = geometry.keyBits === 64;
  return encode(geometry, cycle, HEADER_LENGTH, (view) => {
    view.setUint32(4, NO_WORD, true);
    view.setUint32(8, isLong ? NO_WORD : fullCycles, true);
    view.setUint32(12, HEADER_VERSION | (HEADER_MAGIC << 8) | (isLong ? 1 << 16 : 0), true);
  });
}

/** A close ATE (`target`: offset of the last ATE of the sector) or a gc-done ATE (`target`: the data end). */
export function encodeMarker(geometry: Geometry, cycle: number, target: number): Uint8Array {
  return encode(geometry, cycle, 0, (view) => {
    for (const at of [4, 8, 12]) view.setUint32(at, NO_WORD, true);
    view.setUint32(geometry.keyBits === 64 ? 12 : 8, target, true);
  });
}

/** The ATE of an item, or of a deleted one (no data). `dataAt` counts for data that does not fit the ATE. */
export function encodeItem(
  geometry: Geometry,
  cycle: number,
  key: ZmsKey,
  data: Uint8Array,
  dataAt: number,
): Uint8Array {
  const isOutside = data.length > geometry.inlineBytes;
  const dataCrc = isOutside && geometry.hasDataCrc ? crc32(data) : 0;
  const item = isOutside ? { dataAt, dataCrc } : { inline: data };
  return encodeItemAte(geometry, { kind: "item", cycle, key, length: data.length, ...item });
}

/** An ATE as `decodeAte` gave it, or changed. */
export function encodeItemAte(geometry: Geometry, ate: ItemAte): Uint8Array {
  const isLong = geometry.keyBits === 64;
  return encode(geometry, ate.cycle, ate.length, (view, bytes) => {
    if (isLong) view.setBigUint64(4, BigInt(ate.key), true);
    else view.setUint32(4, Number(ate.key), true);
    const at = isLong ? 12 : 8;
    if (ate.inline !== undefined) {
      bytes.set(ate.inline, at);
      return;
    }
    view.setUint32(at, ate.dataAt ?? 0, true);
    if (!isLong) view.setUint32(12, ate.dataCrc ?? 0, true);
  });
}

function encode(
  { ateBytes, erasedByte }: Geometry,
  cycle: number,
  length: number,
  fill: (view: DataView, bytes: Uint8Array) => void,
): Uint8Array {
  const bytes = new Uint8Array(ateBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(1, cycle);
  view.setUint16(2, length, true);
  fill(view, bytes);
  bytes.fill(erasedByte, ATE_BYTES);
  bytes[0] = crc8(bytes.subarray(1, ATE_BYTES));
  return bytes;
}

/** The programs of a piece of data: its whole write blocks, then the rest, padded. */
export function dataPieces(data: Uint8Array, { alignBytes, erasedByte }: Geometry): readonly Uint8Array[] {
  const whole = data.length - (data.length % alignBytes);
  const pieces = whole === 0 ? [] : [data.subarray(0, whole)];
  if (whole === data.length) return pieces;
  const rest = new Uint8Array(alignBytes).fill(erasedByte);
  rest.set(data.subarray(whole));
  return [...pieces, rest];
}

/** Devices copy data through a buffer of this size, which decides how they cut their programs. */
const COPY_BYTES = 32;

/** The programs of data that is copied by a collection. */
export function copiedPieces(data: Uint8Array, geometry: Geometry): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += COPY_BYTES) {
    pieces.push(...dataPieces(data.subarray(at, at + COPY_BYTES), geometry));
  }
  return pieces;
}
