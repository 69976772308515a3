/** `norbridge replay FILE`: the words. */
import type { Command } from "../arguments/command.ts";
import { chipFileOption } from "../options/options.ts";
import { inputOption, replayStructOption } from "../untrusted/replay-words.ts";

export const replayCommand: Command = {
  name: "replay",
  summary: "Run a recorded command again from its recording, without hardware",
  positionals: ["FILE"],
  file: "input",
  examples: ["norbridge replay bad-board.rec --input app.bin", "norbridge write app.bin --port replay:bad-board.rec"],
  options: [inputOption, chipFileOption, replayStructOption],
  connects: false,
  prepare(args) {
    const file = args.positional(0);
    const named = {
      input: args.value(inputOption),
      chipFile: args.value(chipFileOption),
      struct: args.value(replayStructOption),
    };
    return async (session) => (await import("../actions/replay.ts")).replay(file, named, session);
  },
};
