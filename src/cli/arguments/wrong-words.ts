/** What to say to words that are no command or no option: the nearest one there is, or what another tool's word is here. */
import { printable } from "../../bytes.ts";
import type { NorbridgeError } from "../../errors.ts";
import type { Command } from "./command.ts";
import { commandsOf, findGroup, firstWords, optionsOf, PROGRAM, verbOf } from "./command-table.ts";
import { foreignCommand, foreignOption } from "./foreign-words.ts";
import { nearestName } from "./nearest-name.ts";
import { usageError } from "./option.ts";

/** Words that are taken before any command. */
const OWN_WORDS = ["help"];

/** Why the words name no command, and which one was probably meant. */
export function wrongCommand(words: readonly string[], argv: readonly string[]): NorbridgeError {
  const [name] = words;
  const foreign = foreignCommand(words, argv);
  if (name === undefined) {
    const option = argv.find((word) => word.startsWith("-") && !isOwnOption(word));
    const message = option === undefined ? "no command is given" : `${printable(option)} is not an option`;
    return usageError(message, foreign ?? "Run `norbridge --help` to see the commands.");
  }
  const group = findGroup(words);
  if (group !== undefined) return wrongVerb(group.name, words[1]);
  const nearest = nearestName(name, [...firstWords(), ...OWN_WORDS]);
  const verbs = nearest === undefined ? commandsWithVerb(name) : [];
  return usageError(
    `there is no command ${printable(name)}`,
    foreign ??
      (nearest !== undefined
        ? `Did you mean ${nearest}? \`norbridge --help\` shows all commands.`
        : verbs.length > 0
          ? `Did you mean ${verbs.join(" or ")}?`
          : "Run `norbridge --help` to see the commands."),
  );
}

function wrongVerb(group: string, verb: string | undefined): NorbridgeError {
  const verbs = commandsOf(group).map(verbOf);
  const all = `Available: ${verbs.map((word) => `${group} ${word}`).join(", ")}.`;
  if (verb === undefined) return usageError(`${group} needs a verb`, all);
  const nearest = nearestName(verb, verbs);
  return usageError(
    `${group} has no verb ${printable(verb)}`,
    nearest === undefined ? all : `Did you mean ${group} ${nearest}? ${all}`,
  );
}

/** `append` alone is `log append`. */
function commandsWithVerb(verb: string): readonly string[] {
  return ["protect", "otp", "log", "settings", "safe", "fs"]
    .flatMap((group) => commandsOf(group))
    .filter((command) => verbOf(command) === verb)
    .map(({ name }) => name);
}

/** Why `name`, without its dashes, is not an option of the command, and which one was probably meant. */
export function wrongOption(command: Command, name: string, argv: readonly string[]): NorbridgeError {
  const known = optionsOf(command).map((option) => option.name);
  const typed = printable(name.length === 1 ? `-${name}` : `--${name}`);
  const help = `\`${PROGRAM} ${command.name} --help\``;
  const foreign = foreignOption(command, name, argv);
  const nearest = nearestName(name, known);
  return usageError(
    `${command.name} has no option ${typed}`,
    foreign ??
      (nearest === undefined
        ? `Run ${help} to see the options.`
        : `Did you mean --${nearest}? ${help} shows all options.`),
  );
}

function isOwnOption(word: string): boolean {
  return optionsOf(undefined).some(({ name, alias }) => word === `--${name}` || word === `-${alias ?? ""}`);
}
