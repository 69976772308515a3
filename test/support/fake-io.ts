/** A `CliIo` whose every byte can be looked at, on a clock that a test turns by hand. */
import type { CliIo, InterruptSignal, OutputLoss, TextOutput } from "../../src/cli/program/cli-io.ts";
import type { Clock } from "../../src/clock.ts";
import type { Platform } from "../../src/platform.ts";

export interface FakeOutput extends TextOutput {
  text: string;
  isTty: boolean;
  colour: boolean;
  width: number;
}

export function fakeOutput(options: Partial<Pick<FakeOutput, "isTty" | "colour" | "width">> = {}): FakeOutput {
  return {
    text: "",
    isTty: false,
    colour: false,
    width: 80,
    ...options,
    write(text) {
      this.text += text;
    },
    writeBytes(bytes) {
      this.text += Buffer.from(bytes).toString("latin1");
    },
    writePassing(text) {
      this.text += text;
    },
    room: () => Promise.resolve(),
    columns() {
      return this.width;
    },
  };
}

/** Waits up to this end at once on a clock that is turned by hand; longer ones when they are given up. */
const SHORT_US = 300_000;

/** A clock that stands still until `nowUs` is set; short waits end at once. */
export interface HandClock extends Clock {
  us: number;
}

export function handClock(us = 0): HandClock {
  return {
    us,
    nowUs() {
      return this.us;
    },
    wait: (durationUs, signal) =>
      durationUs <= SHORT_US
        ? Promise.resolve()
        : new Promise((resolve) => {
            signal?.addEventListener("abort", () => {
              resolve();
            });
          }),
  };
}

export interface FakeIo extends CliIo {
  readonly stdout: FakeOutput;
  readonly stderr: FakeOutput;
  readonly clock: HandClock;
  /** What `settle` answers. */
  readonly losses: OutputLoss[];
  /** As Ctrl-C does. */
  interrupt(): void;
  /** As the reader of stdout does when it goes away. */
  closeStdout(): void;
}

export interface FakeIoOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Default: a Linux, so that a test does the same everywhere. */
  readonly platform?: Platform;
}

export function fakeIo(options: FakeIoOptions = {}): FakeIo {
  const interrupts = new Set<(signal: InterruptSignal) => void>();
  const closed = new Set<() => void>();
  const losses: OutputLoss[] = [];
  return {
    losses,
    settle: () => Promise.resolve(losses),
    stdout: fakeOutput(),
    stderr: fakeOutput(),
    env: options.env ?? {},
    cwd: options.cwd ?? "/nowhere",
    platform: options.platform ?? "linux",
    clock: handClock(),
    random: () => 4,
    onInterrupt(listener) {
      interrupts.add(listener);
      return () => interrupts.delete(listener);
    },
    onStdoutClosed(listener) {
      closed.add(listener);
    },
    interrupt() {
      for (const listener of interrupts) listener("SIGINT");
    },
    closeStdout() {
      for (const listener of closed) listener();
    },
  };
}

/** The JSON lines of a text; throws if one is not JSON. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
