/** Base64 of RFC 4648, with padding: how bytes stand in the JSON of a journal. The same in Node.js and in a browser. */

const DIGITS = Uint8Array.from(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  (character) => character.codePointAt(0) ?? 0,
);
const VALUES = Uint8Array.from({ length: 256 }, (_, code) => (DIGITS.includes(code) ? DIGITS.indexOf(code) : 0xff));
const PAD = 0x3d;

/** The text of these bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let at = 0, to = 0; at < bytes.length; at += 3, to += 4) {
    const three = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text[to] = DIGITS[three >>> 18] ?? 0;
    text[to + 1] = DIGITS[(three >>> 12) & 63] ?? 0;
    text[to + 2] = at + 1 < bytes.length ? (DIGITS[(three >>> 6) & 63] ?? 0) : PAD;
    text[to + 3] = at + 2 < bytes.length ? (DIGITS[three & 63] ?? 0) : PAD;
  }
  return new TextDecoder().decode(text);
}

/** The bytes of a text that `encodeBase64` could have made; undefined for any other, also if only unused bits differ. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  if (text.length % 4 !== 0) return undefined;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let held = 0;
  for (let at = 0, to = 0; at < digits; at++) {
    const code = text.charCodeAt(at);
    const value = code < VALUES.length ? (VALUES[code] ?? 0xff) : 0xff;
    if (value === 0xff) return undefined;
    held = ((held << 6) | value) & 0xffffff;
    // Four digits hold three bytes: every digit but the first of the four completes one.
    if (at % 4 !== 0) bytes[to++] = held >>> (6 - 2 * (at % 4));
  }
  const unused = padding === 0 ? 0 : held & (padding === 1 ? 3 : 15);
  return unused === 0 ? bytes : undefined;
}
