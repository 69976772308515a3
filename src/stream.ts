/** A lazily made sequence: an array, a generator or an async generator. The consumer pulls one item at a time. */
export type Stream<T> = Iterable<T> | AsyncIterable<T>;

/** Options of everything that runs a stream. */
export interface RunOptions {
  /** When it aborts, nothing new is begun; what is under way ends, the rest is answered as aborted or skipped. */
  readonly signal?: AbortSignal | undefined;
}

/** What `orAborted` returns if the signal was first. */
export const ABORTED = Symbol("aborted");

/**
 * Settles as `promise` does, or resolves to ABORTED as soon as the signal aborts, whatever the promise waits for. The later
 * outcome of the promise is ignored: its rejection counts as handled.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | typeof ABORTED> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(ABORTED);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/**
 * Whether a promise is settled, or is within so many microtask turns: then it waits only for code that runs already. The
 * number is a guess, so nothing but time and words may depend on it.
 */
export async function settlesSoon(promise: Promise<unknown>, turns = 8): Promise<boolean> {
  const seen = { isSettled: false };
  const note = (): void => {
    seen.isSettled = true;
  };
  promise.then(note, note);
  for (let turn = 0; turn < turns && !seen.isSettled; turn++) await Promise.resolve();
  return seen.isSettled;
}

/** The items of a stream until the signal aborts; then it ends, also if the stream is never going to answer. */
export async function* untilAborted<T>(items: Stream<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (!(Symbol.asyncIterator in items) || signal === undefined) {
    yield* items;
    return;
  }
  const iterator = items[Symbol.asyncIterator]();
  let isWaiting = false;
  try {
    for (;;) {
      isWaiting = true;
      const next = await orAborted(iterator.next(), signal);
      if (next === ABORTED) return;
      isWaiting = false;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    const closing = iterator.return?.();
    // A generator that waits for something that does not come would be waited for as long.
    if (isWaiting) closing?.catch(() => undefined);
    else await closing;
  }
}

/** A sequence that is made when its first item is asked for, and costs nothing an item. */
export function begunLater<T>(begin: () => Promise<AsyncIterable<T>>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<T> {
      let items: AsyncIterator<T> | undefined;
      return {
        async next() {
          items ??= (await begin())[Symbol.asyncIterator]();
          return items.next();
        },
        async return() {
          await items?.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
