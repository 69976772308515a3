/**
 * Hashes that on-flash formats and image files contain. Written out, so that they are the same in Node.js and in a
 * browser, whose own hashes take all bytes at once and answer later.
 */
import { Md5 } from "./md5.ts";
import { Sha256 } from "./sha256.ts";
import { Sha512 } from "./sha512.ts";

/** Hashes by their usual names. */
export type HashName = "md5" | "sha256" | "sha384" | "sha512";

/** A hash in progress: `update` with the bytes in order, then `digest` once. */
export interface HashInProgress {
  /** Takes the next bytes; does not keep the array. */
  update(bytes: Uint8Array): unknown;
  /** The hash: 16, 32, 48 or 64 bytes. */
  digest(): Uint8Array;
}

/** Starts a hash. A program that has a faster one (Node.js has) may use that instead, where a function takes it. */
export type NewHash = (name: HashName) => HashInProgress;

/** Starts a hash. */
export function newHash(name: HashName): HashInProgress {
  switch (name) {
    case "md5":
      return new Md5();
    case "sha256":
      return new Sha256();
    case "sha384":
      return new Sha512(48);
    case "sha512":
      return new Sha512(64);
  }
}

/** The hash of these bytes. */
export function hashOf(name: HashName, bytes: Uint8Array): Uint8Array {
  const hash = newHash(name);
  hash.update(bytes);
  return hash.digest();
}
