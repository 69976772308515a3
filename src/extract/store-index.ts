/**
 * The index of a store, `index.jsonl`: a line is there as a whole or not at all, and on the disk before anything relies on it. It
 * only grows. A last line that a kill has torn counts as never written.
 */
import { join } from "node:path";
import { realClock } from "../clock.ts";
import { type AppendFile, createAppendFile, reopenAppendFile } from "../disk/append-file.ts";
import { cannotWrite, fileInvalid, systemReason } from "../disk/file-problem.ts";
import { type FileLock, heldOrBusy, lockFile } from "../disk/file-lock.ts";
import { fileIsThere } from "../disk/folder.ts";
import { quietly } from "../disk/quietly.ts";
import { eachLine } from "../disk/read-lines.ts";
import { openRegularFile } from "../disk/regular-file.ts";
import { NorbridgeError } from "../errors.ts";
import { makeStoreFolder } from "./dump-store.ts";
import { LineFault } from "./line-fields.ts";
import { LINES_VERSION, type NumberedLine, readLine } from "./read-line.ts";
import type { StoreLine } from "./store-lines.ts";

const MAX_LINE_BYTES = 16 * 1024 * 1024;
const MAX_INDEX_BYTES = 4 * 1024 ** 3;
/** The end of the file is read in pieces of this size until it has a whole line. */
const TAIL_BYTES = 64 * 1024;
const LF = 0x0a;
/** How long another writer is waited for, and how often it is asked. */
const MAX_WAIT_US = 30_000_000;
const ASK_AGAIN_US = 100_000;

/** The index of a store. */
export class StoreIndex {
  readonly #folder: string;
  readonly #path: string;

  /** `folder`: that of the store; it need not be there yet. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, "index.jsonl");
  }

  /** Whether there is an index. */
  get isThere(): boolean {
    return fileIsThere(this.#path);
  }

  /** All lines, in order. Throws FILE_INVALID with the number of the line that is damaged. */
  async lines(signal?: AbortSignal): Promise<readonly NumberedLine[]> {
    if (!this.isThere) return [];
    const all: NumberedLine[] = [];
    const options = { what: "an index", mostLineBytes: MAX_LINE_BYTES, mostBytes: MAX_INDEX_BYTES, signal };
    await eachLine(this.#path, options, ({ bytes, number }) => {
      all.push(this.#read(bytes, number));
    });
    return all;
  }

  /** Throws FILE_INVALID if nothing can be appended, since the last line is damaged. Reads only the end. */
  check(): void {
    this.#end();
  }

  /**
   * Appends lines that `make` returns, while no other program writes to the index. They are on the disk when this returns. Throws
   * PORT_BUSY if another writer takes too long, FILE_EXISTS if the disk does not take them, and what `make` throws.
   */
  async append(make: () => readonly StoreLine[] | Promise<readonly StoreLine[]>): Promise<void> {
    makeStoreFolder(this.#folder);
    const lock = await this.#lock();
    try {
      const lines = await make();
      if (lines.length > 0) this.#write(lines);
    } finally {
      lock.release();
    }
  }

  async #lock(): Promise<FileLock> {
    const endUs = realClock.nowUs() + MAX_WAIT_US;
    for (;;) {
      const lock = await lockFile(this.#path);
      if (lock.kind === "held" || realClock.nowUs() >= endUs) return heldOrBusy(lock, "the index of the store");
      await realClock.wait(ASK_AGAIN_US);
    }
  }

  #write(lines: readonly StoreLine[]): void {
    const end = this.#end();
    let file: AppendFile | undefined;
    try {
      file = end === undefined ? createAppendFile(this.#path) : reopenAppendFile(this.#path, end.lengthBytes);
      const first = (end?.seq ?? 0) + 1;
      const text = lines.map((line, at) => `${JSON.stringify({ v: LINES_VERSION, seq: first + at, ...line })}\n`);
      file.append(new TextEncoder().encode(text.join("")), true);
    } catch (error) {
      throw cannotWrite(this.#path, systemReason(error), { cause: error });
    } finally {
      quietly(() => file?.close());
    }
  }

  /** Length of the whole lines, and the number of the last; undefined if there is no index. */
  #end(): { readonly lengthBytes: number; readonly seq: number } | undefined {
    if (!this.isThere) return undefined;
    const file = openRegularFile(this.#path);
    try {
      for (let tailBytes = TAIL_BYTES; ; tailBytes *= 4) {
        const from = Math.max(0, file.lengthBytes - tailBytes);
        const tail = file.read(from, file.lengthBytes - from);
        const end = tail.lastIndexOf(LF);
        const before = end <= 0 ? -1 : tail.lastIndexOf(LF, end - 1);
        if (end >= 0 && (before >= 0 || from === 0)) {
          const { seq } = this.#read(tail.subarray(before + 1, end), undefined);
          return { lengthBytes: from + end + 1, seq };
        }
        if (from === 0) return { lengthBytes: 0, seq: 0 };
        if (tailBytes > MAX_LINE_BYTES) throw fileInvalid(this.#path, "its last line is too long");
      }
    } finally {
      file.close();
    }
  }

  #read(bytes: Uint8Array, number: number | undefined): NumberedLine {
    try {
      return readLine(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (error) {
      if (error instanceof NorbridgeError) throw error;
      const why = error instanceof LineFault ? error.message : "it is not UTF-8 text";
      const where = number === undefined ? `${this.#path}: its last line` : `${this.#path}: line ${number}`;
      throw fileInvalid(where, `is not a line of an index: ${why}`, {
        hint: "Restore the file from a backup, or remove this line: the dumps are not changed by that.",
      });
    }
  }
}
