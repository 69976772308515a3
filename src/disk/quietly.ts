/** Tidying up that must not hide what led to it. */

/** Does it, and forgets an error: for what is done on the way out, where something else counts. */
export function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // What led here is what counts.
  }
}
