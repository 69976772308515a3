/** The real process as a `CliIo`: the only file of this room that touches `process`. */
import type { WriteStream } from "node:tty";
import { machineRandom, realClock } from "../clock.ts";
import type { CliIo, TextOutput } from "./cli-io.ts";

const FALLBACK_COLUMNS = 80;

/** Builds the `CliIo` of this process. Call it once. */
export function processIo(): CliIo {
  let isClosed = false;
  let closedListener: (() => void) | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    isClosed = true;
    closedListener?.();
    closedListener = undefined;
  });
  // Nobody left to complain to: a lost stderr must not end a job on the chip.
  process.stderr.on("error", () => undefined);
  return {
    stdout: textOutput(process.stdout),
    stderr: textOutput(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    clock: realClock,
    random: machineRandom,
    onInterrupt(listener) {
      const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    onStdoutClosed(listener) {
      if (isClosed) listener();
      else closedListener = listener;
    },
  };
}

function textOutput(stream: WriteStream): TextOutput {
  // The declared type promises a terminal; in a pipe isTTY, columns and hasColors are absent.
  const terminal: Partial<Pick<WriteStream, "isTTY" | "columns" | "hasColors">> = stream;
  const isTty = terminal.isTTY === true && process.env["TERM"] !== "dumb";
  const write = (data: string | Uint8Array): void => {
    if (!stream.destroyed && stream.writable) stream.write(data);
  };
  return {
    write,
    writeBytes: write,
    isTty,
    columns: () => terminal.columns ?? FALLBACK_COLUMNS,
    colour: isTty && stream.hasColors() && !("NO_COLOR" in process.env && process.env["NO_COLOR"] !== ""),
  };
}
