/**
 * A store of extractions: `dumps/` by content, `structs/` by content, `index.jsonl`, and in `records/` what was
 * decoded. Dumps and index are the truth; records can be made again from them.
 */
import { join } from "node:path";
import { entriesIn, removeFile } from "../disk/folder.ts";
import { quietly } from "../disk/quietly.ts";
import { createOutputFile } from "../disk/replace-file.ts";
import { DumpStore, makeStoreFolder } from "./dump-store.ts";
import type { ExtractionSink } from "./extraction-sink.ts";
import { StoreIndex } from "./store-index.ts";
import type { DecodeLine, ExtractionLine } from "./store-lines.ts";
import { stateOf, type StoreState } from "./store-state.ts";
import { StructStore } from "./struct-store.ts";

/** A store. Nothing is opened or made before it is used. */
export class ExtractionStore {
  readonly folder: string;
  /** Name and version of the program, for files that it makes. */
  readonly program: string;
  readonly dumps: DumpStore;
  readonly structs: StructStore;
  readonly index: StoreIndex;
  readonly #sinks: readonly ExtractionSink[];

  constructor(folder: string, program: string, sinks: readonly ExtractionSink[] = []) {
    this.#sinks = sinks;
    this.folder = folder;
    this.program = program;
    this.dumps = new DumpStore(folder);
    this.structs = new StructStore(folder);
    this.index = new StoreIndex(folder);
  }

  /** Throws FILE_EXISTS if nothing can be written to the store: to be asked before a chip is read. */
  checkWritable(): void {
    makeStoreFolder(this.folder);
    createOutputFile(join(this.folder, "write-test")).abort();
  }

  /** All that is in it now. Throws FILE_INVALID for a damaged index. */
  async state(signal?: AbortSignal): Promise<StoreState> {
    return stateOf(await this.index.lines(signal));
  }

  /**
   * Notes an extraction or a decode in the index, then tells the sinks. `before` runs in the same moment for other
   * writers: a file without its line is one that may be swept. Throws what the index throws, and what a sink throws.
   */
  async note(line: ExtractionLine | DecodeLine, before?: () => void): Promise<void> {
    await this.index.append(() => {
      before?.();
      return [line];
    });
    for (const sink of this.#sinks) {
      if (line.type === "extraction") await sink.extracted(line);
      else await sink.decoded(line);
    }
  }

  /**
   * Removes files of records that hold no current one: what was decoded again or joined, and what a killed program
   * left. Returns how many it removed; one that is held open stays.
   */
  async sweep(): Promise<number> {
    let removed = 0;
    // While no other program can be between a file and its line.
    await this.index.append(async () => {
      const { files: current } = await this.state();
      for (const file of await this.#recordFiles()) {
        if (current.has(file)) continue;
        quietly(() => {
          removeFile(join(this.folder, file));
          removed++;
        });
      }
      return [];
    });
    return removed;
  }

  /** Every whole file of records, relative to the store. */
  async #recordFiles(): Promise<readonly string[]> {
    let folders: readonly string[] = ["records"];
    for (const prefix of ["struct=", "year=", "month="]) {
      const inside = await Promise.all(
        folders.map(async (folder) =>
          (await entriesIn(join(this.folder, folder)))
            .filter(({ name, isRegular }) => !isRegular && name.startsWith(prefix))
            .map(({ name }) => `${folder}/${name}`),
        ),
      );
      folders = inside.flat();
    }
    const files = await Promise.all(
      folders.map(async (folder) =>
        (await entriesIn(join(this.folder, folder)))
          .filter(({ name, isRegular }) => isRegular && name.endsWith(".parquet"))
          .map(({ name }) => `${folder}/${name}`),
      ),
    );
    return files.flat();
  }
}
