/** `norbridge completion [SHELL]`: the script that the shell loads. */
import { printable } from "../../bytes.ts";
import { SHELLS, type Shell } from "../completion/completion-words.ts";
import { completionScript } from "../completion/scripts.ts";
import { nearestName } from "../arguments/nearest-name.ts";
import { usageError } from "../arguments/option.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";

export interface CompletionRequest {
  /** As typed; "": the shell that the program was started from. */
  readonly shell: string;
}

/** Throws USAGE for a shell that there is no script for. */
export function completion(request: CompletionRequest, { report, io }: Session): Promise<Outcome> {
  const isTyped = request.shell !== "";
  const name = isTyped ? request.shell : (/([^/\\]+?)(?:\.exe)?$/.exec(io.env["SHELL"] ?? "")?.[1] ?? "");
  const shell = shellOf(name);
  if (shell === undefined) throw unknownShell(name, isTyped);
  const script = completionScript(shell);
  report.text(script);
  return Promise.resolve({ kind: "done", fields: { shell, script } });
}

function shellOf(name: string): Shell | undefined {
  return SHELLS.find((one) => one === (name === "pwsh" ? "powershell" : name));
}

function unknownShell(name: string, isTyped: boolean): Error {
  const all = `Available: ${SHELLS.join(", ")}.`;
  if (!isTyped) return usageError("completion needs the name of a shell: SHELL is not set to a supported one", all);
  const nearest = nearestName(name, SHELLS);
  return usageError(
    `completion does not support ${printable(name)}`,
    nearest === undefined ? all : `Did you mean ${nearest}? ${all}`,
  );
}
