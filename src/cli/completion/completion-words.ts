/** What the program and its completion scripts have agreed on. */

/** The word that the scripts ask with; see completion/answer.ts. */
export const ASK_COMPLETIONS = "--get-completions";

/** Shells that there is a script for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

export type Shell = (typeof SHELLS)[number];
