/** The sectors of a log as a drawing: one character each, in rows with the address in front. */
import { formatAddress } from "../../bytes.ts";
import type { LogSector, LogSectorState } from "../../storage/record-log.ts";
import type { Paint } from "./paint.ts";

interface Mark {
  readonly character: string;
  readonly colour: Paint;
}

const MARKS: Readonly<Record<LogSectorState, Mark>> = {
  used: { character: "#", colour: "green" },
  active: { character: "A", colour: "cyan" },
  free: { character: ".", colour: "dim" },
  bad: { character: "!", colour: "red" },
  torn: { character: "~", colour: "yellow" },
};

export interface LogMapOptions {
  /** Where the first sector begins on the chip. */
  readonly address: number;
  readonly sectorBytes: number;
  readonly columns: number;
  paint(colour: Paint, text: string): string;
}

const ADDRESS_COLUMNS = 12;

/** Rows of a power of two of sectors, then what the characters mean. */
export function drawLogMap(sectors: readonly LogSector[], options: LogMapOptions): string {
  const room = Math.max(8, options.columns - ADDRESS_COLUMNS);
  const perRow = Math.min(64, 2 ** Math.floor(Math.log2(room)));
  let text = "";
  for (let first = 0; first < sectors.length; first += perRow) {
    const row = sectors.slice(first, first + perRow);
    const address = formatAddress(options.address + first * options.sectorBytes);
    text += `${address}  ${row.map(({ state }) => options.paint(MARKS[state].colour, MARKS[state].character)).join("")}\n`;
  }
  return `${text}${legend(sectors)}\n`;
}

function legend(sectors: readonly LogSector[]): string {
  const states = new Set(sectors.map(({ state }) => state));
  const named: readonly LogSectorState[] = ["used", "active", "free", "torn", "bad"];
  return named
    .filter((state) => states.has(state))
    .map((state) => `${MARKS[state].character} ${state}`)
    .join("  ");
}
