/**
 * In the bundled program this stands for the package string-width, whose tables of emoji cost a third of `--help`. Our help
 * has only characters of one column, without escapes; a test checks every text of it.
 */

/** Columns that a text takes on a terminal. */
export default function textWidth(text: string): number {
  return text.length;
}
