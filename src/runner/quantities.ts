/** Amounts as people read them while they wait: rounded, where src/bytes.ts is exact. */

/** `2.71 s`, `0.004 s`: three digits or so. */
export function formatSeconds(durationUs: number): string {
  const seconds = durationUs / 1e6;
  return `${seconds.toFixed(seconds >= 100 ? 0 : seconds >= 10 ? 1 : seconds >= 0.1 ? 2 : 3)} s`;
}

/** `0.7 ms`: what one page takes. */
export function formatMilliseconds(durationUs: number): string {
  return `${Number((durationUs / 1e3).toPrecision(2))} ms`;
}

/** `0:03`, `12:40`, `1:02:09`: time that is left, rounded up to seconds. */
export function formatRemaining(durationUs: number): string {
  const total = Math.ceil(durationUs / 1e6);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
}

/** `52.1 KiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  if (bytesPerSecond >= 1024 ** 2) return `${(bytesPerSecond / 1024 ** 2).toFixed(1)} MiB/s`;
  return `${(bytesPerSecond / 1024).toFixed(1)} KiB/s`;
}

/** `12 %`; 100 only for all of it. */
export function formatPercent(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total))} %`;
}

/** `1 page`, `3 pages`. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${amount} ${amount === 1 ? singular : plural}`;
}

/** `8 MHz`, `1.5 MHz`, `400 kHz`. */
export function formatClock(clockHz: number): string {
  if (clockHz >= 1e6) return `${Number((clockHz / 1e6).toFixed(3))} MHz`;
  return `${Number((clockHz / 1e3).toFixed(3))} kHz`;
}
