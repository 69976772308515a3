/**
 * Standard output and standard error as a job needs them: they never throw into it, never hold it up, and never grow without
 * bound. What they could not write is known at the end.
 */
import type { WriteStream } from "node:tty";
import { type Clock, withDeadline } from "../../clock.ts";
import { systemErrorCode, systemReason } from "../../disk/file-problem.ts";
import { mayStall, writeAll } from "../../disk/open-output.ts";
import type { OutputLoss, TextOutput } from "./cli-io.ts";

const FALLBACK_COLUMNS = 80;
/** From this many bytes on that the reader has not taken, progress is dropped, and writers of data wait. */
const MAX_WAITING_BYTES = 256 * 1024;
/** How long the end of the program waits for a reader who takes nothing, microseconds. */
export const SETTLE_US = 5_000_000;
/** Written in pieces of this size, so that a slow reader is seen to take something. */
const PIECE_BYTES = 16 * 1024;

export class ProcessOutput implements TextOutput {
  readonly isTty: boolean;
  readonly colour: boolean;
  readonly #name: string;
  readonly #stream: WriteStream;
  readonly #fd: number;
  readonly #isTerminal: boolean;
  readonly #isDirect: boolean;
  readonly #onEnd: () => void;
  #loss: OutputLoss | undefined;
  #isGone = false;
  #isHungUp = false;
  readonly #waiting = new Set<() => void>();

  /** `onEnd` is called once when nothing can be written any more. */
  constructor(name: string, fd: 1 | 2, env: NodeJS.ProcessEnv, onEnd: () => void) {
    const stream: WriteStream = fd === 1 ? process.stdout : process.stderr;
    this.#name = name;
    this.#fd = fd;
    this.#stream = stream;
    this.#onEnd = onEnd;
    // The declared type promises a terminal; in a pipe isTTY, columns and hasColors are absent.
    const terminal: Partial<Pick<WriteStream, "isTTY" | "hasColors">> = stream;
    this.#isTerminal = terminal.isTTY === true;
    this.isTty = this.#isTerminal && env["TERM"] !== "dumb";
    this.colour = wantsColour(env, this.isTty && stream.hasColors());
    this.#isDirect = !this.#isTerminal && !mayStall(fd);
    stream.on("error", (error: unknown) => {
      this.#fail(error);
    });
    stream.on("drain", () => {
      this.#wakeAll();
    });
  }

  /** Whether this was a terminal that went away. */
  get isHungUp(): boolean {
    return this.#isHungUp;
  }

  columns(): number {
    const terminal: { readonly columns?: number | undefined } = this.#stream;
    // A terminal without a size (`script`, `docker exec -t`) has 0 columns.
    return terminal.columns === undefined || terminal.columns === 0 ? FALLBACK_COLUMNS : terminal.columns;
  }

  write(text: string): void {
    this.#put(text);
  }

  writeBytes(bytes: Uint8Array): void {
    this.#put(bytes);
  }

  writePassing(text: string): void {
    if (this.#stream.writableLength <= MAX_WAITING_BYTES) this.#put(text);
  }

  async room(signal: AbortSignal): Promise<void> {
    while (!this.#isGone && !signal.aborted && this.#stream.writableLength > MAX_WAITING_BYTES) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener("abort", done);
          this.#waiting.delete(done);
          resolve();
        };
        this.#waiting.add(done);
        signal.addEventListener("abort", done, { once: true });
      });
    }
  }

  /**
   * Waits for the reader; returns what was lost. A reader that takes nothing for `patienceUs` is given up; without it the wait
   * ends only with the reader, as for a user who reads in a pager.
   */
  async settle(clock: Clock, patienceUs: number | undefined): Promise<OutputLoss | undefined> {
    if (!this.#isGone && !this.#isDirect && this.#stream.writableLength > 0) {
      const flushed = new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        this.#stream.write("", () => {
          resolve();
        });
      });
      if (patienceUs === undefined) {
        await flushed;
        return this.#loss;
      }
      for (let before = -1; before !== this.#stream.writableLength; ) {
        before = this.#stream.writableLength;
        if ((await withDeadline(clock, flushed, patienceUs)) !== "late") return this.#loss;
      }
      this.#loss ??= { name: this.#name, reason: `its reader read nothing for ${patienceUs / 1e6} s` };
    }
    return this.#loss;
  }

  #put(data: string | Uint8Array): void {
    if (this.#isGone) return;
    if (!this.#isDirect && this.isTty) {
      this.#stream.write(data);
      return;
    }
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (!this.#isDirect) {
      for (let at = 0; at < bytes.length && this.#stream.writable; at += PIECE_BYTES) {
        this.#stream.write(bytes.subarray(at, at + PIECE_BYTES));
      }
      return;
    }
    try {
      writeAll(this.#fd, bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#isHungUp = this.#isTerminal && systemErrorCode(error) === "EIO";
    // A reader that went away has what it wanted.
    if (!isReaderGone(error)) this.#loss = { name: this.#name, reason: systemReason(error) };
    this.#wakeAll();
    this.#onEnd();
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/**
 * EPIPE everywhere; on Windows a closed pipe may also be an end of file or a reset connection, and a stream may be torn
 * down by it.
 */
const GONE = new Set(["EPIPE", "EOF", "ECONNRESET", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]);

/** Whether an error of an output means that its reader went away. */
export function isReaderGone(error: unknown): boolean {
  return GONE.has(systemErrorCode(error) ?? "");
}

/** NO_COLOR wins over FORCE_COLOR, and both over what the terminal can do. */
function wantsColour(env: NodeJS.ProcessEnv, canShow: boolean): boolean {
  const { NO_COLOR: no = "", FORCE_COLOR: force } = env;
  if (no !== "") return false;
  return force === undefined ? canShow : force !== "0" && force !== "false";
}
