/** The real process as a `CliIo`: with process-output.ts the only file of this room that touches `process`. */
import { machineRandom, realClock } from "../../clock.ts";
import { hostPlatform, type Platform } from "../../platform.ts";
import type { CliIo, InterruptSignal } from "./cli-io.ts";
import { ProcessOutput, SETTLE_US } from "./process-output.ts";

/** The process, and whether its terminal went away. */
export interface ProcessIo extends CliIo {
  isHungUp(): boolean;
}

/** Requests to end that a system has. Windows has Ctrl-Break, and no SIGTERM from outside; there a closed window is SIGHUP. */
export function interruptSignals(platform: Platform): readonly InterruptSignal[] {
  return platform === "windows" ? ["SIGINT", "SIGBREAK", "SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}

/** Builds the `CliIo` of this process. Call it once. */
export function processIo(): ProcessIo {
  let isClosed = false;
  let isOnlyOutput = false;
  let closedListener: (() => void) | undefined;
  const stdout = new ProcessOutput("standard output", 1, process.env, () => {
    isClosed = true;
    closedListener?.();
    closedListener = undefined;
  });
  // There is no place left to report to: a lost stderr must not end a job on the chip.
  const stderr = new ProcessOutput("standard error", 2, process.env, () => undefined);
  return {
    stdout,
    stderr,
    env: process.env,
    cwd: process.cwd(),
    platform: hostPlatform,
    clock: realClock,
    random: machineRandom,
    onInterrupt(listener) {
      const listeners = interruptSignals(hostPlatform).map((signal) => [signal, (): void => listener(signal)] as const);
      for (const [signal, each] of listeners) process.on(signal, each);
      return () => {
        for (const [signal, each] of listeners) process.off(signal, each);
      };
    },
    onStdoutClosed(listener) {
      isOnlyOutput = true;
      if (isClosed) listener();
      else closedListener = listener;
    },
    isHungUp: () => stdout.isHungUp || stderr.isHungUp,
    async settle() {
      // The port is closed by now: a command whose only purpose is its output waits for a reader who has gone for coffee.
      const patienceUs = isOnlyOutput ? undefined : SETTLE_US;
      const losses = await Promise.all([stdout.settle(realClock, patienceUs), stderr.settle(realClock, SETTLE_US)]);
      return losses.flatMap((loss) => loss ?? []);
    },
  };
}
