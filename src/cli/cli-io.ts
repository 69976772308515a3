/**
 * What the command line is given by the process around it. Nothing in this room but process-io.ts touches `process`,
 * so a test can run any command line in its own process and see every byte that comes out.
 */
import type { Clock } from "../clock.ts";

/** One of the two text outputs. */
export interface TextOutput {
  /** Writes text as it is; what happens after the reader went away is silence. */
  write(text: string): void;
  /** Writes bytes as they are, for whoever asked for exactly that. */
  writeBytes(bytes: Uint8Array): void;
  readonly isTty: boolean;
  /** Width of the terminal as it is now; 80 where there is none. */
  columns(): number;
  /** Whether colours are wanted: a terminal that has them, NO_COLOR and FORCE_COLOR obeyed. */
  readonly colour: boolean;
}

export interface CliIo {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Real time. A simulated port brings its own clock for the job. */
  readonly clock: Clock;
  /** 32 random bits. */
  readonly random: () => number;
  /** Calls `listener` at every Ctrl-C or request to end; answers how to unregister. */
  onInterrupt(listener: () => void): () => void;
  /** Calls `listener` once when nobody reads stdout any more. */
  onStdoutClosed(listener: () => void): void;
}
