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

// Swedish writes date and time as ISO 8601 does: the same for every reader, and it sorts.
const CLOCK = new Intl.DateTimeFormat("sv-SE", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit" });

/** Time of day, in the place of the reader: 14:03:59. Takes an ISO time, or milliseconds since 1970. */
export function clockText(time: string | number): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? String(time) : CLOCK.format(at);
}

/** Date and time, in the place of the reader: 2026-03-01 14:03:59. Takes what `clockText` takes. */
export function momentText(time: string | number): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? String(time) : `${DAY.format(at)} ${CLOCK.format(at)}`;
}

/** Milliseconds since 1970 as programs write them: 2026-03-01T12:00:00.000Z. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
