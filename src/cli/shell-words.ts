/** Command lines that a message proposes must work when pasted into a shell. */

/** Words joined by spaces, quoted where a POSIX shell would take them apart. */
export function shellWords(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
