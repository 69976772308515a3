/** Progress as the text of a file on the host: JSON, checked when it is read. Pure. */
import { advice } from "../../advice.ts";
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { SavedProgress } from "./progress-store.ts";

const KIND = "norbridge stream progress";

/** The text of a progress file. */
export function encodeProgress(progress: SavedProgress): string {
  return `${JSON.stringify({ kind: KIND, version: 1, ...progress }, undefined, 2)}\n`;
}

/** Reads it. Throws FILE_INVALID; `name` is the file's. */
export function decodeProgress(text: string, name: string): SavedProgress {
  const fields = objectOf(parse(text, name), name);
  if (fields.get("kind") !== KIND || fields.get("version") !== 1)
    throw invalid(name, "it is not the progress of a stream");
  const bytesWritten = countOf(fields.get("bytesWritten"), name, "bytesWritten");
  const image = fields.get("image");
  if (image === undefined) return { bytesWritten };
  const parts = objectOf(image, name);
  const sha256 = parts.get("sha256");
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256))
    throw invalid(name, "image.sha256 is not a SHA-256 hash");
  return { bytesWritten, image: { lengthBytes: countOf(parts.get("lengthBytes"), name, "image.lengthBytes"), sha256 } };
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(name, "it is not JSON");
  }
}

function objectOf(value: unknown, name: string): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null) throw invalid(name, "it is not the progress of a stream");
  return new Map(Object.entries(value));
}

function countOf(value: unknown, name: string, field: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(name, `${field} is not a number of bytes`);
}

function invalid(name: string, why: string): NorbridgeError {
  return new NorbridgeError("FILE_INVALID", `${printable(name)} cannot be used: ${why}`, {
    operation: "load progress",
    hint: advice("Specify another file, or start again.", "restart-stream"),
  });
}
