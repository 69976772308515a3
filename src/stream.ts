/** A lazily made sequence: an array, a generator or an async generator. Whoever consumes it pulls one item at a time. */
export type Stream<T> = Iterable<T> | AsyncIterable<T>;

/** Options of everything that runs a stream. */
export interface RunOptions {
  /** When it aborts, nothing new is begun; what is under way ends, the rest is answered as aborted or skipped. */
  readonly signal?: AbortSignal;
}
