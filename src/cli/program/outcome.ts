/** How a command ended, if it did not throw, and what JSON lines are made of. */

/** Values that JSON lines may carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonFields;
/** The fields of an object; those that are undefined are left out. */
export type JsonFields = { readonly [key: string]: JsonValue | undefined };

/** How a command ended, if it did not throw. */
export type Outcome =
  /** Exit 0. `summary` is the one line for people; `fields` go into the result line of `--json`. */
  | { readonly kind: "done"; readonly summary?: string | undefined; readonly fields: JsonFields }
  /** Exit 1: it ran, and the answer is no (differs, not blank, nothing found). */
  | { readonly kind: "no"; readonly message: string; readonly hint?: string | undefined; readonly fields: JsonFields };
