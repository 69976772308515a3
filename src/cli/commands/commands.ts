/** All commands, in the order of the help. Only their words: what they do is imported when they run. */
import type { Command, CommandGroup } from "../arguments/command.ts";
import { blankCheckCommand } from "./blank-check.ts";
import { chipsCommand } from "./chips.ts";
import { completionCommand } from "./completion.ts";
import { configCommand } from "./config.ts";
import { diffCommand } from "./diff.ts";
import { dumpCommand } from "./dump.ts";
import { eraseCommand } from "./erase.ts";
import { explainCommand } from "./explain.ts";
import { extractCommand } from "./extract.ts";
import { firmwareCommand } from "./firmware.ts";
import { fsCommands } from "./fs.ts";
import { infoCommand } from "./info.ts";
import { kvCommands } from "./kv.ts";
import { ledgerCommands } from "./ledger.ts";
import { listCommand } from "./list.ts";
import { logCommands } from "./log.ts";
import { logsCommands } from "./logs.ts";
import { otpCommands } from "./otp.ts";
import { pageSizeCommand } from "./page-size.ts";
import { protectCommands } from "./protect.ts";
import { readCommand } from "./read.ts";
import { regionsCommand } from "./regions.ts";
import { jobsCommand, resumeCommand, undoCommand } from "./resume.ts";
import { safeCommands } from "./safe.ts";
import { settingsCommands } from "./settings.ts";
import { sfdpCommand } from "./sfdp.ts";
import { doctorCommand } from "./doctor.ts";
import { replayCommand } from "./replay.ts";
import { pageCommand } from "./page.ts";
import { simCommand } from "./sim.ts";
import { stationCommands } from "./station.ts";
import { streamCommand } from "./stream.ts";
import { verifyCommand } from "./verify.ts";
import { writeCommand } from "./write.ts";

/** A part of the list of commands. */
export interface CommandSection {
  readonly title: string;
  readonly members: readonly (Command | CommandGroup)[];
}

const protectGroup: CommandGroup = { name: "protect", summary: "Write protection of the chip: status, on, off" };
const otpGroup: CommandGroup = { name: "otp", summary: "One-time programmable registers: read, program" };
const logGroup: CommandGroup = {
  name: "log",
  summary: "Records on the chip (FCB, px_log_fs): info, read, append, rotate, clear. Stored ones: `logs`",
};
const logsGroup: CommandGroup = {
  name: "logs",
  summary: "Logs that `extract` has stored: decode, export, views, compact. Those on a chip: `log`",
};
const settingsGroup: CommandGroup = {
  name: "settings",
  summary: "Zephyr settings on the chip: list, get, set, delete",
};
const kvGroup: CommandGroup = {
  name: "kv",
  summary: "Items on the chip by key (Zephyr NVS, ZMS; FlashDB KVDB, read only): list, get, set, delete",
};
const safeGroup: CommandGroup = {
  name: "safe",
  summary: "eCos Flash Safe, a transactional store: info, list, get, set, delete, format",
};
const fsGroup: CommandGroup = { name: "fs", summary: "Files of a littlefs on the chip: list, get" };
const stationGroup: CommandGroup = {
  name: "station",
  summary: "Units in production by a recipe: run, check, compose, approve",
};
const ledgerGroup: CommandGroup = {
  name: "ledger",
  summary: "Numbers of units, which are never used twice: take, issue, burn, unit, account, check, export",
};

/** First words that several commands share, each with its commands. */
const groups: ReadonlyMap<CommandGroup, readonly Command[]> = new Map([
  [protectGroup, protectCommands],
  [otpGroup, otpCommands],
  [logGroup, logCommands],
  [logsGroup, logsCommands],
  [settingsGroup, settingsCommands],
  [kvGroup, kvCommands],
  [safeGroup, safeCommands],
  [fsGroup, fsCommands],
  [stationGroup, stationCommands],
  [ledgerGroup, ledgerCommands],
]);

export const commandGroups: readonly CommandGroup[] = [...groups.keys()];

/** The list of commands, by what they are for. */
export const commandSections: readonly CommandSection[] = [
  {
    title: "Chip",
    members: [
      ...[listCommand, infoCommand, readCommand, writeCommand, verifyCommand],
      ...[diffCommand, dumpCommand, eraseCommand, blankCheckCommand],
    ],
  },
  { title: "Interrupted jobs", members: [resumeCommand, undoCommand, jobsCommand] },
  { title: "Protection and registers", members: [protectGroup, otpGroup, pageSizeCommand] },
  {
    title: "Data of devices",
    members: [
      regionsCommand,
      logGroup,
      extractCommand,
      logsGroup,
      settingsGroup,
      kvGroup,
      safeGroup,
      fsGroup,
      streamCommand,
    ],
  },
  {
    title: "Bench",
    members: [
      doctorCommand,
      firmwareCommand,
      chipsCommand,
      sfdpCommand,
      replayCommand,
      explainCommand,
      simCommand,
      pageCommand,
    ],
  },
  { title: "Production", members: [stationGroup, ledgerGroup] },
  { title: "Setup", members: [configCommand, completionCommand] },
];

export const commands: readonly Command[] = commandSections.flatMap(({ members }) =>
  members.flatMap((member) => ("prepare" in member ? [member] : (groups.get(member) ?? []))),
);
