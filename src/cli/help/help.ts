/** What --help prints, made of the table of commands. */
import type { Command, CommandGroup } from "../arguments/command.ts";
import { commandsOf, PROGRAM, usageOf, verbOf } from "../arguments/command-table.ts";
import { commandSections } from "../commands/commands.ts";
import type { Option } from "../arguments/option.ts";
import { connectionOptions, helpFlag, outputFlags, versionFlag } from "../options/options.ts";
import { optionName, optionText } from "./option-text.ts";
import { twoColumns, wrap } from "./wrap.ts";

/** What the program is, in a sentence. */
export const ABOUT = "Programs SPI NOR flash through a USB-serial-to-SPI bridge.";

/** What has to be known to type values. */
export const FORMS: readonly (readonly [title: string, text: string])[] = [
  ["Sizes", "4096, 0x1000, 64k, 2M, 512KiB. k, M and G count in 1024."],
  ["Ranges", "START,LENGTH (0x1000,64k) or FIRST..LAST (0x1000..0x1fff)."],
];

/** What the exit codes mean, shortly. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, "done"],
  [1, "the check failed"],
  [2, "wrong usage"],
  [3, "port not found"],
  [4, "port denied or busy"],
  [5, "bridge"],
  [6, "chip not recognised"],
  [7, "protected"],
  [8, "failed on the chip"],
  [9, "file"],
  [10, "interrupted and resumable"],
  [11, "interrupted, not resumable"],
  [70, "a bug"],
  [130, "cancelled before any change"],
];

/** Where the connection may be set permanently. */
const ENVIRONMENT =
  "An environment variable (NORBRIDGE_SPI_CLOCK for --spi-clock) or norbridge.config.json can set each of these except " +
  "--record. The command line has priority. `norbridge config` shows the settings in use.";

/** Help for the whole program. */
export function programHelp(columns: number): string {
  const names = commandSections.flatMap(({ members }) => members.map(({ name }) => name.length));
  const sections = commandSections.map(({ title, members }) => [
    `${title}:`,
    ...twoColumns(
      members.map(({ name, summary }) => [name, summary]),
      columns,
      Math.max(...names),
    ),
  ]);
  return page([
    [`Usage: ${PROGRAM} COMMAND [options]`],
    wrap(ABOUT, columns),
    ...sections,
    optionSection("Options", [...outputFlags, helpFlag, versionFlag], columns),
    [
      ...FORMS.flatMap(([title, text]) => wrap(`${title}: ${text}`, columns)),
      ...wrap(`Exit codes: ${EXIT_CODES.map(([code, text]) => `${code} ${text}`).join(", ")}.`, columns),
    ],
    wrap(`\`${PROGRAM} help COMMAND\` explains a command, with examples.`, columns),
  ]);
}

/** Help for the commands that share a first word. */
export function groupHelp(group: CommandGroup, columns: number): string {
  const rows = commandsOf(group.name).map((command) => [verbOf(command), command.summary] as const);
  return page([
    [`Usage: ${PROGRAM} ${group.name} VERB [options]`],
    wrap(group.summary, columns),
    ["Verbs:", ...twoColumns(rows, columns)],
    wrap(`\`${PROGRAM} help ${group.name} VERB\` explains a verb, with examples.`, columns),
  ]);
}

/** Help for one command. */
export function commandHelp(command: Command, columns: number): string {
  return page([
    [`Usage: ${usageOf(command)}`],
    wrap(command.summary, columns),
    ["Examples:", ...command.examples.map((example) => `  ${example}`)],
    optionSection("Options", command.options, columns),
    command.connects ? optionSection("Connection", connectionOptions, columns) : [],
    command.connects ? wrap(ENVIRONMENT, columns) : [],
    optionSection("Output", [...outputFlags, helpFlag], columns),
  ]);
}

function optionSection(title: string, options: readonly Option[], columns: number): readonly string[] {
  if (options.length === 0) return [];
  const rows = options.map((option) => [optionName(option), optionText(option)] as const);
  return [`${title}:`, ...twoColumns(rows, columns)];
}

function page(blocks: readonly (readonly string[])[]): string {
  const filled = blocks.filter((block) => block.length > 0);
  return `${filled.map((block) => block.join("\n")).join("\n\n")}\n`;
}
