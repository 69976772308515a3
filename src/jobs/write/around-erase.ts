/**
 * What a job reports of the bytes around an erase whose size is not proved: which of them are needed again, and where they are
 * kept until it is known that they were not reached. Those that the target replaces are only kept for an undo.
 */
import {
  type ByteRange,
  type EraseBlock,
  eraseBlocksTouching,
  type FlashGeometry,
  rangeEnd,
  rangeIntersection,
  smallestEraseUnit,
} from "../../../drivers/geometry.ts";
import type { AroundErase, ChipBytes } from "../../flash/erase-finding.ts";
import { mergeRanges, subtractRanges } from "../../../drivers/byte-ranges.ts";
import type { HeldUnit, JobSafe } from "../job-safe.ts";
import { piecesIn, type Target } from "../target.ts";
import type { KeptBytes } from "./kept-bytes.ts";

/** What of a job is concerned. */
export interface AroundParts {
  readonly target: Target;
  readonly geometry: FlashGeometry;
  readonly kept: KeptBytes;
  readonly safe: JobSafe | undefined;
  /** Parts of the target that are bytes of the chip from before, and are nowhere else. */
  readonly precious: readonly ByteRange[];
  /** Calls what hands bytes to the safe. */
  readonly safely: (keep: () => void) => void;
}

/** For the erase of one block. */
export function aroundErase(erase: EraseBlock, parts: AroundParts): AroundErase {
  const { target, geometry, kept, safe, safely } = parts;
  const precious = mergeRanges(parts.precious);
  const replaced = (range: ByteRange): readonly ByteRange[] =>
    mergeRanges(piecesIn(target, range).flatMap((piece) => subtractRanges(piece, precious)));
  let held: readonly HeldUnit[] = [];
  return {
    needed: (range) => (safe?.keepsOld === true ? [range] : subtractRanges(range, replaced(range))),
    keep(pieces, reach) {
      // A unit that only the target fills may be proved already, and is no longer if the erase reaches it.
      const units = unitsOf(pieces, reach, geometry).filter(
        // What is kept already is kept as it was before the job.
        ({ address }) => safe?.holds?.(address) !== true && kept.piecesOf(address) === undefined,
      );
      held = units.map(({ pieces: all, ...unit }) => {
        const old = cut(all, replaced(unit));
        const outside = cut(all, subtractRanges(unit, replaced(unit)));
        return { ...unit, pieces: outside, old: old.length === 0 ? undefined : old };
      });
      safely(() => safe?.hold(held));
      for (const unit of held) kept.hold(unit.address, erase, unit.pieces);
    },
    release() {
      for (const { address } of held) {
        kept.release(address);
        safe?.spare?.(address);
      }
      held = [];
    },
  };
}

/**
 * For erases of a job that has no target, on a region for example: everything around is needed, and is in the safe until it is
 * known that it was not reached, or is there again.
 */
export function aroundAnyErase(safe: JobSafe, geometry: FlashGeometry): AroundErase {
  let held: readonly HeldUnit[] = [];
  const release = (): void => {
    for (const { address } of held) safe.spare?.(address);
    held = [];
  };
  return {
    needed: (range) => [range],
    keep(pieces, reach) {
      held = unitsOf(pieces, reach, geometry).filter(({ address }) => safe.holds?.(address) !== true);
      safe.hold(held);
    },
    release,
    restored: release,
  };
}

/** The smallest erase blocks in these ranges, each with the bytes that lie in it. */
function unitsOf(
  pieces: readonly ChipBytes[],
  reach: readonly ByteRange[],
  geometry: FlashGeometry,
): readonly (ByteRange & { readonly pieces: readonly ChipBytes[] })[] {
  return reach
    .flatMap((range) => [...eraseBlocksTouching(smallestEraseUnit(geometry), range)])
    .map(({ address, lengthBytes }) => ({
      address,
      lengthBytes,
      pieces: cut(pieces, [{ address, lengthBytes }]),
    }));
}

/** The parts of pieces that lie in these ranges. */
function cut(pieces: readonly ChipBytes[], ranges: readonly ByteRange[]): readonly ChipBytes[] {
  return pieces.flatMap(({ address, data }) =>
    ranges.flatMap((range) => {
      const part = rangeIntersection({ address, lengthBytes: data.length }, range);
      if (part === undefined) return [];
      return [{ address: part.address, data: data.subarray(part.address - address, rangeEnd(part) - address) }];
    }),
  );
}
