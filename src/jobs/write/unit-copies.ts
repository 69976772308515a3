/** Reads what an erase of a unit destroys. These may be the only copy of the user's bytes: each read is proved by a digest. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { isFragmented, spanOf } from "../fragments.ts";
import type { Lane, OpPipe } from "../op-pipe.ts";
import type { KeptPiece } from "../run-job.ts";
import { isExpectedCheck } from "../unchecked-check.ts";
import { keptRanges, type SurveyUnit } from "./plan.ts";
import type { WriterParts } from "./writer-parts.ts";

/** What was read of a unit before it is erased. */
export interface UnitCopy {
  /** Bytes outside of the target, which are restored. */
  readonly kept: readonly KeptPiece[];
  /** Bytes that the target replaces; none if the job keeps no undo. */
  readonly old: readonly KeptPiece[];
}

/** Reads units for one job. */
export class UnitCopies {
  readonly #pipe: OpPipe;
  readonly #parts: Pick<WriterParts, "safe" | "isUnchecked" | "operation">;

  constructor(pipe: OpPipe, parts: Pick<WriterParts, "safe" | "isUnchecked" | "operation">) {
    this.#pipe = pipe;
    this.#parts = parts;
  }

  /** Reads what lies outside of the target in a unit that is going to be erased. */
  async readKept(unit: SurveyUnit, lane: Lane): Promise<readonly KeptPiece[]> {
    return this.#readAll(keptRanges(unit), lane);
  }

  /** Reads all that an erase of the unit destroys and that may have to be restored. */
  async copy(unit: SurveyUnit, lane: Lane): Promise<UnitCopy> {
    const { safe } = this.#parts;
    const keepsOld = safe?.keepsOld === true && safe.holds?.(unit.block.address) !== true;
    const replaced = keepsOld ? unit.pieces : [];
    const [kept, old] = await Promise.all([this.readKept(unit, lane), this.#readAll(replaced, lane)]);
    return { kept, old };
  }

  async #readAll(ranges: readonly ByteRange[], lane: Lane): Promise<readonly KeptPiece[]> {
    if (ranges.length === 0) return [];
    const reads = isFragmented(ranges)
      ? [this.#readProved(spanOf(ranges), lane)]
      : ranges.map((range) => this.#readProved(range, lane));
    // Without supply all of it reads FF, twice and with a digest that fits: after it the chip has to return its ID.
    const identified = this.#pipe.identify(lane);
    const pieces = await Promise.all(reads);
    await identified;
    const [first] = pieces;
    return first === undefined || pieces.length === ranges.length
      ? pieces
      : ranges.map(({ address, lengthBytes }) => {
          const start = address - first.address;
          return { address, data: first.data.slice(start, start + lengthBytes) };
        });
  }

  async #readProved({ address, lengthBytes }: ByteRange, lane: Lane): Promise<KeptPiece> {
    const { isUnchecked, operation } = this.#parts;
    const range = { address, lengthBytes };
    const [data, found] = await Promise.all([this.#pipe.read(range, lane), this.#pipe.digest(range, lane)]);
    // The digest has travelled over the unchecked link as well.
    const check = { found, expected: blockCheck(data) };
    if (await isExpectedCheck({ pipe: this.#pipe, isUnchecked, lane }, range, check)) return { address, data };
    throw new NorbridgeError(
      "EIO",
      `${operation}: ${formatRange(range)} returns different bytes on each read and cannot be preserved safely`,
      { operation, range },
    );
  }
}
