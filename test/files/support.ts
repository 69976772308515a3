/** Builders for the tests of image files. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { toHex } from "../../src/bytes.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { memoryBytes } from "../../src/files/byte-source.ts";
import { decodedImage, type ImageSource } from "../../src/files/image-source.ts";
import type { DecodedImage } from "../../src/files/segment-builder.ts";
import { removeFolder } from "../support/remove-folder.ts";
import { errorOf } from "../support/thrown.ts";

export { errorOf };

/** A folder that goes away after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-files-"));
  afterAll(() => removeFolder(folder));
  return folder;
}

export function fileIn(folder: string, name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

export function textFile(text: string, name = "image.hex"): ReturnType<typeof memoryBytes> {
  return memoryBytes(name, new TextEncoder().encode(text));
}

/** `0x30: 02337a` for each segment. */
export async function listing(image: ImageSource): Promise<string[]> {
  const lines: string[] = [];
  for (const segment of image.segments) {
    lines.push(`0x${segment.address.toString(16)}: ${toHex(await image.read(segment))}`);
  }
  return lines;
}

export function decodedListing(decoded: DecodedImage): Promise<string[]> {
  return listing(decodedImage(decoded, { format: "bin" }));
}

/** Expects that a call throws, or rejects with, an error of this code and message. */
export async function expectError(action: () => unknown, code: ErrorCode, message: string | RegExp): Promise<void> {
  const error = await errorOf(action);
  expect(error.code).toBe(code);
  if (typeof message === "string") expect(error.message).toBe(message);
  else expect(error.message).toMatch(message);
}
