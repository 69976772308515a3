/** `norbridge replay FILE`: the words. */
import type { Command } from "../command.ts";

export const replayCommand: Command = {
  name: "replay",
  summary: "Run a recorded command (--record) against its recording, without hardware",
  positionals: ["FILE"],
  examples: ["norbridge replay bad-board.rec", "norbridge write app.bin --port replay:bad-board.rec"],
  options: [],
  connects: false,
  prepare(args) {
    const file = args.positional(0);
    return async (session) => (await import("../actions/replay.ts")).replay(file, session);
  },
};
