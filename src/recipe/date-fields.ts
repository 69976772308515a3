/**
 * The fields of a date in a serial number, in UTC. Beside `{ww}`, the ISO week, the year is that of the week: around
 * New Year it differs from the calendar's.
 */
import { isoTime } from "../clock.ts";

/** Names of the fields. */
export type DateFieldName = "yyyy" | "yy" | "mm" | "dd" | "ww" | "doy";

/** Digits by field; those that are not known are left out. */
export type DateFields = { readonly [name in DateFieldName]?: string | undefined };

/** Every field with its number of digits. */
export const DATE_FIELDS: readonly { readonly name: DateFieldName; readonly width: number }[] = [
  { name: "yyyy", width: 4 },
  { name: "yy", width: 2 },
  { name: "mm", width: 2 },
  { name: "dd", width: 2 },
  { name: "ww", width: 2 },
  { name: "doy", width: 3 },
];

const DAY_MS = 86_400_000;

/** All fields of a moment, milliseconds since 1970. `byWeek`: the year is that of the ISO week. */
export function dateFieldsOf(ms: number, byWeek: boolean): DateFields {
  const day = Math.floor(ms / DAY_MS);
  // ISO 8601: a week starts on Monday and belongs to the year of its Thursday. 1 January 1970 was a Thursday.
  const weekday = (((day + 3) % 7) + 7) % 7;
  const thursday = day - weekday + 3;
  const year = yearOf(byWeek ? thursday : day);
  const week = Math.floor((thursday - firstDayOf(yearOf(thursday))) / 7) + 1;
  const digits = (value: number, width: number): string => String(value).padStart(width, "0").slice(-width);
  const text = isoTime(day * DAY_MS);
  return {
    yyyy: digits(year, 4),
    yy: digits(year, 2),
    mm: text.slice(5, 7),
    dd: text.slice(8, 10),
    ww: digits(week, 2),
    doy: digits(day - firstDayOf(yearOf(day)) + 1, 3),
  };
}

/** The year of a day since 1970. */
function yearOf(day: number): number {
  return Number(isoTime(day * DAY_MS).slice(0, 4));
}

/** The day since 1970 of 1 January. */
function firstDayOf(year: number): number {
  const before = year - 1;
  return 365 * before + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 719_162;
}
