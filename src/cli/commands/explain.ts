/** `norbridge explain FILE`: the words. */
import type { Command } from "../arguments/command.ts";
import { flagOption } from "../options/options.ts";

const stepsOption = flagOption("steps", "Show only what the chip was asked and what it returned");

export const explainCommand: Command = {
  name: "explain",
  summary: "Show a recording as text: frames, steps, and what was sent again",
  positionals: ["FILE"],
  file: "input",
  examples: ["norbridge explain bad-board.rec", "norbridge explain bad-board.rec --steps"],
  options: [stepsOption],
  connects: false,
  prepare(args) {
    const request = { file: args.positional(0), stepsOnly: args.flag(stepsOption) };
    return async (session) => (await import("../actions/explain.ts")).explainRecording(request, session);
  },
};
