/**
 * The hashes of Node.js, several times as fast as those of `hashes/`: for rooms that run in Node.js alone. Its crypto is
 * loaded when the first hash is made.
 */
import type { HashInProgress, HashName } from "./hashes/hashes.ts";

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
