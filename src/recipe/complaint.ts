/** What is wrong with a recipe, each with its place, so that an editor can go there. */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import type { NorbridgeError } from "../errors.ts";

/** A place in a text file. */
export interface TextPlace {
  /** Line, from 1. */
  readonly line: number;
  /** Column in UTF-16 units, from 1. */
  readonly column: number;
}

/** One thing that is wrong. */
export interface Complaint extends TextPlace {
  /** The file as the user named it, or as the recipe names it. */
  readonly file: string;
  /** The reason, without a full stop. Foreign text in it is printable. */
  readonly message: string;
}

/** `logger.yaml:12:7: the reason`. */
export function complaintText({ file, line, column, message }: Complaint): string {
  return `${printable(file)}:${line}:${column}: ${message}`;
}

/** In order of place; those of the recipe before those of other files. */
export function sortedComplaints(complaints: readonly Complaint[]): readonly Complaint[] {
  const [first] = complaints;
  const rank = ({ file }: Complaint): number => (file === first?.file ? 0 : 1);
  return complaints.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}

/** The first complaint as FILE_INVALID, with the number of the others. */
export function complaintError(complaints: readonly Complaint[]): NorbridgeError {
  const [first, ...others] = complaints;
  if (first === undefined) throw new RangeError("no complaint");
  const { file, line, column, message } = first;
  const more = others.length === 0 ? "" : ` (${others.length} more ${others.length === 1 ? "error" : "errors"})`;
  const hint = advice(
    "Nothing was changed. Correct the file.",
    ...(others.length === 0 ? [] : (["check-recipe"] as const)),
  );
  return fileInvalid(`${file}:${line}:${column}`, `${message}${more}`, { hint });
}
