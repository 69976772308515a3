/**
 * Hashes that on-flash formats contain. The only place of the engine that uses Node's crypto; loaded when the first
 * hash is made.
 */

/** Hashes by Node's names. */
export type HashName = "md5" | "sha256" | "sha384" | "sha512";

/** A hash in progress: `update` with the bytes in order, then `digest` once. */
export interface HashInProgress {
  /** Takes the next bytes; does not keep the array. */
  update(bytes: Uint8Array): unknown;
  /** The hash: 16, 32, 48 or 64 bytes. */
  digest(): Uint8Array;
}

/** Starts a hash. */
export function newHash(name: HashName): HashInProgress {
  return process.getBuiltinModule("node:crypto").createHash(name);
}

/** The hash of these bytes. */
export function hashOf(name: HashName, bytes: Uint8Array): Uint8Array {
  const hash = newHash(name);
  hash.update(bytes);
  return hash.digest();
}
