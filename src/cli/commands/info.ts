/** `norbridge info`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";

export const infoCommand: Command = {
  name: "info",
  summary: "Identify the bridge and the chip, and show all their data",
  positionals: [],
  examples: ["norbridge info", "norbridge info --port sim:AT25SF041"],
  options: [],
  connects: true,
  prepare(args) {
    const connection = readConnection(args);
    return async (session) => (await import("../actions/info.ts")).info({ connection }, session);
  },
};
