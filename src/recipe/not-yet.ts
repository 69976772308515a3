/** What recipes will have and this version has not: refused by name, so that a recipe never does less than it says. */

/** Steps. */
export const STEPS_NOT_YET: readonly string[] = [
  ...["contact", "check", "erase", "stream", "protect", "otp", "page-size", "verify"],
  ...["dump", "extract", "sample", "hook", "label", "prompt"],
];

/** Kinds of values. */
export const VALUES_NOT_YET: readonly string[] = ["http", "process", "expression"];

/** Kinds of pools. */
export const POOLS_NOT_YET: readonly string[] = ["list"];

/** Keys of maps, by the path of the map. */
const KEYS_NOT_YET: Readonly<Record<string, readonly string[]>> = {
  "": ["mode"],
  chip: ["power", "spi-clock"],
  unit: ["identity"],
  value: ["secret"],
};

/** Whether a key is known for a later version. `where`: "" for the recipe itself, "chip", "unit", "value". */
export function isKeyNotYet(where: string, key: string): boolean {
  return KEYS_NOT_YET[where]?.includes(key) === true;
}

/** The sentence for it. */
export function notInThisVersion(what: string): string {
  return `${what} is not in this version`;
}
