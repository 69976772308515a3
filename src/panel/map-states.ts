/**
 * States of the sectors of a chip as the map shows them: colour of theme.css, mark, pattern and word. The marks are
 * those of the command line. Quiet states come first: a cell that stands for several sectors shows the loudest.
 */
export interface MapState {
  readonly name: string;
  readonly mark: string;
  /** Custom property of theme.css. */
  readonly colour: string;
  /** For cells that are too small for the mark. */
  readonly pattern: "none" | "dot" | "rising" | "falling" | "cross" | "flat";
}

export const MAP_STATES: readonly MapState[] = [
  { name: "untouched", mark: ".", colour: "--map-untouched", pattern: "none" },
  { name: "same", mark: "=", colour: "--map-same", pattern: "none" },
  { name: "blank", mark: "_", colour: "--map-blank", pattern: "none" },
  { name: "verified", mark: "#", colour: "--map-verified", pattern: "none" },
  { name: "programmed", mark: "p", colour: "--map-programmed", pattern: "flat" },
  { name: "erased", mark: "e", colour: "--map-erased", pattern: "dot" },
  { name: "differs", mark: "*", colour: "--map-differs", pattern: "rising" },
  { name: "programming", mark: "P", colour: "--map-programming", pattern: "rising" },
  { name: "erasing", mark: "E", colour: "--map-erasing", pattern: "falling" },
  { name: "failed", mark: "!", colour: "--map-failed", pattern: "cross" },
];

/** Index of a state by its name; "untouched" for a name that is newer than this page. */
export function mapStateIndex(name: string): number {
  return Math.max(
    0,
    MAP_STATES.findIndex((state) => state.name === name),
  );
}

/** Sectors in a row that have one state. */
export interface MapRun {
  readonly first: number;
  readonly count: number;
  /** Index into MAP_STATES. */
  readonly state: number;
}

/** The map as a list: what a screen reader reads, and a person who wants the addresses. */
export function mapRuns(states: Uint8Array): readonly MapRun[] {
  const runs: { first: number; count: number; state: number }[] = [];
  for (const [index, state] of states.entries()) {
    const last = runs.at(-1);
    if (last?.state === state) last.count++;
    else runs.push({ first: index, count: 1, state });
  }
  return runs;
}

/** "128 sectors: 12 verified, 116 same". */
export function mapSummary(states: Uint8Array): string {
  const counts = new Map<number, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  const parts = [...counts]
    .toSorted(([a], [b]) => b - a)
    .map(([state, count]) => `${count} ${MAP_STATES[state]?.name ?? "unknown"}`);
  return `${states.length} ${states.length === 1 ? "sector" : "sectors"}: ${parts.join(", ")}`;
}

/** How many cells fit in a row, and their edge: all sectors in sight where that leaves cells that can be seen. */
export interface MapLayout {
  readonly columns: number;
  readonly rows: number;
  readonly cellPx: number;
  /** Sectors of a cell. */
  readonly perCell: number;
}

const SMALLEST_CELL_PX = 4;
const LARGEST_CELL_PX = 26;

/** Lays out `count` sectors in a box that is `widthPx` wide and at most `heightPx` high. */
export function layOutMap(count: number, widthPx: number, heightPx: number): MapLayout {
  for (let cellPx = LARGEST_CELL_PX; cellPx >= SMALLEST_CELL_PX; cellPx--) {
    const columns = evenColumns(Math.max(1, Math.floor(widthPx / cellPx)));
    const rows = Math.ceil(count / columns);
    if (rows * cellPx <= heightPx) return { columns, rows, cellPx, perCell: 1 };
  }
  const columns = evenColumns(Math.max(1, Math.floor(widthPx / SMALLEST_CELL_PX)));
  const perCell = Math.ceil(count / (columns * Math.max(1, Math.floor(heightPx / SMALLEST_CELL_PX))));
  return { columns, rows: Math.ceil(Math.ceil(count / perCell) / columns), cellPx: SMALLEST_CELL_PX, perCell };
}

/** Rows of 16, 32, 48... sectors start at round addresses. */
function evenColumns(columns: number): number {
  return columns >= 16 ? columns - (columns % 16) : columns;
}
