/** Images and manifests that were made by running the original code, copied into test/golden. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const FOLDER = new URL("../../golden/", import.meta.url);

/** Path of a golden file, for commands that open it. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(name, FOLDER));
}

/** Bytes of a golden file; `.gz` is unpacked. */
export function goldenBytes(name: string): Uint8Array {
  const bytes = readFileSync(new URL(name, FOLDER));
  return new Uint8Array(name.endsWith(".gz") ? gunzipSync(bytes) : bytes);
}

/** A manifest; its reader says of what type. */
export function goldenJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
}

/** The data that the makers of the images used: byte i of a seed. */
export function patternOf(seed: number, length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (seed * 31 + i * 7 + (i >> 8) * 13) & 255);
}

/** A manifest that is packed. */
export function goldenPackedJson(name: string): unknown {
  return JSON.parse(new TextDecoder().decode(goldenBytes(name)));
}
