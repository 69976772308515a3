/**
 * Shows people how a job goes, on stderr and nowhere else. On a terminal two lines that are drawn over: phases with
 * rate and time left, and the map of the chip. Elsewhere a plain line now and then. The cursor is never hidden, so
 * no way out can leave it hidden.
 */
import type { FlashGeometry } from "../../../drivers/geometry.ts";
import type { Clock } from "../../clock.ts";
import type { JobEvent } from "../../jobs/job-event.ts";
import type { TextOutput } from "../program/cli-io.ts";
import { paint } from "./paint.ts";
import { PhaseTally } from "./phase-tally.ts";
import { MAP_LEGEND, SectorMap } from "./sector-map.ts";

const REDRAW_US = 100_000;
const PLAIN_LONGEST_US = 10_000_000;
const PLAIN_SHORTEST_US = 1_000_000;
const PLAIN_STEP_PERCENT = 10;

export interface Progress {
  on(event: JobEvent): void;
  /** Runs `write`, which prints whole lines on the same terminal, between two drawings. */
  around(write: () => void): void;
  /** Shows the state as it is now, since nothing was shown for a while; false if there is none yet. */
  beat(): boolean;
  /** Shows the last state and leaves the cursor at the start of a fresh line. Idempotent. */
  end(): void;
}

export interface ProgressOptions {
  readonly output: TextOutput;
  readonly geometry: FlashGeometry;
  /** The clock of the job, which is virtual on a simulated port: rates and time left are the job's. */
  readonly jobClock: Clock;
  /** The clock of the person who watches: how often a terminal is drawn. */
  readonly drawClock: Clock;
  /** Called whenever something was shown. */
  readonly onShown?: (() => void) | undefined;
}

/** Two lines that are drawn over at most ten times a second. */
export class TerminalProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #tally = new PhaseTally();
  readonly #map: SectorMap;
  #drawnLines = 0;
  #drawnAtUs = Number.NEGATIVE_INFINITY;
  #mapTouched = false;
  #ended = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#map = new SectorMap(options.geometry);
  }

  on(event: JobEvent): void {
    this.#tally.add(event, this.#options.jobClock.nowUs());
    if (event.kind === "sector") {
      this.#map.set(event.range, event.state);
      if (!this.#mapTouched) this.#beginMap();
    }
    const nowUs = this.#options.drawClock.nowUs();
    if (nowUs - this.#drawnAtUs >= REDRAW_US) this.#draw(nowUs);
  }

  around(write: () => void): void {
    const hadLines = this.#drawnLines > 0;
    this.#clear();
    write();
    if (hadLines && !this.#ended) this.#draw(this.#options.drawClock.nowUs());
  }

  beat(): boolean {
    if (this.#ended || this.#lines().length === 0) return false;
    this.#draw(this.#options.drawClock.nowUs());
    return true;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#drawnLines === 0 && this.#lines().length === 0) return;
    this.#draw(this.#options.drawClock.nowUs());
    this.#options.output.write("\n");
    this.#drawnLines = 0;
  }

  #beginMap(): void {
    const { output } = this.#options;
    this.#mapTouched = true;
    if (MAP_LEGEND.length >= output.columns()) return;
    this.around(() => {
      output.write(`${paint(output, "dim", MAP_LEGEND)}\n`);
    });
  }

  #lines(): string[] {
    const { output, jobClock } = this.#options;
    // One column is left free: a full line would wrap, and the next drawing would start a line too low.
    const width = Math.max(1, output.columns() - 1);
    const status = this.#tally.describe(jobClock.nowUs()).slice(0, width);
    const lines = status === "" ? [] : [status];
    if (this.#mapTouched) lines.push(this.#map.draw(width, (colour, text) => paint(output, colour, text)));
    return lines;
  }

  #draw(nowUs: number): void {
    const lines = this.#lines();
    if (lines.length === 0) return;
    this.#clear();
    this.#options.output.write(lines.join("\n"));
    this.#options.onShown?.();
    this.#drawnLines = lines.length;
    this.#drawnAtUs = nowUs;
  }

  #clear(): void {
    if (this.#drawnLines === 0) return;
    this.#options.output.write(`\r${"\u001b[1A".repeat(this.#drawnLines - 1)}\u001b[J`);
    this.#drawnLines = 0;
  }
}

/** A line at the start, at every tenth of the way but not more than one a second, after ten quiet seconds, at the end. */
export class PlainProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #tally = new PhaseTally();
  #shownAtUs: number;
  #shownStep = 0;
  #shownText = "";
  #ended = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#shownAtUs = options.jobClock.nowUs();
  }

  on(event: JobEvent): void {
    const nowUs = this.#options.jobClock.nowUs();
    this.#tally.add(event, nowUs);
    const quietUs = nowUs - this.#shownAtUs;
    const step = Math.floor(this.#tally.percent() / PLAIN_STEP_PERCENT);
    const isDue = quietUs >= PLAIN_LONGEST_US || (step > this.#shownStep && quietUs >= PLAIN_SHORTEST_US);
    if (!isDue) return;
    this.#shownStep = step;
    this.#show(nowUs);
  }

  around(write: () => void): void {
    write();
  }

  beat(): boolean {
    const nowUs = this.#options.jobClock.nowUs();
    const text = this.#ended ? "" : this.#tally.describe(nowUs);
    // The same once more would tell nothing of a job that gets nowhere.
    if (text === "" || text === this.#shownText) return false;
    this.#show(nowUs);
    return true;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#show(this.#options.jobClock.nowUs());
  }

  #show(nowUs: number): void {
    const text = this.#tally.describe(nowUs);
    this.#shownAtUs = nowUs;
    if (text === "" || text === this.#shownText) return;
    this.#shownText = text;
    this.#options.output.writePassing(`${text}\n`);
    this.#options.onShown?.();
  }
}
