/**
 * The one place that decides what goes where. People: what was asked for on stdout; progress, notes and errors on
 * stderr. `--json`: stdout carries one object a line and nothing else, the result last.
 */
import type { FlashGeometry } from "../../../drivers/geometry.ts";
import type { Remedy } from "../../advice.ts";
import { printable } from "../../bytes.ts";
import type { Clock } from "../../clock.ts";
import type { StandardOutput } from "../../files/image-writer.ts";
import type { JobEvent } from "../../jobs/job-event.ts";
import type { CliIo } from "../program/cli-io.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { type Failure, failureFields, failureText } from "../program/exit-code.ts";
import { hintText } from "./remedy-text.ts";
import { jsonText } from "./json-text.ts";
import { JsonProgress } from "./json-progress.ts";
import { paint } from "./paint.ts";
import { PlainProgress, type Progress, TerminalProgress } from "./progress.ts";

export interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Name of the command, such as "log read"; "" for none. */
  readonly command: string;
}

export class Report {
  readonly #io: CliIo;
  readonly #options: ReportOptions;
  #progress: Progress | undefined;
  #stdoutIsData = false;
  #events = 0;
  #lastSaidUs: number;
  #doing: string | undefined;
  #doingSinceUs = 0;
  #dropsBytes = false;

  constructor(io: CliIo, options: ReportOptions) {
    this.#io = io;
    this.#options = options;
    this.#lastSaidUs = io.clock.nowUs();
  }

  /** Grows with everything that a job gets done. */
  get events(): number {
    return this.#events;
  }

  /** What the command waits for from now on, for the user: "the bridge". Undefined: it waits because it should. */
  waitsFor(what: string | undefined): void {
    this.#doing = what;
    this.#doingSinceUs = this.#io.clock.nowUs();
  }

