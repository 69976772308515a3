/** The chips that a recipe accepts: known by name, and alike in what a unit's image depends on. */
import { descriptorByName, refusalByName } from "../../drivers/catalog/catalog.ts";
import { type FlashGeometry, smallestEraseUnit } from "../../drivers/geometry.ts";
import { formatSize, printable } from "../bytes.ts";
import type { Complaint } from "./complaint.ts";
import type { Recipe } from "./recipe.ts";

/** The geometry that all accepted parts share; undefined if it was complained about. */
export function geometryOf(recipe: Recipe, complaints: Complaint[]): FlashGeometry | undefined {
  const { accept } = recipe.head.chip;
  const parts = accept.flatMap((name, index) => {
    const found = descriptorByName(name);
    if (found !== undefined) return [{ name: found.name, geometry: found.geometry, index }];
    const refusal = refusalByName(name);
    const why = refusal === undefined ? "is not a known part" : `cannot be operated: ${refusal.reason}`;
    complaints.push(recipe.complain(["chip", "accept", index], `${printable(name)} ${why}`));
    return [];
  });
  const [first, ...others] = parts;
  if (first === undefined) return undefined;
  for (const { name, geometry, index } of others) {
    const difference = differenceOf(first.geometry, geometry);
    if (difference === undefined) continue;
    const message = `${name} and ${first.name} differ in ${difference}, so a unit's image would differ; make a recipe for each`;
    complaints.push(recipe.complain(["chip", "accept", index], message));
    return undefined;
  }
  return parts.length < accept.length ? undefined : first.geometry;
}

function differenceOf(one: FlashGeometry, other: FlashGeometry): string | undefined {
  const pair = (what: string, a: number, b: number): string | undefined =>
    a === b ? undefined : `${what} (${formatSize(a)} and ${formatSize(b)})`;
  return (
    pair("size", one.capacityBytes, other.capacityBytes) ??
    pair("page", one.pageBytes, other.pageBytes) ??
    (one.erasedByte === other.erasedByte ? undefined : "the value of an erased byte") ??
    (blocksOf(one) === blocksOf(other) ? undefined : "the smallest erase block")
  );
}

function blocksOf(geometry: FlashGeometry): string {
  return smallestEraseUnit(geometry)
    .regions.map(({ unitBytes, count }) => `${unitBytes}x${count}`)
    .join(",");
}
