/** All commands, in the order of the help. The words only: what they do is imported when they run. */
import type { Command, CommandGroup } from "../command.ts";
import { blankCheckCommand } from "./blank-check.ts";
import { chipsCommand } from "./chips.ts";
import { diffCommand } from "./diff.ts";
import { dumpCommand } from "./dump.ts";
import { eraseCommand } from "./erase.ts";
import { firmwareCommand } from "./firmware.ts";
import { infoCommand } from "./info.ts";
import { listCommand } from "./list.ts";
import { logCommands } from "./log.ts";
import { otpCommands } from "./otp.ts";
import { pageSizeCommand } from "./page-size.ts";
import { protectCommands } from "./protect.ts";
import { readCommand } from "./read.ts";
import { jobsCommand, resumeCommand, undoCommand } from "./resume.ts";
import { safeCommands } from "./safe.ts";
import { settingsCommands } from "./settings.ts";
import { sfdpCommand } from "./sfdp.ts";
import { doctorCommand } from "./doctor.ts";
import { replayCommand } from "./replay.ts";
import { simCommand } from "./sim.ts";
import { streamCommand } from "./stream.ts";
import { verifyCommand } from "./verify.ts";
import { writeCommand } from "./write.ts";

export const commands: readonly Command[] = [
  listCommand,
  infoCommand,
  readCommand,
  writeCommand,
  verifyCommand,
  diffCommand,
  dumpCommand,
  eraseCommand,
  blankCheckCommand,
  resumeCommand,
  undoCommand,
  jobsCommand,
  ...protectCommands,
  streamCommand,
  ...logCommands,
  ...settingsCommands,
  ...safeCommands,
  ...otpCommands,
  pageSizeCommand,
  chipsCommand,
  sfdpCommand,
  firmwareCommand,
  doctorCommand,
  replayCommand,
  simCommand,
];

/** First words that several commands share. */
export const commandGroups: readonly CommandGroup[] = [
  { name: "protect", summary: "Protection against program and erase: status, on, off" },
  { name: "otp", summary: "One-time and security registers: read, program" },
  { name: "log", summary: "Records on the chip: info, read, append, rotate, clear" },
  { name: "settings", summary: "A Zephyr settings area: list, get, set, delete" },
  { name: "safe", summary: "A keyed store that changes as a whole: info, list, get, set, delete, format" },
];
