/** The hashes that run everywhere, against those of Node.js. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/sim/random.ts";
import { type HashName, hashOf, newHash } from "../../src/hashes/hashes.ts";

const NAMES: readonly HashName[] = ["md5", "sha256", "sha384", "sha512"];

/** Lengths around each border: of a block, and of the room for the length in the last one. */
const LENGTHS = [0, 1, 3, 55, 56, 57, 63, 64, 65, 111, 112, 113, 119, 120, 127, 128, 129, 255, 256, 1000];

function randomBytes(lengthBytes: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length: lengthBytes }, () => random.nextUint32() & 0xff);
}

describe("hashes", () => {
  it.each(NAMES)("%s equals that of Node.js, for every length around a border", (name) => {
    for (const lengthBytes of LENGTHS) {
      const bytes = randomBytes(lengthBytes, lengthBytes);
      expect([...hashOf(name, bytes)], `${lengthBytes} bytes`).toEqual([...createHash(name).update(bytes).digest()]);
    }
  });

  it.each(NAMES)("%s is the same in pieces of any length, and keeps no array", (name) => {
    const bytes = randomBytes(3000, 7);
    const random = createRandom(8);
    const hash = newHash(name);
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.slice(at, at + (random.nextUint32() % 200));
      hash.update(piece);
      at += piece.length;
      piece.fill(0);
    }
    expect([...hash.digest()]).toEqual([...createHash(name).update(bytes).digest()]);
  });

  it("reads bytes that are a part of a larger array", () => {
    const bytes = randomBytes(500, 9);
    expect([...hashOf("sha256", bytes.subarray(3, 401))]).toEqual([
      ...createHash("sha256").update(bytes.subarray(3, 401)).digest(),
    ]);
  });
});
