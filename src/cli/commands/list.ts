/** `norbridge list`: the words. */
import type { Command } from "../arguments/command.ts";

export const listCommand: Command = {
  name: "list",
  summary: "List the serial ports and mark those that look like a bridge",
  positionals: [],
  examples: ["norbridge list", "norbridge list --json"],
  options: [],
  connects: false,
  prepare: () => async (session) => (await import("../actions/list.ts")).list(session),
};
