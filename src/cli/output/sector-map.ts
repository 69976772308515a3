/** A map of the chip in one line of text: one character for a group of erase units, as a job changes them. */
import { type ByteRange, type FlashGeometry, rangeEnd, smallestEraseUnit } from "../../../drivers/geometry.ts";
import type { SectorState } from "../../jobs/job-event.ts";
import type { Paint } from "./paint.ts";

interface Mark {
  readonly state: SectorState | "untouched";
  readonly character: string;
  readonly colour: Paint;
}

/** Quiet states first: a group shows the loudest state in it, so that one failed sector is never hidden. */
const MARKS: readonly Mark[] = [
  { state: "untouched", character: ".", colour: "dim" },
  { state: "same", character: "=", colour: "dim" },
  { state: "blank", character: "_", colour: "dim" },
  { state: "verified", character: "#", colour: "green" },
  { state: "programmed", character: "p", colour: "cyan" },
  { state: "erased", character: "e", colour: "blue" },
  { state: "differs", character: "*", colour: "yellow" },
  { state: "programming", character: "P", colour: "cyan" },
  { state: "erasing", character: "E", colour: "magenta" },
  { state: "failed", character: "!", colour: "red" },
];

/** What the characters mean, in one line. */
export const MAP_LEGEND = MARKS.map((mark) => `${mark.character} ${mark.state}`).join("  ");

export class SectorMap {
  readonly #starts: readonly { readonly address: number; readonly unitBytes: number; readonly firstIndex: number }[];
  /** Index into MARKS of each smallest erase unit. */
  readonly #states: Uint8Array;

  constructor(geometry: FlashGeometry) {
    let units = 0;
    this.#starts = smallestEraseUnit(geometry).regions.map((region) => {
      const start = { address: region.address, unitBytes: region.unitBytes, firstIndex: units };
      units += region.count;
      return start;
    });
    this.#states = new Uint8Array(units);
  }

  /** Notes the state of every unit that `range` touches. */
  set(range: ByteRange, state: SectorState): void {
    if (range.lengthBytes === 0) return;
    const mark = MARKS.findIndex((candidate) => candidate.state === state);
    this.#states.fill(mark, this.#indexOf(range.address), this.#indexOf(rangeEnd(range) - 1) + 1);
  }

  /** The map in at most `columns` characters; `paint` colours each run of one state. */
  draw(columns: number, paint: (colour: Paint, text: string) => string): string {
    const units = this.#states.length;
    const cells = Math.max(1, Math.min(columns, units));
    let text = "";
    let run = "";
    let runMark: Mark | undefined;
    for (let cell = 0; cell < cells; cell++) {
      const from = Math.floor((cell * units) / cells);
      const to = Math.floor(((cell + 1) * units) / cells);
      const mark = MARKS[this.#states.subarray(from, to).reduce((loudest, state) => Math.max(loudest, state), 0)];
      if (mark !== runMark) {
        if (runMark !== undefined) text += paint(runMark.colour, run);
        runMark = mark;
        run = "";
      }
      run += mark?.character ?? "";
    }
    return runMark === undefined ? text : text + paint(runMark.colour, run);
  }

  #indexOf(address: number): number {
    const start = this.#starts.findLast((candidate) => candidate.address <= address);
    if (start === undefined) return 0;
    return Math.min(
      this.#states.length - 1,
      start.firstIndex + Math.floor((address - start.address) / start.unitBytes),
    );
  }
}
