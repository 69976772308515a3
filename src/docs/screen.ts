/** What a terminal shows after a program has written to it: as much of one as norbridge uses. */

/** Colour and weight of a character; "" is the terminal's own. */
export interface Style {
  readonly colour: Colour | "";
  readonly isBold: boolean;
  readonly isDim: boolean;
}

export type Colour = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "gray";

/** Characters of one look, in a row. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

const PLAIN: Style = { colour: "", isBold: false, isDim: false };
const COLOURS: ReadonlyMap<number, Colour> = new Map([
  [31, "red"],
  [32, "green"],
  [33, "yellow"],
  [34, "blue"],
  [35, "magenta"],
  [36, "cyan"],
  [90, "gray"],
]);

interface Cell {
  readonly character: string;
  readonly style: Style;
}

/** Takes text with line ends, returns and the sequences of colours, cursor and erasing. Throws for any other sequence. */
export class Screen {
  readonly #columns: number;
  #lines: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #style = PLAIN;

  constructor(columns: number) {
    this.#columns = columns;
  }

  write(text: string): void {
    for (const piece of text.split(/(\u001b\[[0-9;]*[A-Za-z]|\n|\r)/)) {
      if (piece === "\n") this.#newLine();
      else if (piece === "\r") this.#column = 0;
      else if (piece.startsWith("\u001b")) this.#sequence(piece);
      else for (const character of piece) this.#put(character);
    }
  }

  /** The lines from the top, without empty ones at the end. */
  get lines(): readonly (readonly Span[])[] {
    const spans = this.#lines.map(spansOf);
    while (spans.at(-1)?.length === 0) spans.pop();
    return spans;
  }

  #put(character: string): void {
    if (this.#column >= this.#columns) this.#newLine();
    const line = (this.#lines[this.#row] ??= []);
    while (line.length < this.#column) line.push({ character: " ", style: PLAIN });
    line[this.#column++] = { character, style: this.#style };
  }

  #newLine(): void {
    this.#row++;
    this.#column = 0;
    this.#lines[this.#row] ??= [];
  }

  #sequence(sequence: string): void {
    const numbers = sequence.slice(2, -1).split(";").map(Number);
    switch (sequence.at(-1)) {
      case "m":
        for (const number of numbers) this.#style = styleAfter(this.#style, number);
        return;
      case "A":
        this.#row = Math.max(0, this.#row - Math.max(1, numbers[0] ?? 1));
        return;
      case "J":
      case "K":
        // From the cursor to the end of the screen, or of the line.
        this.#lines[this.#row]?.splice(this.#column);
        if (sequence.endsWith("J")) this.#lines = this.#lines.slice(0, this.#row + 1);
        return;
      default:
        throw new Error(`a terminal sequence that pictures do not know: ${JSON.stringify(sequence)}`);
    }
  }
}

function styleAfter(style: Style, number: number): Style {
  if (number === 0) return PLAIN;
  if (number === 1) return { ...style, isBold: true };
  if (number === 2) return { ...style, isDim: true };
  if (number === 22) return { ...style, isBold: false, isDim: false };
  if (number === 39) return { ...style, colour: "" };
  const colour = COLOURS.get(number);
  if (colour === undefined) throw new Error(`a style that pictures do not know: ${number}`);
  return { ...style, colour };
}

function spansOf(line: readonly Cell[]): Span[] {
  const spans: { text: string; style: Style }[] = [];
  for (const { character, style } of line) {
    const last = spans.at(-1);
    const isSame =
      last?.style.colour === style.colour && last.style.isBold === style.isBold && last.style.isDim === style.isDim;
    if (last !== undefined && isSame) last.text += character;
    else spans.push({ text: character, style });
  }
  return spans;
}
