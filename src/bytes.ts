/**
 * Small words about bytes that every room uses: sizes as people type them, hex, ranges in print, and the one door
 * through which foreign bytes pass before a person sees them.
 */
import type { ByteRange } from "../drivers/geometry.ts";

const SIZE = /^(?:0x([0-9a-f]{1,13})|(0|[1-9][0-9]{0,14})(?: ?(?:([kmg])(?:i?b)?|bytes?))?)$/i;
const SIZE_FACTOR: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * Reads `4096`, `0x1000`, `64k`, `2M`, `1G`, and what `formatSize` prints: `512 KiB`, `100 bytes`. `k`, `kB` and `KiB` are
 * all 1024 bytes, as flash chips count. Returns undefined for anything else, also for what exceeds 2^53.
 */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (match === null) return undefined;
  const [, hex, decimal, suffix] = match;
  const factor = suffix === undefined ? 1 : (SIZE_FACTOR[suffix.toLowerCase()] ?? 1);
  const value = hex === undefined ? Number(decimal) * factor : Number.parseInt(hex, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** `512 KiB`, `4 MiB`, `528 KiB`, `100 bytes`: exact, for people. */
export function formatSize(bytes: number): string {
  if (bytes === 1) return "1 byte";
  for (const [unit, factor] of [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor} ${unit}`;
  }
  return `${bytes} bytes`;
}

/** `0x001000`: at least six digits, so that columns line up. */
export function formatAddress(address: number): string {
  return `0x${address.toString(16).padStart(6, "0")}`;
}

/** `0x001000..0x001fff (4 KiB)`; an empty range says so. */
export function formatRange(range: ByteRange): string {
  if (range.lengthBytes === 0) return `${formatAddress(range.address)} (empty)`;
  const last = range.address + range.lengthBytes - 1;
  return `${formatAddress(range.address)}..${formatAddress(last)} (${formatSize(range.lengthBytes)})`;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hex without separators. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i] ?? 0] ?? "";
  return text;
}

/** Reads hex without separators; undefined for an odd digit or a foreign character. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

// C0, DEL, C1, soft hyphen, zero width, line and paragraph separators, bidi controls, byte order mark, surrogates.
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\uffff]/gu;

/**
 * Makes text from outside (chip, bridge, file name, argument) safe for a terminal: whatever could move the cursor,
 * colour, hide or reorder text becomes `\xNN` or `\u{...}`. Printable Unicode stays.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** Bytes as printable ASCII, everything else as `\xNN`; at most `limitBytes` are shown. */
export function printableBytes(bytes: Uint8Array, limitBytes = 64): string {
  let text = "";
  for (const byte of bytes.subarray(0, limitBytes)) {
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return bytes.length > limitBytes ? `${text}... (${bytes.length} bytes)` : text;
}

/** Whether every byte equals `value`. */
export function isFilledWith(bytes: Uint8Array, value: number): boolean {
  // A loop: a call for each byte takes several times as long.
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== value) return false;
  return true;
}

/** Whether two byte arrays hold the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // Four bytes at a time where both lie alike in memory: several times as fast as byte after byte.
  const ahead = Math.min(-a.byteOffset & 3, a.length);
  const words = ((a.byteOffset ^ b.byteOffset) & 3) === 0 ? (a.length - ahead) >>> 2 : 0;
  const first = words === 0 ? a.length : ahead;
  if (!sameUpTo(a, b, 0, first)) return false;
  if (words === 0) return true;
  const left = new Uint32Array(a.buffer, a.byteOffset + ahead, words);
  const right = new Uint32Array(b.buffer, b.byteOffset + ahead, words);
  for (let i = 0; i < words; i++) if (left[i] !== right[i]) return false;
  return sameUpTo(a, b, ahead + 4 * words, a.length);
}

function sameUpTo(a: Uint8Array, b: Uint8Array, from: number, end: number): boolean {
  for (let i = from; i < end; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Order of two byte arrays: below 0, 0 or above 0, by the first byte that differs, then by length. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Where `wanted` (at least one byte) is found first in `bytes`, from the place `from` on; -1 if nowhere. */
export function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array, from = 0): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (sameBytes(bytes.subarray(at, at + wanted.length), wanted)) return at;
  }
  return -1;
}

/** One character a byte, U+0000 to U+00FF. (`TextDecoder("latin1")` is another coding: windows-1252.) */
export function latin1Text(bytes: Uint8Array): string {
  let text = "";
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += LATIN1_PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + LATIN1_PIECE));
  }
  return text;
}

const LATIN1_PIECE = 4096;

/** One array of several. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
