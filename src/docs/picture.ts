/**
 * A picture of a terminal, as SVG: text that can be selected, in the colours of the reader's system. Every span is placed by its
 * column and stretched to it, so that a reader's font of other width does not push columns apart.
 */
import type { Span } from "./screen.ts";

const CELL_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const MARGIN = 16;
const BAR_HEIGHT = 30;

const STYLE = `
    .back { fill: #f6f8fa; stroke: #d1d9e0 }
    .bar { fill: #e7ecf0 }
    .button { fill: #c5cdd6 }
    text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328 }
    .title { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #59636e; text-anchor: middle }
    .prompt { fill: #59636e } .typed, .bold { font-weight: 600 }
    .dim, .gray { fill: #59636e }
    .red { fill: #cf222e } .green { fill: #116329 } .yellow { fill: #7d4e00 }
    .blue { fill: #0550ae } .magenta { fill: #8250df } .cyan { fill: #1b7c83 }
    @media (prefers-color-scheme: dark) {
      .back { fill: #0d1117; stroke: #3d444d }
      .bar { fill: #161b22 } .button { fill: #3d444d }
      text { fill: #e6edf3 } .title, .prompt, .dim, .gray { fill: #9198a1 }
      .red { fill: #ff7b72 } .green { fill: #3fb950 } .yellow { fill: #d29922 }
      .blue { fill: #58a6ff } .magenta { fill: #bc8cff } .cyan { fill: #39c5cf }
    }`;

export interface PictureOptions {
  /** For readers who do not see it, and in the bar of the window. */
  readonly title: string;
  readonly columns: number;
}

/** Draws lines as a terminal shows them; a line that begins with "$ " is what was typed. */
export function terminalPicture(lines: readonly (readonly Span[])[], { title, columns }: PictureOptions): string {
  const width = Math.ceil(columns * CELL_WIDTH + 2 * MARGIN);
  const height = BAR_HEIGHT + lines.length * LINE_HEIGHT + 2 * MARGIN - 6;
  const buttons = [18, 36, 54].map((x) => `<circle class="button" cx="${x}" cy="${BAR_HEIGHT / 2}" r="5.5"/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title" xml:space="preserve">`,
    `  <title id="title">${escaped(title)}</title>`,
    `  <style>${STYLE}\n  </style>`,
    `  <rect class="back" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `  <path class="bar" d="M1 ${BAR_HEIGHT} V9 a8 8 0 0 1 8 -8 H${width - 9} a8 8 0 0 1 8 8 V${BAR_HEIGHT} Z"/>`,
    `  ${buttons.join("")}`,
    `  <text class="title" x="${width / 2}" y="20">${escaped(title)}</text>`,
    ...lines.flatMap((line, row) => {
      const text = lineText(line);
      return text === "" ? [] : [`  <text y="${BAR_HEIGHT + MARGIN + 10 + row * LINE_HEIGHT}">${text}</text>`];
    }),
    "</svg>\n",
  ].join("\n");
}

function lineText(line: readonly Span[]): string {
  const isTyped = line[0]?.text.startsWith("$ ") === true;
  const spans = isTyped
    ? [
        { text: "$ ", classes: "prompt" },
        {
          text: line
            .map(({ text }) => text)
            .join("")
            .slice(2),
          classes: "typed",
        },
      ]
    : line.map(({ text, style }) => ({ text, classes: classesOf(style) }));
  let column = 0;
  return spans
    .map(({ text, classes }) => {
      const at = column;
      // What norbridge draws is of one column a character.
      column += text.length;
      if (text.trim() === "") return "";
      const place = `x="${place2(MARGIN + at * CELL_WIDTH)}" textLength="${place2(text.length * CELL_WIDTH)}"`;
      return `<tspan${classes === "" ? "" : ` class="${classes}"`} ${place}>${escaped(text)}</tspan>`;
    })
    .join("");
}

function classesOf({ colour, isBold, isDim }: Span["style"]): string {
  return [colour, isBold ? "bold" : "", isDim ? "dim" : ""].filter((name) => name !== "").join(" ");
}

function place2(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
