/** Waits for the disk that a person can end. */
import { NorbridgeError } from "../errors.ts";
import { ABORTED, orAborted } from "../stream.ts";

/**
 * Settles as `work` does, or rejects with ECANCELED as soon as the signal aborts: the system completes its
 * work, but the caller no longer waits for it. `doing` is the text of the message: "reading the journals".
 */
export async function orCanceled<T>(work: Promise<T>, signal: AbortSignal | undefined, doing: string): Promise<T> {
  const done = await orAborted(work, signal);
  if (done === ABORTED) throw canceled(doing);
  return done;
}

/** Throws ECANCELED if the signal has aborted: for work that continues in small steps. */
export function throwIfAborted(signal: AbortSignal | undefined, doing: string): void {
  if (signal?.aborted === true) throw canceled(doing);
}

function canceled(doing: string): NorbridgeError {
  return new NorbridgeError("ECANCELED", `cancelled while ${doing}`, { operation: "read file" });
}
