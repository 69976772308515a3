/** The bytes of an MCUboot trailer, at the end of a slot; see FORMAT.md. Pure. */
import { isFilledWith, sameBytes } from "../../bytes.ts";
import { u16 } from "../little-endian.ts";

/** Size of the magic at the very end, bytes. */
export const MAGIC_BYTES = 16;

const MAGIC_8 = Uint8Array.of(
  ...[0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f],
  ...[0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80],
);
/** After the size of the write block. */
const MAGIC_REST = Uint8Array.of(
  ...[0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d],
  ...[0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a],
);
/** Write blocks that are written in front of the magic. */
const WRITTEN_ALIGNS: readonly number[] = [16, 32];

/** Bytes before the end of a slot that hold all the fields that are read. */
export const MAX_TRAILER_BYTES = 5 * 32;

const SWAP_TYPES = ["none", "none", "test", "permanent", "revert"] as const;

/** What the boot loader is asked to do, or does. */
export type SwapType = (typeof SWAP_TYPES)[number];

/** A mark of one byte. */
export type Mark = "set" | "unset" | "bad";

/** The state of a slot. */
export interface Trailer {
  /** Bytes from its first field that is read to the end of the slot. */
  readonly lengthBytes: number;
  /** Largest write block of the boot loader, bytes: 8, 16 or 32. */
  readonly maxAlignBytes: number;
  readonly swapType: SwapType;
  /** Which of several images of the device it is about, from 0. */
  readonly imageNumber: number;
  readonly imageOk: Mark;
  readonly copyDone: Mark;
  /** Whether both slots hold mixtures, which only the boot loader can complete. */
  readonly isSwapping: boolean;
}

/** The largest write block of the boot loader whose magic this is; undefined if these 16 bytes are none. */
export function alignOfMagic(magic: Uint8Array): number | undefined {
  if (sameBytes(magic, MAGIC_8)) return 8;
  const align = u16(magic, 0);
  return WRITTEN_ALIGNS.includes(align) && sameBytes(magic.subarray(2), MAGIC_REST) ? align : undefined;
}

/** Reads a trailer from the last bytes of a slot, `MAX_TRAILER_BYTES` of them or more; undefined without its magic. */
export function decodeTrailer(bytes: Uint8Array, erasedByte: number): Trailer | undefined {
  const end = bytes.length;
  const maxAlignBytes = alignOfMagic(bytes.subarray(end - MAGIC_BYTES));
  if (maxAlignBytes === undefined) return undefined;
  const imageOk = end - Math.ceil((MAGIC_BYTES + maxAlignBytes) / maxAlignBytes) * maxAlignBytes;
  const [copyDone, info, size] = [1, 2, 3].map((fields) => imageOk - fields * maxAlignBytes) as [
    number,
    number,
    number,
  ];
  if (size < 0) return undefined;
  const infoByte = bytes[info] ?? erasedByte;
  const swapType = infoByte === erasedByte ? "none" : (SWAP_TYPES[infoByte & 0x0f] ?? "none");
  const copyMark = markOf(bytes[copyDone], erasedByte);
  const hasSize = !isFilledWith(bytes.subarray(size, size + 4), erasedByte);
  return {
    lengthBytes: end - size,
    maxAlignBytes,
    swapType,
    imageNumber: swapType === "none" ? 0 : infoByte >> 4,
    imageOk: markOf(bytes[imageOk], erasedByte),
    copyDone: copyMark,
    isSwapping: copyMark === "unset" && swapType !== "none" && hasSize,
  };
}

function markOf(byte: number | undefined, erasedByte: number): Mark {
  if (byte === 0x01) return "set";
  return byte === erasedByte ? "unset" : "bad";
}
