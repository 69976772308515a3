/** Time in the browser. The pages ask this file alone, as the engine asks src/clock.ts: tests put another in its place. */

/** Milliseconds that only go forward, from an arbitrary zero. */
export function nowMs(): number {
  return performance.now();
}

/** Milliseconds since 1970 by the clock of this computer. */
export function wallMs(): number {
  return Date.now();
}

/** Calls back each `intervalMs`; the result stops it. */
export function every(intervalMs: number, callback: () => void): () => void {
  const timer = setInterval(callback, intervalMs);
  return () => clearInterval(timer);
}

/** Calls back once after `delayMs`; the result prevents it. */
export function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "2-digit", day: "2-digit" });

/** Time of day of an ISO time, in the place of the reader: 14:03:59. The text itself if it is no time. */
export function clockText(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : CLOCK.format(at);
}

/** Date and time of an ISO time, in the place of the reader. */
export function momentText(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : `${DAY.format(at)} ${CLOCK.format(at)}`;
}
