/**
 * Dumps by their content: `dumps/ab/cd/SHA256.gz`. A dump is there as a whole or not at all, and never stored twice.
 * gzip, since Node 20 has no other compression that every system can unpack by hand.
 */
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { formatSize, toHex } from "../bytes.ts";
import { cannotWrite, fileInvalid, systemReason } from "../disk/file-problem.ts";
import { makeFolder, syncFolder } from "../disk/folder.ts";
import { readWholeIfThere } from "../disk/read-whole.ts";
import { replaceFile } from "../disk/replace-file.ts";
import { hashOf } from "../node-hashes.ts";
import { NorbridgeError } from "../errors.ts";

/** The longest dump, bytes: all of it is in memory at once. */
export const MAX_DUMP_BYTES = 256 * 1024 * 1024;
/** What gzip may add to bytes that cannot be compressed. */
const GZIP_EXTRA_BYTES = 64 * 1024;
const SHA256 = /^[0-9a-f]{64}$/;

/** How a dump was stored. */
export interface StoredDump {
  /** SHA-256 of its bytes, lower-case hex. */
  readonly sha256: string;
  /** What happened: `there` before, `repaired` since the stored one was damaged, or `new`. */
  readonly state: "new" | "there" | "repaired";
}

/** The dumps of a store. */
export class DumpStore {
  readonly #folder: string;

  /** `folder`: that of the store; it need not be there yet. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where a dump is, or would be. */
  pathOf(sha256: string): string {
    if (!SHA256.test(sha256)) throw new NorbridgeError("EINVAL", "not a SHA-256 in hex", { operation: "find dump" });
    return join(this.#folder, "dumps", sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.gz`);
  }

  /**
   * Stores a dump. It is on the disk when this returns. Throws FILE_EXISTS if the disk does not take it; EINVAL for one above
   * MAX_DUMP_BYTES.
   */
  async put(bytes: Uint8Array, signal?: AbortSignal): Promise<StoredDump> {
    if (bytes.length > MAX_DUMP_BYTES) {
      const message = `a dump of ${formatSize(bytes.length)} is too long; the most is ${formatSize(MAX_DUMP_BYTES)}`;
      throw new NorbridgeError("EINVAL", message, { operation: "store dump" });
    }
    const sha256 = toHex(hashOf("sha256", bytes));
    const path = this.pathOf(sha256);
    makeStoreFolder(dirname(path));
    const packed = await this.#packedAt(path, signal);
    if (packed !== undefined && unpack(packed, sha256, bytes.length) !== undefined) return { sha256, state: "there" };
    replaceFile(path, gzipSync(bytes));
    // The names of new folders, which the file does not bring to the disk.
    for (const up of ["../..", "../../..", "../../../.."]) syncFolder(join(path, up));
    return { sha256, state: packed === undefined ? "new" : "repaired" };
  }

  /** The bytes of a dump. Throws FILE_INVALID if it is missing or damaged. */
  async get(sha256: string, signal?: AbortSignal): Promise<Uint8Array> {
    const path = this.pathOf(sha256);
    const packed = await this.#packedAt(path, signal);
    if (packed === undefined) {
      throw fileInvalid(path, "this dump is missing", { hint: "Restore the file from a backup of the store." });
    }
    const bytes = unpack(packed, sha256, MAX_DUMP_BYTES);
    if (bytes !== undefined) return bytes;
    throw fileInvalid(path, "this dump is damaged: its content does not have the checksum in its name", {
      hint: "Restore the file from a backup of the store, or extract the unit again.",
    });
  }

  #packedAt(path: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    return readWholeIfThere(path, { what: "a dump", mostBytes: MAX_DUMP_BYTES + GZIP_EXTRA_BYTES, signal });
  }
}

/** Makes a folder of the store and its parents. Throws FILE_EXISTS. */
export function makeStoreFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    throw cannotWrite(path, systemReason(error), { cause: error });
  }
}

/** The bytes, or undefined if they are not those of this checksum. */
function unpack(packed: Uint8Array, sha256: string, mostBytes: number): Uint8Array | undefined {
  try {
    const bytes = gunzipSync(packed, { maxOutputLength: Math.max(mostBytes, 1) });
    return toHex(hashOf("sha256", bytes)) === sha256 ? bytes : undefined;
  } catch {
    return undefined;
  }
}
