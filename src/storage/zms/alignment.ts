/** Which write blocks the places of items agree with. Pure. */
import { type Geometry, roundUp } from "./format.ts";
import type { SectorTable } from "./sector-table.ts";

/** Write blocks, bytes. */
export interface Alignments {
  readonly least: number;
  /** The largest one: what is written with it is readable and writable for a device with a smaller one, too. */
  readonly most: number;
  /** Whether any item shows it. */
  readonly isSeen: boolean;
}

/** Entries at a distance of 32 bytes belong to a write block of 32. Otherwise each item begins where the one before it ends. */
export function alignmentsOf(tables: readonly SectorTable[], { ateBytes }: Geometry): Alignments {
  if (ateBytes === 32) return { least: 32, most: 32, isSeen: true };
  const rows = tables.map(({ ates }) =>
    ates
      .flatMap(({ dataAt, length }) => (dataAt === undefined ? [] : [{ dataAt, length }]))
      .toSorted((a, b) => a.dataAt - b.dataAt),
  );
  const scores = [1, 2, 4, 8, 16].map((alignBytes) => ({ alignBytes, score: score(rows, alignBytes) }));
  const best = Math.max(...scores.map((one) => one.score));
  const fitting = scores.filter((one) => one.score === best).map(({ alignBytes }) => alignBytes);
  const isSeen = rows.some((row) => row.length > 0);
  return { least: fitting[0] ?? 1, most: fitting.at(-1) ?? 1, isSeen };
}

/** Neighbours that touch; items that contradict the write block count against it. */
function score(
  rows: readonly (readonly { readonly dataAt: number; readonly length: number }[])[],
  alignBytes: number,
): number {
  let points = 0;
  for (const row of rows) {
    let end = 0;
    for (const { dataAt, length } of row) {
      if (dataAt % alignBytes !== 0 || dataAt < end) points -= row.length;
      else if (dataAt === end) points++;
      end = dataAt + roundUp(length, alignBytes);
    }
  }
  return points;
}
