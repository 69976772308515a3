/** `norbridge completion [SHELL]`: the words. */
import type { Command } from "../arguments/command.ts";
import { SHELLS } from "../completion/completion-words.ts";

export const completionCommand: Command = {
  name: "completion",
  summary: "Print the script that completes words with TAB, for bash, zsh, fish or powershell",
  positionals: ["[SHELL]"],
  offers: [SHELLS],
  examples: [
    "norbridge completion bash > ~/.local/share/bash-completion/completions/norbridge",
    "norbridge completion fish > ~/.config/fish/completions/norbridge.fish",
    'norbridge completion zsh > "${fpath[1]}/_norbridge"',
    "norbridge completion powershell >> $PROFILE",
  ],
  options: [],
  connects: false,
  prepare(args) {
    const shell = args.positional(0);
    return async (session) => (await import("../actions/completion.ts")).completion({ shell }, session);
  },
};
