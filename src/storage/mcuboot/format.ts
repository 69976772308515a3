/** The bytes of an MCUboot image: header and TLVs; see FORMAT.md. Pure. */
import { u16, u32 } from "../little-endian.ts";

/** First bytes of an image. */
export const IMAGE_MAGIC = 0x96f3b83d;
/** Least size of a header, bytes. */
export const MIN_HEADER_BYTES = 32;
/** Largest TLV area, bytes: its length is a u16. */
export const MAX_TLV_BYTES = 0xffff;

const INFO_BYTES = 4;
const INFO_MAGIC = 0x6907;
const PROTECTED_INFO_MAGIC = 0x6908;

const FLAG_ENCRYPTED = 0x04 | 0x08;
const FLAG_NOT_BOOTABLE = 0x10;
const FLAG_HAS_ADDRESS = 0x20 | 0x100;

/** What the header of an image contains. */
export interface ImageHeader {
  /** Bytes before the body. */
  readonly headerBytes: number;
  /** Bytes of the protected TLV area after the body. */
  readonly protectedBytes: number;
  /** Bytes of the body. */
  readonly imageBytes: number;
  /** "1.2.3+4": major, minor, revision, build. */
  readonly version: string;
  /** Whether the image is, or was before a swap, encrypted. */
  readonly isEncrypted: boolean;
  /** Whether the boot loader may start it. */
  readonly isBootable: boolean;
  /** Where it runs, if the header says so. */
  readonly loadAddress: number | undefined;
}

/** A type, a length and a value. */
export interface Tlv {
  /** 0x10 is SHA-256. */
  readonly type: number;
  readonly value: Uint8Array;
}

/** Reads the first 32 bytes of an image; undefined if they are not a header. */
export function decodeHeader(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < MIN_HEADER_BYTES || u32(bytes, 0) !== IMAGE_MAGIC || u32(bytes, 28) !== 0) return undefined;
  const [headerBytes, imageBytes, flags] = [u16(bytes, 8), u32(bytes, 12), u32(bytes, 16)];
  if (headerBytes < MIN_HEADER_BYTES || imageBytes === 0) return undefined;
  return {
    headerBytes,
    protectedBytes: u16(bytes, 10),
    imageBytes,
    version: `${bytes[20] ?? 0}.${bytes[21] ?? 0}.${u16(bytes, 22)}+${u32(bytes, 24)}`,
    isEncrypted: (flags & FLAG_ENCRYPTED) !== 0,
    isBootable: (flags & FLAG_NOT_BOOTABLE) === 0,
    loadAddress: (flags & FLAG_HAS_ADDRESS) === 0 ? undefined : u32(bytes, 4),
  };
}

/** Bytes that the hash covers: header, body and protected TLVs. */
export function hashedBytes({ headerBytes, imageBytes, protectedBytes }: ImageHeader): number {
  return headerBytes + imageBytes + protectedBytes;
}

/** The two TLV areas after a body. */
export interface TlvAreas {
  /** All TLVs, the protected ones first. */
  readonly tlvs: readonly Tlv[];
  /** Bytes of both areas. */
  readonly lengthBytes: number;
}

/** Reads the TLVs in the bytes after the body, of which `protectedBytes` are protected; undefined if they do not fit together. */
export function decodeTlvs(bytes: Uint8Array, protectedBytes: number): TlvAreas | undefined {
  const guarded = protectedBytes === 0 ? [] : areaAt(bytes, 0, PROTECTED_INFO_MAGIC);
  if (guarded === undefined || (protectedBytes > 0 && u16(bytes, 2) !== protectedBytes)) return undefined;
  const rest = areaAt(bytes, protectedBytes, INFO_MAGIC);
  if (rest === undefined) return undefined;
  return { tlvs: [...guarded, ...rest], lengthBytes: protectedBytes + u16(bytes, protectedBytes + 2) };
}

function areaAt(bytes: Uint8Array, start: number, magic: number): readonly Tlv[] | undefined {
  const end = start + u16(bytes, start + 2);
  if (u16(bytes, start) !== magic || end < start + INFO_BYTES || end > bytes.length) return undefined;
  const tlvs: Tlv[] = [];
  let at = start + INFO_BYTES;
  while (at + INFO_BYTES <= end) {
    const next = at + INFO_BYTES + u16(bytes, at + 2);
    if (next > end) return undefined;
    tlvs.push({ type: u16(bytes, at), value: bytes.subarray(at + INFO_BYTES, next) });
    at = next;
  }
  return at === end ? tlvs : undefined;
}
