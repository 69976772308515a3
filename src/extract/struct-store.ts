/** Struct files by their content: `structs/SHA256.json`. What was decoded once can be decoded again with the same struct. */
import { basename, join } from "node:path";
import { printable, toHex } from "../bytes.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { FILE_USES } from "../disk/file-uses.ts";
import { readWhole, readWholeIfThere } from "../disk/read-whole.ts";
import { replaceFile } from "../disk/replace-file.ts";
import { hashOf } from "../node-hashes.ts";
import { parseStruct, type RecordStruct } from "../storage/struct-record.ts";
import { makeStoreFolder } from "./dump-store.ts";

/** A struct file that was read. */
export interface StructFile {
  /** Lower case, for folders and views: `record` for `Record.json`. */
  readonly name: string;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly struct: RecordStruct;
}

/** Names of records that norbridge knows by itself. */
export const BUILT_IN_NAMES: readonly string[] = ["raw", "mynewt-log"];
const MAX_NAME_CHARACTERS = 48;

/** Reads a struct file. Throws FILE_INVALID. */
export async function readStructFile(path: string, signal?: AbortSignal): Promise<StructFile> {
  return structFileOf(path, await readWhole(path, { ...FILE_USES.struct, signal }));
}

function structFileOf(path: string, bytes: Uint8Array, name = nameOf(path)): StructFile {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fileInvalid(path, "is not UTF-8 text");
  }
  return { name, sha256: toHex(hashOf("sha256", bytes)), bytes, struct: parseStruct(text, path) };
}

/** The name of a struct by that of its file: what folders and SQL take without quotes is kept. */
function nameOf(path: string): string {
  const base = basename(path)
    .replace(/\.[A-Za-z0-9]+$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "_")
    .slice(0, MAX_NAME_CHARACTERS);
  const name = base === "" ? "struct" : base;
  return BUILT_IN_NAMES.includes(name) ? `${name}-struct` : name;
}

/** The struct files of a store. */
export class StructStore {
  readonly #folder: string;

  /** `folder`: that of the store. */
  constructor(folder: string) {
    this.#folder = join(folder, "structs");
  }

  /** Stores a struct file. Throws FILE_EXISTS. */
  put({ sha256, bytes }: StructFile): void {
    makeStoreFolder(this.#folder);
    replaceFile(this.#pathOf(sha256), bytes);
  }

  /** The struct with this checksum, by the name that it had. Throws FILE_INVALID if it is missing or changed. */
  async get(sha256: string, name: string, signal?: AbortSignal): Promise<StructFile> {
    const path = this.#pathOf(sha256);
    const bytes = await readWholeIfThere(path, { ...FILE_USES.struct, signal });
    const hint = `Decode the dumps again with the struct file ${printable(name)}.`;
    if (bytes === undefined) throw fileInvalid(path, "this struct file is missing", { hint });
    const found = structFileOf(path, bytes, name);
    if (found.sha256 !== sha256) throw fileInvalid(path, "this struct file was changed", { hint });
    return found;
  }

  #pathOf(sha256: string): string {
    return join(this.#folder, `${sha256}.json`);
  }
}
