/**
 * Whatever was thrown, as what the command line reports about it: exit code, the `--json` result, and at most three lines
 * for people. Anything but a NorbridgeError is a bug of ours and says so.
 */
import { formatRange, printable } from "../../bytes.ts";
import { ERROR_TABLE, type ErrorCode, NorbridgeError } from "../../errors.ts";
import type { JsonFields } from "./outcome.ts";
import { hintText } from "../output/remedy-text.ts";
import { sourceStack } from "./source-stack.ts";

export interface Failure {
  readonly exitCode: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** What was being done and where on the chip; "" if that says nothing. */
  readonly where: string;
  readonly hint: string;
  /** Stack and causes, for -v. */
  readonly details: string;
  readonly range: { readonly address: number; readonly lengthBytes: number } | undefined;
}

/** Explains a thrown value. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof NorbridgeError)) {
    const text = thrown instanceof Error ? thrown.message : describeValue(thrown);
    return {
      exitCode: ERROR_TABLE.BUG.exitCode,
      code: "BUG",
      message: `unexpected error: ${oneLine(text)}`,
      where: "",
      hint: "Please report it, with the output of the same command with -v.",
      details: stackOf(thrown),
      range: undefined,
    };
  }
  const { range } = thrown;
  return {
    exitCode: thrown.exitCode,
    code: thrown.code,
    message: oneLine(thrown.message),
    where: range === undefined ? "" : `${oneLine(thrown.operation)}, ${formatRange(range)}`,
    hint: oneLine(hintText(thrown.advice)),
    details: stackOf(thrown),
    range,
  };
}

/** The three lines on stderr; with `verbose` the details follow. */
export function failureText(failure: Failure, verbose: boolean): string {
  const lines = [`error: ${failure.message}`];
  if (failure.where !== "") lines.push(`where: ${failure.where}`);
  if (failure.hint !== "") lines.push(`hint:  ${failure.hint}`);
  if (verbose) lines.push(sourceStack(failure.details));
  return `${lines.join("\n")}\n`;
}

/** Fields of the result line; `type` and `v` are put in front by the writer. */
export function failureFields(failure: Failure, verbose: boolean): JsonFields {
  return {
    ok: false,
    code: failure.code,
    message: failure.message,
    hint: failure.hint,
    address: failure.range?.address,
    lengthBytes: failure.range?.lengthBytes,
    details: verbose ? sourceStack(failure.details) : undefined,
  };
}

/** Errors quote foreign text; what could move the cursor or fake a second line is made harmless once more. */
function oneLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, "; "));
}

/** A thrown value that is not an Error. */
function describeValue(value: unknown): string {
  return typeof value === "string" ? value : `a thrown ${value === null ? "null" : typeof value}`;
}

function stackOf(thrown: unknown): string {
  const parts: string[] = [];
  let current = thrown;
  for (let depth = 0; depth < 5 && current !== undefined && current !== null; depth++) {
    const text = current instanceof Error ? (current.stack ?? current.message) : describeValue(current);
    parts.push(text.split("\n").map(printable).join("\n"));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join("\ncaused by: ");
}
