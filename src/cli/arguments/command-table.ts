/** Questions about the table of commands that the parser, help, completion and the man page share. */
import type { Command, CommandGroup } from "./command.ts";
import { commandGroups, commands } from "../commands/commands.ts";
import type { Option } from "./option.ts";
import { connectionOptions, helpFlag, outputFlags, versionFlag } from "../options/options.ts";

/** Name of the program, as it is typed. */
export const PROGRAM = "norbridge";

/** The command that the first words name. */
export function findCommand(words: readonly string[]): Command | undefined {
  return commands.find(({ name }) => name.split(" ").every((part, index) => words[index] === part));
}

/** The group that the first word names. */
export function findGroup([word]: readonly string[]): CommandGroup | undefined {
  return commandGroups.find(({ name }) => name === word);
}

/** The commands of a group, in the order of the help. */
export function commandsOf(group: string): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${group} `));
}

/** The last word of a command's name: its verb, if it belongs to a group. */
export function verbOf({ name }: Command): string {
  return name.slice(name.indexOf(" ") + 1);
}

/** Every first word of a command, in the order of the help. */
export function firstWords(): readonly string[] {
  return [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? ""))];
}

/** Every option of a command but --help; without a command those that stand alone. */
export function optionsOf(command: Command | undefined): readonly Option[] {
  if (command === undefined) return [...outputFlags, versionFlag];
  return [...command.options, ...(command.connects ? connectionOptions : []), ...outputFlags];
}

/** The line that shows how a command is typed. */
export function usageOf(command: Command): string {
  return [PROGRAM, command.name, ...command.positionals, "[options]"].join(" ");
}

/** `--help` is an option of every command, though no command sees it. */
export const everywhere: readonly Option[] = [helpFlag];
