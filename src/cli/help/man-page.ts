/** man/norbridge.1, made of the table of commands. The same table gives the same bytes. */
import type { Command } from "../arguments/command.ts";
import { PROGRAM, usageOf } from "../arguments/command-table.ts";
import { commands } from "../commands/commands.ts";
import { configurableOptions, environmentNameOf } from "../config/configurable.ts";
import type { Option } from "../arguments/option.ts";
import { connectionOptions, helpFlag, outputFlags, versionFlag } from "../options/options.ts";
import { ABOUT, EXIT_CODES, FORMS } from "./help.ts";
import { optionName, optionText } from "./option-text.ts";

const DESCRIPTION = [
  "norbridge identifies, reads, writes, verifies and erases SPI NOR flash chips: AT25, AT45DB, and any chip with SFDP tables. " +
    "A small board between USB and SPI is the bridge; it runs the firmware of norbridge or speaks serprog.",
  "A write compares first, changes only sectors that differ, preserves all bytes outside the file, and verifies. " +
    "It keeps a journal: after an interruption, `norbridge resume` completes the job, and `norbridge undo` can take it back.",
];

const FILES: readonly (readonly [name: string, text: string])[] = [
  [
    "norbridge.config.json",
    "Settings and profiles, in the working folder. It may set a real port and describe the chip, and nothing else.",
  ],
  [
    "$XDG_CONFIG_HOME/norbridge/norbridge.config.json",
    "Your own settings and profiles. On macOS and Windows the file is in the folder for application data.",
  ],
  ["$XDG_STATE_HOME/norbridge/jobs", "Journals of jobs, for `resume` and `undo`."],
];

const COLOURS: readonly (readonly [name: string, text: string])[] = [
  ["NO_COLOR", "If it is set, no output is coloured."],
  ["FORCE_COLOR", "Output is coloured even in a pipe, unless the value is 0."],
];

/** The page for a version of the program. */
export function manPage(version: string): string {
  const lines = [
    '.\\" Made by norbridge from its table of commands. Do not edit.',
    `.TH NORBRIDGE 1 "" "${PROGRAM} ${version}" "User Commands"`,
    ...section("NAME", [escape(`${PROGRAM} - program SPI NOR flash through a USB-serial-to-SPI bridge`)]),
    ...section("SYNOPSIS", [`.B ${PROGRAM}`, ".I COMMAND", "[options]"]),
    ...section("DESCRIPTION", [escape(ABOUT), ...DESCRIPTION.flatMap((text) => [".PP", escape(text)])]),
    ...section("COMMANDS", commands.flatMap(commandPart)),
    ...section("CONNECTION OPTIONS", [
      escape("On every command that uses a bridge."),
      ...connectionOptions.flatMap((option) => optionPart(option)),
    ]),
    ...section("OUTPUT OPTIONS", [...outputFlags, helpFlag, versionFlag].flatMap(optionPart)),
    ...section(
      "VALUES",
      FORMS.flatMap(([title, text]) => item(title, text)),
    ),
    ...section("ENVIRONMENT", [
      escape("A variable is used if its option is not typed. A flag takes 1 or 0."),
      ...configurableOptions.flatMap((option) =>
        item(environmentNameOf(option) ?? "", `The same as --${option.name}.`),
      ),
      ...COLOURS.flatMap(([name, text]) => item(name, text)),
    ]),
    ...section(
      "FILES",
      FILES.flatMap(([name, text]) => item(name, text)),
    ),
    ...section(
      "EXIT STATUS",
      EXIT_CODES.flatMap(([code, text]) => item(String(code), text)),
    ),
    ...section("SEE ALSO", [".BR flashrom (8)"]),
  ];
  return `${lines.join("\n")}\n`;
}

function commandPart(command: Command): readonly string[] {
  return [
    `.SS ${escape(usageOf(command))}`,
    escape(`${command.summary}.`),
    ...command.options.flatMap(optionPart),
    ".PP",
    command.examples.length === 1 ? "Example:" : "Examples:",
    ".PP",
    ".nf",
    ...command.examples.map((example) => `    ${escape(example)}`),
    ".fi",
  ];
}

function optionPart(option: Option): readonly string[] {
  return item(optionName(option).trim(), optionText(option));
}

function item(name: string, text: string): readonly string[] {
  return [".TP", `.B ${escape(name)}`, escape(text)];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`.SH ${title}`, ...lines];
}

/** Text that troff takes as it stands: a hyphen that can be copied, no requests. */
function escape(text: string): string {
  const plain = text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}
