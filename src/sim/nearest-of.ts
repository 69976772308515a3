/** Which of the names was probably meant by a mistyped one. */

/**
 * The name that shares the most pairs of neighbouring letters with `typed` (Dice's measure), if that is at least half of
 * them; letter case does not count.
 */
export function nearestOf(typed: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestScore = 0.5;
  for (const name of names) {
    const score = likeness(pairs(typed), pairs(name));
    if (score >= bestScore && (best === undefined || score > bestScore)) {
      best = name;
      bestScore = score;
    }
  }
  return best;
}

function pairs(word: string): string[] {
  const padded = `^${word.toLowerCase()}$`;
  return Array.from({ length: padded.length - 1 }, (_, at) => padded.slice(at, at + 2));
}

function likeness(a: readonly string[], b: readonly string[]): number {
  const left = [...b];
  let shared = 0;
  for (const pair of a) {
    const at = left.indexOf(pair);
    if (at < 0) continue;
    left.splice(at, 1);
    shared++;
  }
  return (2 * shared) / (a.length + b.length);
}
