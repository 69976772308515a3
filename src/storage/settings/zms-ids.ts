/**
 * The keys of Zephyr settings on ZMS, and the nodes of their list. Pure. Source: zephyr
 * `subsys/settings/src/settings_zms.c` 057c1d65, `settings_zms.h` 06758ff2, `lib/hash/hash_func32_murmur3.c` 0dde32b3;
 * FORMAT.md.
 */

/** Key of the list head; all keys of settings have this bit. */
export const LIST_HEAD = 0x80000000;
const NODE_BIT = 1;
const VALUE_BIT = 0x40000000;
/** Bits 1 to 29 of a key: collision number below, hash above. */
const HASH_BITS = 0x3ffffffe;
/** Bits of the collision number in Zephyr's default configuration. */
export const DEFAULT_COLLISION_BITS = 4;
/** Most bits that Zephyr's configuration takes. */
export const MAX_COLLISION_BITS = 8;

/** A node of the list. `previous` and `next` are keys of nodes; 0: none. */
export interface ListNode {
  readonly previous: number;
  readonly next: number;
}

/** Reads a node; undefined if it has another length. */
export function decodeNode(bytes: Uint8Array): ListNode | undefined {
  if (bytes.length !== 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return { previous: view.getUint32(0, true), next: view.getUint32(4, true) };
}

/** The bytes of a node. */
export function encodeNode({ previous, next }: ListNode): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, previous, true);
  view.setUint32(4, next, true);
  return bytes;
}

/** The key of a name. */
export function nameKey(hash: number, collision: number, collisionBits: number): number {
  const numberBits = ((1 << collisionBits) - 1) << 1;
  return (LIST_HEAD | (hash & HASH_BITS & ~numberBits) | (collision << 1)) >>> 0;
}

/** The key of the value of a name. */
export function valueKey(key: number): number {
  return (key | VALUE_BIT) >>> 0;
}

/** The key of the list node of a name. */
export function nodeKey(key: number): number {
  return (key | NODE_BIT) >>> 0;
}

/** The key of the name of a list node. */
export function nameOfNode(node: number): number {
  return (node & ~NODE_BIT) >>> 0;
}

/** Whether a key is that of a name: neither head, node nor value. */
export function isNameKey(key: number): boolean {
  return key > LIST_HEAD && (key & (NODE_BIT | VALUE_BIT)) === 0;
}

/** The collision number of a name or node. */
export function collisionOf(key: number, collisionBits: number): number {
  return (key >>> 1) & ((1 << collisionBits) - 1);
}

/**
 * Bits of the collision number that the keys of these names were made with: the default if it fits all, else the fewest that do;
 * undefined if none does, because the device uses another hash.
 */
export function collisionBitsOf(names: Iterable<readonly [key: number, name: Uint8Array]>): number | undefined {
  const all = [...names].map(([key, name]) => ({ key, hash: murmur3(name) }));
  const fits = (bits: number): boolean =>
    all.every(({ key, hash }) => nameKey(hash, collisionOf(key, bits), bits) === key);
  if (fits(DEFAULT_COLLISION_BITS)) return DEFAULT_COLLISION_BITS;
  return Array.from({ length: MAX_COLLISION_BITS + 1 }, (_, bits) => bits).find(fits);
}

/**
 * Zephyr's MurmurHash3 (32 bit, seed 0). It puts the last one to three bytes together in the other order than the
 * published function: "abc" gives 63613144.
 */
export function murmur3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let hash = 0;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) {
    hash ^= scrambled(view.getUint32(at, true));
    hash = Math.imul(rotated(hash, 13), 5) + 0xe6546b64;
  }
  let rest = 0;
  // Bytes are signed on the usual targets.
  for (let at = whole; at < bytes.length; at++) rest = (rest << 8) | view.getInt8(at);
  if (whole < bytes.length) hash ^= scrambled(rest);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled(word: number): number {
  return Math.imul(rotated(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
