/**
 * What the command line is given by the process around it. Nothing in this room but process-io.ts touches `process`,
 * so a test can run any command line in its own process and see every byte that comes out.
 */
import type { Clock } from "../../clock.ts";
import type { Platform } from "../../platform.ts";

/** One of the two text outputs. */
export interface TextOutput {
  /** Writes text as it is; what happens after the reader went away is silence. */
  write(text: string): void;
  /** Writes bytes as they are, if the user requested exactly that. */
  writeBytes(bytes: Uint8Array): void;
  /** Writes text that is worth less than a job: if the reader is slow it is dropped. */
  writePassing(text: string): void;
  /** Resolves when the reader has taken so much that more may be written, when it went away, or when the signal aborts. */
  room(signal: AbortSignal): Promise<void>;
  readonly isTty: boolean;
  /** Width of the terminal as it is now; 80 if there is none. */
  columns(): number;
  /** Whether colours are wanted: a terminal that has them, unless NO_COLOR or FORCE_COLOR specify otherwise. */
  readonly colour: boolean;
}

/** What asks a command to end: Ctrl-C, Ctrl-Break on Windows, the system, a terminal that was closed. */
export type InterruptSignal = "SIGINT" | "SIGBREAK" | "SIGTERM" | "SIGHUP";

export interface CliIo {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The system it runs on: which commands can be pasted, where files of a user lie. */
  readonly platform: Platform;
  /** Real time. A simulated port brings its own clock for the job. */
  readonly clock: Clock;
  /** 32 random bits. */
  readonly random: () => number;
  /** Calls `listener` at every Ctrl-C or request to end; returns how to unregister. */
  onInterrupt(listener: (signal: InterruptSignal) => void): () => void;
  /**
   * Calls `listener` once when the reader of stdout has gone, or it cannot be written. Only for a command whose one purpose is
   * its output: `settle` then waits for its reader without a limit.
   */
  onStdoutClosed(listener: () => void): void;
  /** Waits until both outputs are with their readers, at most a few seconds; returns what could not be written, and why. */
  settle(): Promise<readonly OutputLoss[]>;
}

/** An output that did not take what it should have. A reader that went away has what it wanted and is none. */
export interface OutputLoss {
  /** "standard output". */
  readonly name: string;
  readonly reason: string;
}
