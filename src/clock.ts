/**
 * Time is handed in. Everything below the command line asks this interface and never the machine, so a simulator can
 * run hours in milliseconds. This file is the only one that touches the machine's clock, timers and chance.
 */

/** A clock that only goes forward. */
export interface Clock {
  /** Microseconds since an arbitrary zero, as a whole number. */
  nowUs(): number;
  /**
   * Resolves after `durationUs` microseconds (0 means: after everything that is already under way had its turn).
   * With a signal it resolves early when that aborts; it never rejects.
   */
  wait(durationUs: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's monotonic clock. */
export const realClock: Clock = {
  nowUs() {
    // Not `performance`: its first use loads a part of Node that nothing else in a start of the program needs.
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
  },
  wait(durationUs, signal) {
    if (signal?.aborted === true) return Promise.resolve();
    if (durationUs <= 0) return new Promise((resolve) => setImmediate(resolve));
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.ceil(durationUs / 1000));
      signal?.addEventListener("abort", done, { once: true });
    });
  },
};

/**
 * Holds up the whole program for so many milliseconds: only where a call of the system must be repeated and nothing may
 * run between.
 */
export function sleepNow(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

/** Seconds since 1970, for file names and reports; nothing may depend on it. */
export function wallClockMs(): number {
  return Date.now();
}

/** A moment of `wallClockMs` as people and programs write it: 2026-03-01T12:00:00.000Z. */
export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

/** Settles as `promise` does, or resolves to "late" after `timeoutUs`; the timer never outlives it. */
export async function withDeadline<T>(clock: Clock, promise: Promise<T>, timeoutUs: number): Promise<T | "late"> {
  const stop = new AbortController();
  try {
    return await Promise.race([promise, clock.wait(timeoutUs, stop.signal).then(() => "late" as const)]);
  } finally {
    // A reason of its own: without one an exception is made each time, which costs more than the wait.
    stop.abort("over");
  }
}

/** 32 random bits of the machine's generator: session numbers are drawn from it, nothing that has to be repeatable. */
export function machineRandom(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** Calls back in the next turn of the event loop, from a callback of Node.js itself. */
export function inNextTurn(callback: () => void): void {
  setImmediate(callback);
}
