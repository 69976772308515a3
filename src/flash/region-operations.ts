/** The methods of a `FlashRegion` that are sugar for `run`: a subclass implements how a stream of them is run. */
import { NorbridgeError } from "../errors.ts";
import type { Stream } from "../stream.ts";
import type { OffsetRange, RegionOp, RegionResult } from "./flash-region.ts";

export abstract class RegionOperations {
  abstract run(ops: Stream<RegionOp>): AsyncIterable<RegionResult>;

  async read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    const result = await this.#one({ kind: "read", offset, lengthBytes });
    return result.kind === "read" ? result.data : new Uint8Array();
  }

  async *readMany(ranges: Stream<OffsetRange>): AsyncGenerator<Uint8Array> {
    for await (const result of this.run(readsOf(ranges))) {
      if (result.kind === "read") yield result.data;
    }
  }

  async digest(offset: number, lengthBytes: number): Promise<number> {
    const result = await this.#one({ kind: "digest", offset, lengthBytes });
    return result.kind === "digest" ? result.check : 0;
  }

  async program(offset: number, data: Uint8Array): Promise<void> {
    await this.#one({ kind: "program", offset, data });
  }

  async erase(offset: number, lengthBytes: number): Promise<void> {
    await this.#one({ kind: "erase", offset, lengthBytes });
  }

  async #one(op: RegionOp): Promise<RegionResult> {
    let last: RegionResult | undefined;
    for await (const result of this.run([op])) last = result;
    if (last === undefined) throw new NorbridgeError("BUG", "a run ended without a result", { operation: op.kind });
    return last;
  }
}

async function* readsOf(ranges: Stream<OffsetRange>): AsyncGenerator<RegionOp> {
  for await (const { offset, lengthBytes } of ranges) yield { kind: "read", offset, lengthBytes };
}
