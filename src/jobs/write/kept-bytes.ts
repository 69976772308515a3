/**
 * Bytes of the user that only memory holds: read from the chip before an erase, there again only when the programs
 * after it are proved. Whatever is in here when a job fails is handed to the user.
 */
import { type ByteRange, rangeIntersection } from "../../../drivers/geometry.ts";
import { isFilledWith } from "../../bytes.ts";
import type { KeptPiece } from "../run-job.ts";

interface Kept {
  readonly erased: ByteRange;
  isErased: boolean;
  readonly pieces: readonly KeptPiece[];
}

export class KeptBytes {
  readonly #erasedByte: number;
  /** By address of the smallest erase block. */
  readonly #units = new Map<number, Kept>();

  constructor(erasedByte: number) {
    this.#erasedByte = erasedByte;
  }

  /** `erased` is the block whose erase is about to be requested; pieces lie in the unit at `unitAddress`. */
  hold(unitAddress: number, erased: ByteRange, pieces: readonly KeptPiece[]): void {
    if (pieces.length === 0) return;
    const isErased = this.#units.get(unitAddress)?.isErased ?? false;
    this.#units.set(unitAddress, { erased, isErased, pieces });
  }

  /** The block is erased now: from here on memory alone has the bytes. */
  noteErased(erased: ByteRange): void {
    for (const kept of this.#units.values()) {
      if (kept.erased.address === erased.address && kept.erased.lengthBytes === erased.lengthBytes) {
        kept.isErased = true;
      }
    }
  }

  /** What was read of a unit, if it is not on the chip again. */
  piecesOf(unitAddress: number): readonly KeptPiece[] | undefined {
    return this.#units.get(unitAddress)?.pieces;
  }

  /** The chip holds the bytes again. */
  release(unitAddress: number): void {
    this.#units.delete(unitAddress);
  }

  /** What is not on the chip, or not for sure: `torn` are erases of which it is not known whether they began. */
  atRisk(torn: readonly ByteRange[]): readonly KeptPiece[] {
    return [...this.#units.values()]
      .filter(
        ({ erased, isErased }) => isErased || torn.some((range) => rangeIntersection(range, erased) !== undefined),
      )
      .flatMap(({ pieces }) => pieces)
      .filter(({ data }) => !isFilledWith(data, this.#erasedByte));
  }
}
