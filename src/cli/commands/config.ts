/** `norbridge config`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { journalOption } from "../options/options.ts";

export const configCommand: Command = {
  name: "config",
  summary: "Show the connection settings in use, and the source of each",
  positionals: [],
  examples: ["norbridge config", "norbridge config --profile bench", "NORBRIDGE_BAUD=921600 norbridge config --json"],
  options: [journalOption],
  connects: true,
  isOfThisMachine: true,
  prepare(args) {
    // What cannot be read is refused here as by any other command.
    readConnection(args);
    return async (session) => (await import("../actions/config.ts")).config(args, session);
  },
};
