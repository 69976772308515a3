/**
 * The file that keeps a simulated chip's bytes between runs: the array as it is, nothing else. As on a serial port there is one
 * user at a time, who reads it at the start and writes it at the end.
 */
import { formatSize, printable, sameBytes } from "../bytes.ts";
import { heldOrBusy, lockFile, type FileLock, tryLockFile } from "../disk/file-lock.ts";
import { readWholeIfThere } from "../disk/read-whole.ts";
import { openRegularFile } from "../disk/regular-file.ts";
import { replaceFile } from "../disk/replace-file.ts";
import { fileIsThere } from "../disk/folder.ts";
import { NorbridgeError } from "../errors.ts";
import type { ChipFile } from "./sim-world.ts";

const WHAT = "the file of a simulated chip";

/** Throws PORT_BUSY if another program has it, FILE_INVALID if it cannot be read or has another size. */
export async function openChipFile(path: string, capacityBytes: number): Promise<ChipFile> {
  const lock = heldOrBusy(await lockFile(path), `${WHAT}, ${printable(path)},`);
  return opened(path, lock, await guarded(lock, () => readFitting(path, capacityBytes)));
}

/** The same at once, for who cannot wait. */
export function openChipFileNow(path: string, capacityBytes: number): ChipFile {
  const lock = heldOrBusy(tryLockFile(path), `${WHAT}, ${printable(path)},`);
  try {
    return opened(path, lock, fileIsThere(path) ? readFittingNow(path, capacityBytes) : undefined);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function opened(path: string, lock: FileLock, bytes: Uint8Array | undefined): ChipFile {
  let kept = bytes;
  return {
    bytes,
    save(now) {
      if (kept !== undefined && sameBytes(kept, now)) return;
      replaceFile(path, now);
      kept = now;
    },
    release: () => {
      lock.release();
    },
  };
}

async function guarded<T>(lock: FileLock, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function readFitting(path: string, capacityBytes: number): Promise<Uint8Array | undefined> {
  const bytes = await readWholeIfThere(path, { what: WHAT, mostBytes: capacityBytes });
  if (bytes !== undefined && bytes.length !== capacityBytes) throw unfit(path, bytes.length, capacityBytes);
  return bytes;
}

function readFittingNow(path: string, capacityBytes: number): Uint8Array {
  const file = openRegularFile(path);
  try {
    if (file.lengthBytes !== capacityBytes) throw unfit(path, file.lengthBytes, capacityBytes);
    return file.read(0, capacityBytes);
  } finally {
    file.close();
  }
}

function unfit(path: string, lengthBytes: number, capacityBytes: number): NorbridgeError {
  return new NorbridgeError(
    "FILE_INVALID",
    `${printable(path)} holds ${formatSize(lengthBytes)}, but the simulated chip has ${formatSize(capacityBytes)}`,
    { operation: "open chip file", hint: "Specify another file, or remove this one to start with an erased chip." },
  );
}
