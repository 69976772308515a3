/**
 * Time is handed in. Everything below the command line asks this interface and never the machine, so a simulator can
 * run hours in milliseconds. This file is the only one that touches the machine's clock, timers and chance, and it
 * takes them from what runs the program: Node.js or a browser.
 */

/** A clock that only goes forward. */
export interface Clock {
  /** Microseconds since an arbitrary zero, as a whole number. */
  nowUs(): number;
  /**
   * Resolves after `durationUs` microseconds (0 means: after everything that is already under way had its turn).
   * With a signal it resolves early when that aborts; it never rejects. It leaves no listener on the signal, since one signal
   * may serve many waits.
   */
  wait(durationUs: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's monotonic clock. */
export const realClock: Clock = {
  nowUs() {
    if (typeof process === "undefined") return Math.floor(performance.now() * 1000);
    // Not `performance`: its first use loads a part of Node that nothing else in a start of the program needs.
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
  },
  wait(durationUs, signal) {
    if (signal?.aborted === true) return Promise.resolve();
    if (durationUs <= 0) return nextTurn();
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

/** Calls back in the next turn of the event loop, from a callback of the machine itself. */
export function inNextTurn(callback: () => void): void {
  if (typeof setImmediate !== "undefined") {
    setImmediate(callback);
    return;
  }
  waiting.push(callback);
  turns ??= messageTurns();
  turns.postMessage(0);
}

/** Resolves in the next turn of the event loop: all promise callbacks that are ready come before it. */
export function nextTurn(): Promise<void> {
  return new Promise(inNextTurn);
}

/** What Node.js has and a browser does not. */
declare const setImmediate: ((callback: () => void) => unknown) | undefined;
declare const process: { hrtime(): readonly [number, number] } | undefined;

/** A port as browsers know it; Node's types describe only Node's own. */
interface TurnPort {
  onmessage: (() => void) | null;
  postMessage(message: number): void;
}
declare const MessageChannel: new () => { readonly port1: TurnPort; readonly port2: TurnPort };

/** A browser makes a timer of 0 wait 4 ms once several follow each other; a message to itself does not wait. */
const waiting: (() => void)[] = [];
let turns: TurnPort | undefined;

function messageTurns(): TurnPort {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = () => waiting.shift()?.();
  return port1;
}
