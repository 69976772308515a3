/** `norbridge sfdp FILE`: the words. */
import type { Command } from "../arguments/command.ts";

export const sfdpCommand: Command = {
  name: "sfdp",
  summary: "Explain a dump of a chip's SFDP tables, binary or as hex text",
  positionals: ["FILE"],
  file: "input",
  examples: ["norbridge sfdp chip.sfdp", "norbridge sfdp area.txt --json"],
  options: [],
  connects: false,
  prepare(args) {
    const path = args.positional(0);
    return async (session) => (await import("../actions/sfdp.ts")).sfdp({ path }, session);
  },
};
