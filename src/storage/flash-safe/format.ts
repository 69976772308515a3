/** Bytes of a Flash Safe, layout version 1, both ways. Pure. FORMAT.md has the byte map, vectors.json the numbers. */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { isTornFrom } from "../torn.ts";
import { concatBytes } from "../../bytes.ts";

export const HEADER_BYTES = 32;
export const LAYOUT_VERSION = 1;
/** Highest key; the one above is what erased flash reads. */
export const LAST_KEY = 0xfffffffe;
const MAGIC = 0x5346_424e;
const ITEM_ALIGN_BYTES = 4;
export const ITEM_HEADER_BYTES = 8;
const ERASED = 0xff;

/** What stands at both ends of a committed block. */
export interface BlockHeader {
  readonly segmentCount: number;
  readonly bufferBytes: number;
  /** Number of the commit, modulo 2^32. */
  readonly sequence: number;
  readonly itemCount: number;
  readonly dataBytes: number;
  readonly dataCrc: number;
}

export type DecodedHeader =
  | ({ readonly kind: "header"; readonly place: "start" | "end" } & BlockHeader)
  /** A sound header of a layout that is not known here. */
  | { readonly kind: "other-version"; readonly version: number }
  | { readonly kind: "none" };

/** The 32 bytes of a header. */
export function encodeHeader(header: BlockHeader, place: "start" | "end"): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  bytes[4] = LAYOUT_VERSION;
  bytes[5] = place === "start" ? 0 : 1;
  view.setUint16(6, header.segmentCount, true);
  view.setUint32(8, header.bufferBytes, true);
  view.setUint32(12, header.sequence, true);
  view.setUint32(16, header.itemCount, true);
  view.setUint32(20, header.dataBytes, true);
  view.setUint32(24, header.dataCrc, true);
  view.setUint32(28, crc32(bytes.subarray(0, 28)), true);
  return bytes;
}

/** Reads 32 bytes. */
export function decodeHeader(bytes: Uint8Array): DecodedHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const isSound = view.getUint32(0, true) === MAGIC && view.getUint32(28, true) === crc32(bytes.subarray(0, 28));
  const version = bytes[4] ?? 0;
  const place = bytes[5];
  if (isSound && version !== LAYOUT_VERSION) return { kind: "other-version", version };
  if (!isSound || (place !== 0 && place !== 1)) return { kind: "none" };
  return {
    kind: "header",
    place: place === 0 ? "start" : "end",
    segmentCount: view.getUint16(6, true),
    bufferBytes: view.getUint32(8, true),
    sequence: view.getUint32(12, true),
    itemCount: view.getUint32(16, true),
    dataBytes: view.getUint32(20, true),
    dataCrc: view.getUint32(24, true),
  };
}

/** Whether two headers of a block say the same. */
export function areAlike(a: BlockHeader, b: BlockHeader): boolean {
  return (
    a.segmentCount === b.segmentCount &&
    a.bufferBytes === b.bufferBytes &&
    a.sequence === b.sequence &&
    a.itemCount === b.itemCount &&
    a.dataBytes === b.dataBytes &&
    a.dataCrc === b.dataCrc
  );
}

/** Whether `a` was committed after `b`: serial numbers modulo 2^32. */
export function isNewer(a: number, b: number): boolean {
  const distance = (a - b) >>> 0;
  return distance !== 0 && distance < 0x8000_0000;
}

/** Whether the bytes begin with a header, or with as much of one as a power cut leaves: nothing, or a part of its magic. */
export function isMagicBegun(bytes: Uint8Array): boolean {
  const magic = new Uint8Array(4);
  new DataView(magic.buffer).setUint32(0, MAGIC, true);
  return isTornFrom(bytes, magic, ERASED);
}

/** Bytes of each item from the start of `data` on, up to what is none. */
export function itemLengths(data: Uint8Array): readonly number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const lengths: number[] = [];
  for (let at = 0; at + ITEM_HEADER_BYTES <= data.length; ) {
    const length = itemBytes(view.getUint32(at + 4, true));
    if (view.getUint32(at, true) > LAST_KEY || at + length > data.length) break;
    lengths.push(length);
    at += length;
  }
  return lengths;
}

/** An item as it stands in the data of a block, padded. */
export function encodeItem(key: number, data: Uint8Array): Uint8Array {
  const head = new Uint8Array(ITEM_HEADER_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(0, key, true);
  view.setUint32(4, data.length, true);
  const pad = new Uint8Array(itemBytes(data.length) - ITEM_HEADER_BYTES - data.length).fill(ERASED);
  return concatBytes([head, data, pad]);
}

/** Bytes that an item takes. */
export function itemBytes(dataLength: number): number {
  return Math.ceil((ITEM_HEADER_BYTES + dataLength) / ITEM_ALIGN_BYTES) * ITEM_ALIGN_BYTES;
}

/** Items of the data of a committed block, by key; undefined if they do not add up. The arrays are copies. */
export function decodeItems(data: Uint8Array, itemCount: number): ReadonlyMap<number, Uint8Array> | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const items = new Map<number, Uint8Array>();
  let at = 0;
  while (at < data.length) {
    if (at + ITEM_HEADER_BYTES > data.length) return undefined;
    const key = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    const next = at + itemBytes(length);
    if (next > data.length || key > LAST_KEY || items.has(key)) return undefined;
    items.set(key, data.slice(at + ITEM_HEADER_BYTES, at + ITEM_HEADER_BYTES + length));
    at = next;
  }
  return items.size === itemCount ? items : undefined;
}
