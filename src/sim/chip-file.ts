/**
 * The file that keeps a simulated chip's bytes between runs: the array as it is, nothing else. The only file of the
 * simulator that touches the disk.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { formatSize, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";

/** Reads the file; undefined if there is none yet. Throws FILE_INVALID if it cannot be read or has another size. */
export function readChipFile(path: string, capacityBytes: number): Uint8Array | undefined {
  const bytes = readIfThere(path);
  if (bytes === undefined || bytes.length === capacityBytes) return bytes;
  throw new NorbridgeError(
    "FILE_INVALID",
    `${printable(path)} holds ${formatSize(bytes.length)}, but the simulated chip has ${formatSize(capacityBytes)}`,
    { operation: "open chip file", hint: "Name another file, or remove this one to begin with an erased chip." },
  );
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw new NorbridgeError("FILE_INVALID", `${printable(path)} cannot be read: ${reason(error)}`, {
      operation: "open chip file",
      cause: error,
    });
  }
}

/**
 * Writes the file as a whole: after a power cut it holds either the old bytes or the new ones. Throws FILE_EXISTS where
 * it cannot be written.
 */
export function writeChipFile(path: string, bytes: Uint8Array): void {
  const partial = `${path}.partial`;
  try {
    const file = openSync(partial, "w");
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new NorbridgeError("FILE_EXISTS", `${printable(path)} cannot be written: ${reason(error)}`, {
      operation: "save chip file",
      cause: error,
    });
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function reason(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
