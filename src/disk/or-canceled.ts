/** Waits for the disk that a person can end. */
import { NorbridgeError } from "../errors.ts";

/**
 * Settles as `work` does, or rejects with ECANCELED as soon as the signal aborts: the system goes on with what it was asked
 * for, and nobody waits for it any more. `doing` is what the message says: "reading the journals".
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, doing: string): Promise<T> {
  if (signal === undefined) return work;
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(canceled(doing));
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  // Whichever comes second has nobody who waits for it.
  work.catch(() => undefined);
  aborted.catch(() => undefined);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Throws ECANCELED if the signal has aborted: for work that goes on in small steps. */
export function throwIfAborted(signal: AbortSignal | undefined, doing: string): void {
  if (signal?.aborted === true) throw canceled(doing);
}

function canceled(doing: string): NorbridgeError {
  return new NorbridgeError("ECANCELED", `cancelled while ${doing}`, { operation: "read file" });
}
