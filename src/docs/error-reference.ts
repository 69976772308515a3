/** Exit codes and error codes as the documents show them. */
import { hintText } from "../cli/output/remedy-text.ts";
import { ERROR_TABLE, type ErrorCode, NorbridgeError } from "../errors.ts";
import { ERROR_CAUSES } from "./error-causes.ts";
import { code, markdownTable, plain } from "./markdown.ts";

const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: "done",
  1: "a check failed: differs, not blank, nothing found",
  2: "wrong command line; nothing was opened or changed",
  3: "port not found, or more than one possible",
  4: "no permission for the port, or it is in use",
  5: "the bridge does not respond, or the connection failed",
  6: "chip not recognised, missing, ambiguous or exchanged",
  7: "the range is protected; nothing was changed",
  8: "erase, program or verify failed on the chip",
  9: "an input, output or configuration file is invalid",
  10: "interrupted after changes; can be resumed",
  11: "interrupted after changes; some bytes must be restored by hand",
  70: "a bug in norbridge",
  130: "cancelled before any change",
};

/** Every exit code. */
export function exitCodeTable(): string {
  const codes = Object.entries(ERROR_TABLE);
  const rows = Object.entries(EXIT_MEANINGS).map(([exit, meaning]) => [
    exit,
    meaning,
    codes
      .filter(([, { exitCode }]) => exitCode === Number(exit))
      .map(([name]) => `[${name}](#${name.toLowerCase()})`)
      .join(", "),
  ]);
  return markdownTable(["Exit code", "Meaning", "Error codes"], rows);
}

/** Every error code with its exit code, what may have caused it, and what to do. */
export function errorReference(): string {
  return errorCodes()
    .map((name) => {
      const { exitCode, meaning } = ERROR_TABLE[name];
      const { advice } = new NorbridgeError(name, meaning, { operation: "document" });
      return [
        `### ${name}`,
        `Exit code ${exitCode}. ${plain(meaning)}.`,
        ERROR_CAUSES[name].map((cause) => `- ${cause}`).join("\n"),
        `If the message has no better advice: ${plain(hintText(advice))}`,
      ].join("\n\n");
    })
    .join("\n\n");
}

function errorCodes(): ErrorCode[] {
  return Object.keys(ERROR_TABLE).filter(isErrorCode);
}

function isErrorCode(name: string): name is ErrorCode {
  return Object.hasOwn(ERROR_TABLE, name);
}

/** Exit codes that the table of errors has and that of exit codes has not: none, which a test checks. */
export function exitCodesWithoutMeaning(): number[] {
  return Object.values(ERROR_TABLE).flatMap(({ exitCode }) => (exitCode in EXIT_MEANINGS ? [] : [exitCode]));
}

/** For readers who have only the code: name and exit code, one a row. */
export function errorCodeTable(): string {
  return markdownTable(
    ["Error code", "Exit code", "Meaning"],
    errorCodes().map((name) => [code(name), String(ERROR_TABLE[name].exitCode), plain(ERROR_TABLE[name].meaning)]),
  );
}
