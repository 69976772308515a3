/** What completion finds for the word at the cursor. */

export interface Suggestion {
  /** The whole word, as it would be typed without quotes. */
  readonly value: string;
  /** What it is, for shells that show it. */
  readonly about?: string | undefined;
  /** More has to follow, so no blank after it. */
  readonly isOpen?: boolean | undefined;
}

export interface Suggestions {
  readonly list: readonly Suggestion[];
  /** The shell also lists names of files, or of folders only. */
  readonly names?: "files" | "folders" | undefined;
}

/** Nothing to suggest. */
export const NOTHING: Suggestions = { list: [] };

/** A suggestion for each value. */
export function suggest(values: readonly string[]): readonly Suggestion[] {
  return values.map((value) => ({ value }));
}
