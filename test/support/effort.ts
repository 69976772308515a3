/** How much the tests that search by seed or by cut point do: a sample by default, all of it in CI. */

const IS_FULL = process.env["NORBRIDGE_CAMPAIGN"] === "full";

/** `full` where NORBRIDGE_CAMPAIGN=full is set, as `.ci/run` does; else `quick`. */
export function effort<T>(quick: T, full: T): T {
  return IS_FULL ? full : quick;
}

/** Says what was tried, so that a run shows its counts. */
export function sayCount(text: string): void {
  process.stdout.write(`${text}\n`);
}
