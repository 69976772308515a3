/** Cells as text: for CSV, and for JSON where it has no such value. */
import { isoTime } from "../storage/iso-time.ts";
import type { Cell, ColumnType } from "./columns.ts";

const US_PER_S = 1_000_000n;

/** A cell as text; "" for null. Times as ISO 8601 (UTC), with microseconds if there are any. */
export function cellText(cell: Cell, type: ColumnType): string {
  if (cell === null) return "";
  return type === "timestamp" && typeof cell === "bigint" ? timeText(cell) : String(cell);
}

/** A cell as a value of JSON: numbers that JSON does not have, or that readers round, are text. */
export function cellJson(cell: Cell, type: ColumnType): string | number | boolean | null {
  if (cell === null || typeof cell === "boolean") return cell;
  if (type === "timestamp") return cellText(cell, type);
  if (typeof cell === "bigint") return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  return typeof cell === "number" && !Number.isFinite(cell) ? String(cell) : cell;
}

function timeText(us: bigint): string {
  const fraction = ((us % US_PER_S) + US_PER_S) % US_PER_S;
  const seconds = isoTime(Number((us - fraction) / 1000n)).replace(/Z$/, "");
  const digits = String(fraction).padStart(6, "0").replace(/0+$/, "");
  return digits === "" ? `${seconds}Z` : `${seconds}.${digits}Z`;
}
