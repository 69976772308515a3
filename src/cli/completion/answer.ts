/**
 * What a completion script asks, and the answer it gets:
 *
 *   norbridge --get-completions zsh =CURRENT WORD...       the word at the cursor, then the words before it
 *   norbridge --get-completions bash LINE POINT BREAKS     the line itself: bash breaks words at colons, which ports have
 *
 * The answer has a line for each suggestion: the word, a tab, what it is. `:files` and `:folders` ask the shell for names,
 * `:open` says that no blank follows.
 */
import { printable } from "../../bytes.ts";
import { complete } from "./complete.ts";
import { bashWords, cutForBash } from "./bash-words.ts";
import type { Suggestions } from "./suggestions.ts";
import type { CompletionWorld } from "./values.ts";

/** The answer to the words after `ASK`. */
export async function answerCompletion(
  [shell = "", ...rest]: readonly string[],
  world: CompletionWorld,
): Promise<string> {
  if (shell !== "bash") {
    const [current = "", ...typed] = rest;
    return linesOf(await complete(typed, current.replace(/^=/, ""), world), (value) => value);
  }
  const [line = "", point = "", breaks = ""] = rest;
  const { typed, current, isQuoted } = bashWords(line, Number(point));
  const cut = isQuoted ? 0 : cutForBash(current, breaks);
  return linesOf(await complete(typed, current, world), (value) => value.slice(cut));
}

function linesOf({ list, names }: Suggestions, shown: (value: string) => string): string {
  const lines = list.map(({ value, about }) => {
    const word = printable(shown(value));
    return about === undefined ? word : `${word}\t${printable(about)}`;
  });
  const isOpen = list.length > 0 && list.every((one) => one.isOpen === true);
  return [...lines, ...(isOpen ? [":open"] : []), ...(names === undefined ? [] : [`:${names}`])]
    .map((line) => `${line}\n`)
    .join("");
}
