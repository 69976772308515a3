/** The protocol's worked examples, read as a C codec's test would read them. */
import { readFileSync } from "node:fs";

export const vectors = JSON.parse(
  readFileSync(new URL("../../firmware-protocol/vectors.json", import.meta.url), "utf8"),
);

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

/** Bytes given as hex under `name`, or as a fill. */
export function bytesOf(vector: Record<string, unknown>, name: string): Uint8Array {
  const fill = vector["fill"];
  if (fill !== undefined) {
    const { value, count } = fill as { value: number; count: number };
    return new Uint8Array(count).fill(value);
  }
  return unhex(vector[name] as string);
}
