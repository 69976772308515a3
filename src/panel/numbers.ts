/** Numbers as a person reads them. The same everywhere, so that two tiles can be compared at a glance. */
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SECONDS = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** 12,345 */
export function wholeText(value: number): string {
  return WHOLE.format(value);
}

/** A share from 0 to 1 in per cent with one place, never rounded up to 100: 99.9 %. "-" for nothing of nothing. */
export function percentText(part: number, whole: number): string {
  if (whole === 0) return "-";
  const percent = (100 * part) / whole;
  const rounded = part < whole ? Math.min(99.9, Math.round(percent * 10) / 10) : percent;
  return `${SECONDS.format(rounded)} %`;
}

/** Milliseconds as seconds, minutes from 100 s on: 0.4 s, 12.3 s, 2 min 05 s. */
export function durationText(durationMs: number): string {
  if (durationMs < 100_000) return `${SECONDS.format(durationMs / 1000)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${WHOLE.format(Math.floor(seconds / 60))} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** An address or an ID: 0x01f000. */
export function hexText(value: number, digits = 6): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

/** Bytes in the largest unit that they fill: 512 KiB, 264 bytes. */
export function sizeText(lengthBytes: number): string {
  for (const [unit, size] of [
    ["MiB", 1 << 20],
    ["KiB", 1 << 10],
  ] as const) {
    if (lengthBytes >= size && lengthBytes % size === 0) return `${WHOLE.format(lengthBytes / size)} ${unit}`;
  }
  return `${WHOLE.format(lengthBytes)} bytes`;
}
