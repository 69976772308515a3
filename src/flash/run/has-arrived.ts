/** Whether a promise has been settled by the caller's own code, or waits for something outside of it. */

/** How often a waiting stream gets its turn before it counts as waiting for us. */
const TURNS = 8;

/** Whether a promise is settled already, or within a few turns of what is in progress. */
export async function hasArrived(promise: Promise<unknown>): Promise<boolean> {
  const seen = { isSettled: false };
  const note = (): void => {
    seen.isSettled = true;
  };
  promise.then(note, note);
  for (let turn = 0; turn < TURNS && !seen.isSettled; turn++) await Promise.resolve();
  return seen.isSettled;
}
