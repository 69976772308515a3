/** The commands and their options as the documents show them: made from what --help is made of. */
import type { Command } from "../cli/arguments/command.ts";
import { commandGroups, commands, commandSections } from "../cli/commands/commands.ts";
import { configurableOptions, environmentNameOf } from "../cli/config/configurable.ts";
import type { Option } from "../cli/arguments/option.ts";
import { connectionOptions, outputFlags } from "../cli/options/options.ts";
import { code, markdownTable, plain } from "./markdown.ts";

/** One line a command or group, in the order of the help. */
export function commandList(): string {
  const rows = commandSections
    .flatMap(({ members }) => members)
    .map(({ name, summary }) => [code(name), plain(summary)]);
  return markdownTable(["Command", "What it does"], rows);
}

/** Every command with its options and examples. */
export function commandReference(): string {
  const single = commands.filter(({ name }) => !name.includes(" ")).map((command) => commandSection(command, "###"));
  const groups = commandGroups.map(({ name, summary }) => {
    const members = commands.filter((command) => command.name.startsWith(`${name} `));
    return [`### ${name}`, `${plain(summary)}.`, ...members.map((command) => commandSection(command, "####"))].join(
      "\n\n",
    );
  });
  return [...single, ...groups].join("\n\n");
}

function commandSection(command: Command, heading: string): string {
  const usage = ["norbridge", command.name, ...command.positionals, "[options]"].join(" ");
  return [
    `${heading} ${command.name}`,
    code(usage),
    `${plain(command.summary)}.`,
    ...(command.options.length === 0 ? [] : [optionTable(command.options)]),
    ...(command.connects ? ["It also takes the [connection options](#connection-options)."] : []),
    ["Examples:", ...command.examples.map((example) => `- ${code(example)}`)].join("\n"),
  ].join("\n\n");
}

/** The options of every command that talks to a chip. */
export function connectionOptionTable(): string {
  return optionTable(connectionOptions);
}

/** The options of every command. */
export function outputOptionTable(): string {
  return optionTable(outputFlags);
}

/** The variable of each option that need not be typed. */
export function variableTable(): string {
  return markdownTable(
    ["Variable", "Stands for"],
    configurableOptions.map((option) => [code(environmentNameOf(option) ?? ""), code(`--${option.name}`)]),
  );
}

function optionTable(options: readonly Option[]): string {
  return markdownTable(["Option", "Meaning", "Values", "Default"], options.map(optionRow));
}

function optionRow(option: Option): readonly string[] {
  if (option.kind === "flag") return [nameOf(option), plain(option.describe), "", ""];
  return [
    nameOf(option, option.placeholder),
    plain(option.describe),
    option.values === undefined ? plain(option.accepts) : option.values.map(code).join(", "),
    plain(option.byDefault ?? ""),
  ];
}

function nameOf({ name, alias }: Option, placeholder = ""): string {
  const long = code(placeholder === "" ? `--${name}` : `--${name} ${placeholder}`);
  return alias === undefined ? long : `${long}, ${code(`-${alias}`)}`;
}
