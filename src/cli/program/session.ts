/** What a command is given while it runs. */
import { newHash } from "../../node-hashes.ts";
import type { Recorder } from "../../recording/recorder.ts";
import type { Clock } from "../../clock.ts";
import { folderShelf } from "../../journal/folder-shelf.ts";
import type { JournalShelf } from "../../journal/journal-shelf.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { connectDevice } from "../../runner/connections/connect-device.ts";
import type { Connection } from "../../runner/connections/connection.ts";
import type { Rescue, RunHost } from "../../runner/run-host.ts";
import type { CliIo } from "./cli-io.ts";
import type { Outcome } from "./outcome.ts";
import type { Report } from "../output/report.ts";
import type { AdjustWords } from "../arguments/typed-words.ts";

/** Takes a command line apart; `adjust` may change or refuse what it says before the command sees it. Throws USAGE. */
export type ParseWords = (
  words: readonly string[],
  adjust: AdjustWords,
) => Promise<(session: Session) => Promise<Outcome>>;

/** What was typed, and how anything else that could be typed is taken apart. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly parse: ParseWords;
}

export class Session implements RunHost {
  readonly io: CliIo;
  readonly report: Report;
  readonly newHash = newHash;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** The words of the command line. */
  readonly words: readonly string[];
  /** For a command that runs another. */
  readonly parse: ParseWords;
  /** Writes down what goes over the wire; undefined if it was not requested. */
  recorder: Recorder | undefined;
  /** Why the recording is not whole; undefined if it is, or none is made. */
  recordingProblem: string | undefined;
  readonly #abort: () => void;
  #mayHaveChanged = false;
  #stdoutClosed = false;
  #leaving: (() => Promise<void>) | undefined;

  constructor(
    io: CliIo,
    report: Report,
    interrupt: { readonly signal: AbortSignal; abort(): void },
    line: CommandLine,
  ) {
    this.words = line.words;
    this.parse = line.parse;
    this.io = io;
    this.report = report;
    this.signal = interrupt.signal;
    this.#abort = () => {
      interrupt.abort();
    };
  }

  get clock(): Clock {
    return this.io.clock;
  }

  get random(): () => number {
    return this.io.random;
  }

  connect(request: ConnectionRequest, options: { readonly willChange: boolean }): Promise<Connection> {
    return connectDevice(this, request, options);
  }

  journals(folder: string | undefined): JournalShelf {
    return folderShelf(folder, this);
  }

  get env(): CliIo["env"] {
    return this.io.env;
  }

  /** Saves the bytes to files; the sentences name them, and the commands that restore them. */
  async loadRescue(): Promise<Rescue> {
    const { rescueFolders, saveRescueFiles } = await import("../host-files/rescue.ts");
    return (pieces, connectionWords) => saveRescueFiles(rescueFolders(this.io), pieces, connectionWords);
  }

  /** To be said before the first operation that changes the chip: a hard way out then counts as interrupted. */
  chipMayChange(): void {
    this.#mayHaveChanged = true;
  }

  get mayHaveChanged(): boolean {
    return this.#mayHaveChanged;
  }

  /** For commands whose only purpose is their output: when its reader has gone, they end. */
  endWithStdout(): void {
    this.io.onStdoutClosed(() => {
      this.#stdoutClosed = true;
      this.#abort();
    });
  }

  /** Whether the command was ended because the reader of its output has gone. */
  get endedWithStdout(): boolean {
    return this.#stdoutClosed;
  }

  /** How to let go of the port in a hurry; undefined once it is closed. */
  set leaving(close: (() => Promise<void>) | undefined) {
    this.#leaving = close;
  }

  /** Lets go of the port in a hurry. */
  async leave(): Promise<void> {
    await this.#leaving?.();
  }
}
