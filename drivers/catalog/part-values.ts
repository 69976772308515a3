/** Values of parts, of several sources each. */
import type { Claim, KnownPart } from "./part-line.ts";
import { PART_SOURCES } from "./part-sources.ts";

/** What the complete sources of a part have; if it has none, what any has. */
export function settled<T>(claims: readonly Claim<T>[]): readonly T[] {
  const complete = claims.filter(isComplete);
  return (complete.length > 0 ? complete : claims).map(({ value }) => value);
}

/** Each value once. */
export function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

/** All values of a key that any source gives to any of the parts. */
export function textsOf(parts: readonly KnownPart[], key: string): string[] {
  return [...distinct(parts.flatMap(({ others }) => (others.get(key) ?? []).map(({ value }) => value)))];
}

/** The lists that a part has for a key. */
export function listsOf(part: KnownPart, key: string): readonly Claim<readonly string[]>[] {
  return (part.others.get(key) ?? []).map(({ value, sources }) => ({
    value: value === "none" ? [] : value.split(","),
    sources,
  }));
}

/** Whether one of the sources lists all that a part has. */
export function isComplete({ sources }: { readonly sources: string }): boolean {
  return Array.from(sources).some((letter) => PART_SOURCES[letter]?.listsAllErases === true);
}
