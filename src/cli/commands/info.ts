/** `norbridge info`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";

export const infoCommand: Command = {
  name: "info",
  summary: "Show the bridge and the chip in full",
  positionals: [],
  examples: ["norbridge info --port sim:AT25SF041"],
  options: [],
  connects: true,
  prepare(args) {
    const connection = readConnection(args);
    return async (session) => (await import("../actions/info.ts")).info({ connection }, session);
  },
};
