/** In the bundled program this stands for the package wrap-ansi: the same lines for text without escapes, see text-width.ts. */

/** Breaks each line of a text at spaces, so that none has more than `columns` characters; a longer word is broken too. */
export default function wrapText(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, columns))
    .join("\n");
}

function wrapLine(line: string, columns: number): readonly string[] {
  const rows: string[] = [];
  let row = "";
  for (const word of line.trim().split(" ")) {
    if (row !== "") row += " ";
    if (word.length > columns) {
      row = breakWord(word, row, columns, rows);
      continue;
    }
    if (row.length + word.length > columns && word !== "") {
      rows.push(row);
      row = "";
    }
    row += word;
  }
  return [...rows, row].map((each) => each.trimEnd());
}

/** Adds a word longer than a row to `rows`, after what is in `row` unless that costs one row more; returns the last piece. */
function breakWord(word: string, row: string, columns: number, rows: string[]): string {
  const breaksHere = 1 + Math.floor((word.length - (columns - row.length) - 1) / columns);
  const breaksOnNextRow = Math.floor((word.length - 1) / columns);
  if (breaksOnNextRow < breaksHere) rows.push(row);
  let rest = breaksOnNextRow < breaksHere ? word : row + word;
  for (; rest.length > columns; rest = rest.slice(columns)) rows.push(rest.slice(0, columns));
  return rest;
}
