/**
 * Golden images that are many and alike: all images of a format in one compressed file, cut apart by the manifest beside it.
 * Unpacked they take up to 16 MB, so a set is unpacked once a test file.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { brotliDecompressSync, constants } from "node:zlib";

const FOLDER = new URL("../../golden/", import.meta.url);

/** What every case of a packed manifest has. */
export interface PackedCase {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** The cases of a set, and the image of each. */
export interface PackedSet<T extends PackedCase> {
  readonly cases: readonly T[];
  /** A copy of the image of this case. */
  image(name: string): Uint8Array;
}

/** Unpacks `test/golden/SET`; the caller says what its cases have. */
export function packedGolden<T extends PackedCase>(set: string): PackedSet<T> {
  const manifest = JSON.parse(unpacked(`${set}/manifest.json.br`).toString("utf8")) as { readonly cases: readonly T[] };
  const images = unpacked(`${set}/images.br`);
  const byName = new Map(manifest.cases.map((one) => [one.name, one]));
  return {
    cases: manifest.cases,
    image(name) {
      const found = byName.get(name);
      if (found === undefined) throw new RangeError(`no golden image ${name}`);
      return new Uint8Array(images.subarray(found.offset, found.offset + found.bytes));
    },
  };
}

function unpacked(name: string): Buffer {
  const params = { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 };
  return brotliDecompressSync(readFileSync(new URL(name, FOLDER)), { params });
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
