/** `norbridge chips [NAME]`: the words. */
import type { Command } from "../arguments/command.ts";

export const chipsCommand: Command = {
  name: "chips",
  summary: "List known chips, search them by name, maker, ID or size, or show all data of one",
  positionals: ["[NAME]"],
  offers: ["chips"],
  examples: [
    "norbridge chips",
    "norbridge chips AT25SF041",
    "norbridge chips ef4018",
    "norbridge chips Macronix",
    "norbridge chips 32M",
    "norbridge chips AT45DB041E --json",
  ],
  options: [],
  connects: false,
  prepare(args) {
    const name = args.positional(0);
    return async (session) => (await import("../actions/chips.ts")).chips({ name }, session);
  },
};
