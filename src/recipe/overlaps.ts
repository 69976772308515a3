/** Steps whose bytes meet on the chip: what one writes, another must not undo. */
import { type ByteRange, rangeContains, rangeIntersection } from "../../drivers/geometry.ts";
import { formatRange } from "../bytes.ts";
import type { Complaint } from "./complaint.ts";
import type { Recipe } from "./recipe.ts";
import type { YamlPath } from "./yaml-text.ts";

/** What a step writes. */
export interface Footprint {
  readonly kind: "image" | "patch" | "settings" | "safe" | "log";
  /** In order of address. */
  readonly ranges: readonly ByteRange[];
  /** Number of the step in the recipe, from 1. */
  readonly number: number;
  /** Where the step says so. */
  readonly path: YamlPath;
}

/**
 * Complains about steps that meet, at the later one. Two may: a patch that lies completely in an image before it, and a
 * store on bytes of an image before it, which the store's own code then looks at.
 */
export function overlapComplaints(recipe: Recipe, footprints: readonly Footprint[]): readonly Complaint[] {
  return footprints.flatMap((later, index) =>
    footprints.slice(0, index).flatMap((earlier) => {
      const shared = firstShared(earlier.ranges, later.ranges);
      if (shared === undefined || mayMeet(earlier, later)) return [];
      const problem = `${formatRange(shared)} is also written by step ${earlier.number} (${earlier.kind})`;
      const isCut = earlier.kind === "image" && later.kind === "patch";
      const more = isCut ? ", and the patch reaches beyond it" : "";
      return [recipe.complain(later.path, `${problem}${more}`)];
    }),
  );
}

function mayMeet(earlier: Footprint, later: Footprint): boolean {
  if (earlier.kind !== "image") return false;
  if (later.kind === "image") return false;
  return (
    later.kind !== "patch" || later.ranges.every((range) => earlier.ranges.some((one) => rangeContains(one, range)))
  );
}

/** The first bytes that both have; both lists are in order of address. */
function firstShared(some: readonly ByteRange[], others: readonly ByteRange[]): ByteRange | undefined {
  let i = 0;
  let j = 0;
  for (;;) {
    const one = some[i];
    const other = others[j];
    if (one === undefined || other === undefined) return undefined;
    const shared = rangeIntersection(one, other);
    if (shared !== undefined) return shared;
    if (one.address < other.address) i++;
    else j++;
  }
}
