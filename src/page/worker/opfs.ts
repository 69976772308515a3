/**
 * What the page keeps on this computer: journals, the image of the last job, and the cells of the simulated chip. All of it is in
 * the origin private file system, by access handles that only a worker has: they write without waiting, and a file that one
 * window has open no other can open.
 */
import type { JournalFile, JournalStore } from "../../index.browser.ts";

/** The folder of the page, or why there is none: a private window, or a page from a disk. */
export async function pageFolder(): Promise<FileSystemDirectoryHandle | string> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle("norbridge", { create: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown reason";
    return `this browser keeps no files for this page (${why}): an interrupted job cannot be resumed after a reload`;
  }
}

const ENDING = ".journal";

/** The journals in a folder. */
export function opfsJournals(folder: FileSystemDirectoryHandle): JournalStore {
  return {
    async list() {
      const names: string[] = [];
      for await (const name of folder.keys()) if (name.endsWith(ENDING)) names.push(name.slice(0, -ENDING.length));
      return names;
    },
    async open(name) {
      const handle = await openHandle(folder, `${name}${ENDING}`);
      return handle === undefined ? undefined : new OpfsFile(folder, `${name}${ENDING}`, handle);
    },
  };
}

/** Undefined: another window has it open. */
async function openHandle(
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemSyncAccessHandle | undefined> {
  const file = await folder.getFileHandle(name, { create: true });
  try {
    return await file.createSyncAccessHandle();
  } catch (error) {
    if (error instanceof DOMException && error.name === "NoModificationAllowedError") return undefined;
    throw error;
  }
}

class OpfsFile implements JournalFile {
  readonly #folder: FileSystemDirectoryHandle;
  readonly #name: string;
  readonly #handle: FileSystemSyncAccessHandle;
  #isClosed = false;

  constructor(folder: FileSystemDirectoryHandle, name: string, handle: FileSystemSyncAccessHandle) {
    this.#folder = folder;
    this.#name = name;
    this.#handle = handle;
  }

  read(): Uint8Array {
    return readAll(this.#handle);
  }

  truncate(lengthBytes: number): void {
    this.#handle.truncate(lengthBytes);
    this.#handle.flush();
  }

  append(bytes: Uint8Array, isDurable: boolean): void {
    const at = this.#handle.getSize();
    const written = this.#handle.write(bytes, { at });
    if (written !== bytes.length) throw new Error("no space is left for the page");
    if (isDurable) this.#handle.flush();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handle.close();
  }

  remove(): void {
    if (this.#isClosed) return;
    // Empty at once: if the page dies before the name is gone, the next list removes it.
    this.truncate(0);
    this.close();
    void this.#folder.removeEntry(this.#name).catch(() => undefined);
  }
}

function readAll(handle: FileSystemSyncAccessHandle): Uint8Array {
  const bytes = new Uint8Array(handle.getSize());
  handle.read(bytes, { at: 0 });
  return bytes;
}

/** A file of one piece: replaced as a whole. */
export async function keepFile(folder: FileSystemDirectoryHandle, name: string, bytes: Uint8Array): Promise<void> {
  const handle = await openHandle(folder, name);
  if (handle === undefined) return;
  try {
    handle.truncate(0);
    handle.write(bytes, { at: 0 });
    handle.flush();
  } finally {
    handle.close();
  }
}

/** Its bytes; undefined if it is not there, is empty or another window has it. */
export async function keptFile(folder: FileSystemDirectoryHandle, name: string): Promise<Uint8Array | undefined> {
  const handle = await openHandle(folder, name);
  if (handle === undefined) return undefined;
  try {
    return handle.getSize() === 0 ? undefined : readAll(handle);
  } finally {
    handle.close();
  }
}

/** The cells of a simulated chip: they are there again after a reload, as those of a real one. */
export class KeptCells {
  readonly #handle: FileSystemSyncAccessHandle;

  private constructor(handle: FileSystemSyncAccessHandle) {
    this.#handle = handle;
  }

  static async open(folder: FileSystemDirectoryHandle, chip: string): Promise<KeptCells | undefined> {
    const handle = await openHandle(folder, `${chip}.chip`);
    return handle === undefined ? undefined : new KeptCells(handle);
  }

  /** Undefined if none were kept, or of another size. */
  read(capacityBytes: number): Uint8Array | undefined {
    return this.#handle.getSize() === capacityBytes ? readAll(this.#handle) : undefined;
  }

  write(address: number, bytes: Uint8Array): void {
    this.#handle.write(bytes, { at: address });
  }

  close(): void {
    this.#handle.close();
  }
}
