/**
 * A store of extractions: `dumps/` by content, `structs/` by content, `index.jsonl`, and in `records/` what was decoded. Dumps and
 * index are the truth; records can be made again from them.
 */
import { join } from "node:path";
import { removeFile } from "../disk/folder.ts";
import { quietly } from "../disk/quietly.ts";
import { DumpStore } from "./dump-store.ts";
import { StoreIndex } from "./store-index.ts";
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

  constructor(folder: string, program: string) {
    this.folder = folder;
    this.program = program;
    this.dumps = new DumpStore(folder);
    this.structs = new StructStore(folder);
    this.index = new StoreIndex(folder);
  }

  /** All that is in it now. Throws FILE_INVALID for a damaged index. */
  async state(signal?: AbortSignal): Promise<StoreState> {
    return stateOf(await this.index.lines(signal));
  }

  /** Removes those of `files` that hold no current record. Returns how many it removed; one that is held open stays. */
  async sweep(files: Iterable<string>): Promise<number> {
    let removed = 0;
    await this.index.append(async () => {
      const { files: current } = await this.state();
      for (const file of new Set(files)) {
        if (file === "" || current.has(file)) continue;
        quietly(() => {
          removeFile(join(this.folder, file));
          removed++;
        });
      }
      return [];
    });
    return removed;
  }
}
