/**
 * The little that link and bridge need of a clock: what time it is and to be called at another. The virtual clock gives
 * it, and so does a paced clock that keeps step with the machine's.
 */
export interface EventClock {
  /** Whole nanoseconds. */
  nowNs(): number;
  /**
   * Calls `action` at that time, or as soon as possible if it has passed; events of one time in the order of scheduling.
   * `quiet`: the action wakes no waiting code. Returns a function that cancels it.
   */
  scheduleNs(atNs: number, action: () => void, options?: { readonly quiet?: boolean | undefined }): () => void;
}
