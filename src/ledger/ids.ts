/** UUIDs of version 7 (RFC 9562): the time in front, so that they sort by it, and 74 bits of chance. */

/** Time and chance of a machine; a test has its own. */
export interface IdSource {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** 32 random bits. */
  random(): number;
}

/** A new UUID. */
export function newId(source: IdSource): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0").slice(-digits);
  const time = hex(Math.max(0, source.nowMs()), 12);
  const [a, b, c] = [source.random(), source.random(), source.random()];
  const variant = hex(0x8000 | (b & 0x3fff), 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(a & 0xfff, 3)}-${variant}-${hex(c, 8)}${hex(a >>> 12, 4)}`;
}
