/** A command line in this process. */
import { realClock } from "../../../src/clock.ts";
import { runCli } from "../../../src/cli/program/run-cli.ts";
import { fakeIo, jsonLines } from "../../support/fake-io.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The last line with --json. */
  readonly result: Readonly<Record<string, unknown>>;
}

/** Runs it on the real clock; `folder` keeps its state. */
export async function run(folder: string, ...words: readonly string[]): Promise<Ran> {
  const io = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: folder } });
  const code = await runCli(words, { ...io, clock: realClock });
  const { text } = io.stdout;
  const result = words.includes("--json") ? (jsonLines(text).at(-1) ?? {}) : {};
  return { code, out: text, err: io.stderr.text, result };
}
