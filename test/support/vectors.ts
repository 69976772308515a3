/** The protocol's worked examples, read as a C codec's test would read them. */
import { readFileSync } from "node:fs";
import type { Frame } from "../../firmware-protocol/frame.ts";
import type { Hello, Welcome } from "../../firmware-protocol/hello.ts";
import type { encodeSetting } from "../../firmware-protocol/record.ts";
import type { LinkStatus } from "../../firmware-protocol/status.ts";

type Setting = Parameters<typeof encodeSetting>[0];

interface Filled {
  readonly fill?: { readonly value: number; readonly count: number };
}

export interface Vectors {
  readonly crc32: readonly (Filled & { readonly bytes?: string; readonly crc32: string })[];
  readonly blockCheck: readonly (Filled & { readonly bytes?: string; readonly blockCheck: string })[];
  readonly varint: readonly { readonly value: number; readonly bytes: string }[];
  readonly varintInvalid: readonly string[];
  readonly runLength: readonly (Filled & { readonly decoded?: string; readonly coded: string })[];
  readonly runLengthInvalid: readonly { readonly length: number; readonly coded: string }[];
  readonly frames: readonly (Omit<Frame, "payload"> & {
    readonly name: string;
    readonly payload: string;
    readonly bytes: string;
  })[];
  readonly hello: Hello & { readonly bytes: string };
  readonly welcome: Welcome & { readonly payload: string };
  readonly status: readonly (LinkStatus & { readonly payload: string })[];
  readonly steps: readonly { readonly kind: string; readonly bytes: string; readonly send?: string }[];
  readonly settings: readonly (Setting & { readonly bytes: string })[];
  readonly slots: readonly { readonly name: string; readonly bytes: string; readonly slot: number }[];
  readonly invalidRecords: readonly string[];
  readonly results: readonly { readonly kind: string; readonly bytes: string; readonly received?: string }[];
}

// Our own file, held to this shape by the tests that read it.
export const vectors = JSON.parse(
  readFileSync(new URL("../../firmware-protocol/vectors.json", import.meta.url), "utf8"),
) as Vectors;

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

/** Bytes given as hex, or as a fill. */
export function bytesOf(vector: Filled, text: string | undefined): Uint8Array {
  if (vector.fill !== undefined) return new Uint8Array(vector.fill.count).fill(vector.fill.value);
  return unhex(text ?? "");
}