  /** To be called every second or so: says that the command waits where nothing was said for `quietUs` microseconds. */
  beat(quietUs: number): void {
    const nowUs = this.#io.clock.nowUs();
    if (this.#options.quiet || this.#doing === undefined || nowUs - this.#lastSaidUs < quietUs) return;
    if (this.#progress?.beat() === true) return;
    const seconds = Math.round((nowUs - this.#doingSinceUs) / 1e6);
    const message = `waiting for ${printable(this.#doing)}, ${seconds} s so far; Ctrl-C cancels`;
    this.#lastSaidUs = nowUs;
    if (this.json) this.#passing(`${jsonText({ v: 1, type: "note", level: "note", message })}\n`);
    else this.#around(() => this.#io.stderr.writePassing(`note: ${message}\n`));
  }

  /** Resolves when so much has been taken of what was written that more may be. A slow reader is not reported as a wait. */
  async room(signal: AbortSignal): Promise<void> {
    const doing = this.#doing;
    this.#doing = undefined;
    await this.#io.stdout.room(signal);
    this.waitsFor(doing);
  }

  get json(): boolean {
    return this.#options.json;
  }

  get verbose(): boolean {
    return this.#options.verbose;
  }

  /** From now on stdout belongs to the bytes of a file: the summary goes to stderr. */
  stdoutCarriesData(): void {
    this.#stdoutIsData = true;
  }

  /** Text that was asked for; whole lines. Nothing with --json. */
  text(lines: string): void {
    if (!this.json) this.lines(lines);
  }

  /** Whole lines for stdout that are already in the form that was asked for, JSON or text. */
  lines(text: string): void {
    if (text === "") return;
    this.#saidSomething();
    this.#around(() => this.#io.stdout.write(text));
  }

  /** From now on bytes go nowhere. */
  dropBytes(): void {
    this.#dropsBytes = true;
  }

  /** Bytes as they are, where `stdoutCarriesData` was said. Nothing with --json. */
  bytes(bytes: Uint8Array): void {
    if (this.json || this.#dropsBytes) return;
    this.#saidSomething();
    this.#io.stdout.writeBytes(bytes);
  }

  /** Standard output as the file that a command makes. */
  get outputFile(): StandardOutput {
    const { stdout } = this.#io;
    return {
      isTerminal: stdout.isTty,
      write: (bytes) => {
        this.#saidSomething();
        stdout.writeBytes(bytes);
      },
      commit: () => undefined,
      abort: () => undefined,
    };
  }

  /** One JSON line of this type. Nothing without --json. */
  record(type: string, fields: JsonFields): void {
    if (!this.json) return;
    this.#saidSomething();
    this.#io.stdout.write(`${jsonText({ v: 1, type, ...fields })}\n`);
  }

  /** While output appears, the user needs no message that the command still waits. */
  #saidSomething(): void {
    this.#lastSaidUs = this.#io.clock.nowUs();
  }

  /** A line of JSON that is dropped if the reader is slow. */
  #passing(line: string): void {
    this.#saidSomething();
    this.#io.stdout.writePassing(line);
  }

  /** A bare line on stderr that scripts wait for; shown with -q too. Nothing with --json. */
  announce(line: string): void {
    if (this.json) return;
    this.#saidSomething();
    this.#io.stderr.write(`${line}\n`);
  }

  /** Something a person should know although the command continues. */
  note(message: string, remedies: readonly Remedy[] = []): void {
    if (this.#options.quiet) return;
    this.#say("note", "note", withRemedies(message, remedies));
  }

  /** As `note`, but shown with -q too: something is not as it should be. */
  warn(message: string, remedies: readonly Remedy[] = []): void {
    this.#say("warning", "warning", withRemedies(message, remedies));
  }

  /** Something only -v asks for. */
  detail(message: string): void {
    if (this.#options.verbose) this.#say("detail", "detail", message);
  }

  /** Starts to show a job; returns its listener. At most one job is shown at a time. */
  watch(geometry: FlashGeometry, jobClock: Clock): (event: JobEvent) => void {
    this.endProgress();
    const progress = this.#createProgress(geometry, jobClock);
    this.#progress = progress;
    return (event) => {
      this.#events++;
      if (event.kind === "note") this.note(event.message, event.remedies);
      else progress?.on(event);
    };
  }

  /** Ends what `watch` began. Idempotent; safe on every way out. */
  endProgress(): void {
    this.#progress?.end();
    this.#progress = undefined;
  }

  /** The end of a command that ran; `exitCode` is what the program exits with. */
  outcome(outcome: Outcome, exitCode: number): void {
    this.endProgress();
    if (outcome.kind === "done") {
      const { summary } = outcome;
      if (!this.json && summary !== undefined && !this.#options.quiet)
        this.#summaryOutput().write(`${shown(summary)}\n`);
      this.#result({ ok: true }, exitCode, outcome.fields);
      return;
    }
    const hint = outcome.hint ?? "";
    if (this.json) {
      const said = { ok: false, code: "CHECK_FAILED", message: outcome.message, hint };
      this.#result(said, exitCode, outcome.fields);
      return;
    }
    this.#summaryOutput().write(`${shown(outcome.message)}\n`);
    if (hint !== "" && !this.#options.quiet) this.#io.stderr.write(`hint:  ${shown(hint)}\n`);
  }

  /** What is said on stderr after the end of a command, with --json and -q too. */
  afterwards(line: string): void {
    this.#io.stderr.write(`error: ${printable(line)}\n`);
  }

  /** The last line of every command. */
  #result(ending: JsonFields, exitCode: number, fields: JsonFields): void {
    this.record("result", { ...ending, ran: this.#options.command, exit: exitCode, ...fields });
  }

  /** The end of a command that failed; `exitCode` is what the program exits with. */
  failure(failure: Failure, exitCode: number): void {
    this.endProgress();
    if (this.json) {
      this.#result(failureFields(failure, this.verbose), exitCode, {});
      return;
    }
    const { stderr } = this.#io;
    const text = failureText(failure, this.verbose);
    stderr.write(text.replace(/^error:/, paint(stderr, "red", "error:")));
  }

  #summaryOutput(): CliIo["stdout"] {
    return this.#stdoutIsData ? this.#io.stderr : this.#io.stdout;
  }

  #say(level: "note" | "warning" | "detail", word: string, message: string): void {
    const text = printable(message);
    if (this.json) {
      this.record("note", { level, message: text });
      return;
    }
    this.#saidSomething();
    this.#around(() => this.#io.stderr.write(`${word}: ${text}\n`));
  }

  #around(write: () => void): void {
    if (this.#progress === undefined) write();
    else this.#progress.around(write);
  }

  #createProgress(geometry: FlashGeometry, jobClock: Clock): Progress | undefined {
    if (this.#options.quiet) return undefined;
    if (this.json)
      return new JsonProgress(jobClock, (fields) => {
        this.#passing(`${jsonText({ v: 1, type: "progress", ...fields })}\n`);
      });
    const onShown = (): void => {
      this.#saidSomething();
    };
    const options = { output: this.#io.stderr, geometry, jobClock, drawClock: this.#io.clock, onShown };
    return this.#io.stderr.isTty ? new TerminalProgress(options) : new PlainProgress(options);
  }
}

/** A note is not a sentence; what helps follows as sentences. */
function withRemedies(message: string, remedies: readonly Remedy[]): string {
  return remedies.length === 0 ? message : `${message}. ${hintText({ text: "", remedies })}`;
}

/** Foreign text may be anywhere in what a command reports at its end: only its lines are ours. */
function shown(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
