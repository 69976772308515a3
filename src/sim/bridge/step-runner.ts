/**
 * Runs the records of one session, one after the other (PROTOCOL.md section 5). Every step is a generator that yields
 * until when it waits; the caller calls `advance` then.
 *
 * What always holds: a record is run only when all of it is there; a window that sends is never cut short but by a
 * reset; when the runner is idle or stopped, chip select is high.
 */
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { type RecordMeaning, readRecord, type RecordReading } from "../../../firmware-protocol/record.ts";
import type { DigestStep, PollStep, SpiStep, StepFailure, TransferStep } from "../../../firmware-protocol/step.ts";
import type { BridgeOptions } from "./bridge-options.ts";
import { type ResultWriter, MIN_PIECE_BYTES } from "./result-writer.ts";
import type { SpiPort } from "./spi-port.ts";
import type { StepBuffer } from "./step-buffer.ts";

/** A time to continue at, or room in the result buffer. The generator gets the time at which it continues. */
type Wait = number | "room";
type Running = Generator<Wait, void, number>;

const NOTHING = new Uint8Array(0);
/** Results climb while a transfer continues, in pieces of this many SPI bytes. */
const RECEIVE_PIECE_BYTES = 256;
const DIGEST_PIECE_BYTES = 4096;
const PIN = { writeProtect: 1 << 1, hold: 1 << 2 } as const;

export interface RunnerParts {
  readonly options: BridgeOptions;
  readonly spi: SpiPort;
  readonly steps: StepBuffer;
  readonly results: ResultWriter;
}

export class StepRunner {
  readonly #parts: RunnerParts;
  readonly #slots = new Map<number, Uint8Array>();
  #running: Running | undefined;
  #wait: Wait = 0;
  #freeNs: number;
  #run: number | undefined;
  #hasFailed = false;
  #isCancelled = false;
  #isAbandoned = false;
  #isSending = false;
  #isInvalid = false;

  /** `freeNs`: nothing is begun before. */
  constructor(parts: RunnerParts, freeNs: number) {
    this.#parts = parts;
    this.#freeNs = freeNs;
  }

  /** When `advance` has something to do by itself; Infinity if it waits for bytes or room. */
  get wakeNs(): number {
    return this.#running === undefined || this.#wait === "room" ? Number.POSITIVE_INFINITY : this.#wait;
  }

  /** Whether a step is under way, also one that waits for room. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Whether it stands still until the host takes results. */
  get isBlocked(): boolean {
    return this.#running !== undefined && this.#wait === "room";
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** The step stream makes no sense: the session has to end. */
  get isInvalid(): boolean {
    return this.#isInvalid;
  }

  /** Cancels the run of that number if it is the one under way. */
  cancel(run: number): void {
    if (this.#run === run) this.#isCancelled = true;
  }

  /** Does all that is due. */
  advance(nowNs: number): void {
    for (;;) {
      if (this.#running === undefined && !this.#beginNext(nowNs)) return;
      const wait = this.#wait;
      if (wait === "room" ? !this.#parts.results.hasRoom : wait > nowNs) return;
      this.#proceed(wait === "room" ? nowNs : wait);
    }
  }

  #proceed(nowNs: number): void {
    const next = this.#running?.next(nowNs);
    if (next === undefined) return;
    if (next.done === true) {
      this.#running = undefined;
      this.#freeNs = nowNs;
    } else {
      this.#wait = next.value;
    }
  }

  /**
   * The results are no longer needed: what is being sent to the chip is sent to its end, all else stops at once and
   * nothing new starts.
   */
  abandon(nowNs: number): void {
    this.#isAbandoned = true;
    if (!this.#isSending) this.halt(nowNs);
  }

  /** Stops in the middle of whatever is in progress; chip select rises. */
  halt(nowNs: number): void {
    this.#isAbandoned = true;
    // The pins may belong to another session's runner by now.
    if (this.#running === undefined) return;
    this.#running = undefined;
    this.#parts.spi.deselect(nowNs);
  }

  #beginNext(nowNs: number): boolean {
    if (this.#isAbandoned || this.#isInvalid) return false;
    const { options, steps } = this.#parts;
    if (steps.availableBytes === 0) return false;
    const reading = this.#readNext();
    if (reading === "incomplete" && steps.availableBytes < options.bufferBytes) return false;
    if (typeof reading === "string") {
      this.#isInvalid = true;
      return false;
    }
    this.#running = this.#record(reading);
    this.#wait = Math.max(nowNs, this.#freeNs) + options.stepOverheadNs;
    // The first call only enters the generator: it waits for its start.
    this.#running.next(0);
    return true;
  }

  /** Most records are short; only what needs it is looked at as far as the longest record reaches. */
  #readNext(): RecordReading {
    const { options, steps } = this.#parts;
    const short = readRecord(steps.peek(32), 0, options);
    if (short !== "incomplete" || steps.availableBytes <= 32) return short;
    return readRecord(steps.peek(options.bufferBytes), 0, options);
  }

  *#record(reading: Exclude<RecordReading, string>): Running {
    const { steps, results } = this.#parts;
    let nowNs = yield 0;
    if (!results.hasRoom) nowNs = yield "room";
    let meaning: RecordMeaning = reading.meaning;
    if (reading.defineSlot !== undefined) this.#keep(reading.defineSlot, steps.peek(reading.end).slice(1));
    if (meaning.kind === "use") {
      const kept = this.#recall(meaning.slot);
      if (kept === undefined) {
        this.#isInvalid = true;
        return;
      }
      meaning = kept;
    }
    if (this.#isInvalid) return;
    if (meaning.kind === "begin") this.#beginRun(meaning.run);
    else if (this.#hasFailed) results.write({ kind: "skipped" }, nowNs);
    else if (this.#isCancelled) this.#fail("aborted", nowNs);
    else if (meaning.kind === "step") yield* this.#step(meaning.step, nowNs);
    else this.#set(meaning, nowNs);
    if (!this.#isAbandoned) steps.consume(reading.end);
  }

  #keep(slot: number, record: Uint8Array): void {
    const { slots, slotBytes } = this.#parts.options;
    if (slot >= slots || record.length > slotBytes) this.#isInvalid = true;
    else this.#slots.set(slot, record);
  }

  #recall(slot: number): RecordMeaning | undefined {
    const record = this.#slots.get(slot);
    const reading = record === undefined ? "invalid" : readRecord(record, 0, this.#parts.options);
    return typeof reading === "string" ? undefined : reading.meaning;
  }

  #beginRun(run: number): void {
    this.#run = run;
    this.#hasFailed = false;
    this.#isCancelled = false;
  }

  #fail(reason: StepFailure, nowNs: number, status = 0): void {
    this.#hasFailed = true;
    this.#parts.results.write({ kind: "failed", reason, status }, nowNs);
  }

  #step(step: SpiStep, startNs: number): Running {
    switch (step.kind) {
      case "transfer":
        return this.#transfer(step, startNs);
      case "poll":
        return this.#poll(step, startNs);
      case "digest":
        return this.#digest(step, startNs);
      case "delay":
        return this.#delay(step.durationUs, startNs);
    }
  }

  *#transfer(step: TransferStep, startNs: number): Running {
    const { spi, results } = this.#parts;
    spi.select(startNs);
    let nowNs = startNs;
    if (step.send.length > 0) {
      this.#isSending = true;
      nowNs = yield spi.begin(step.send, 0, nowNs);
      this.#isSending = false;
      spi.finish();
    }
    if (this.#isAbandoned) {
      spi.deselect(nowNs);
      return;
    }
    results.beginTransfer(nowNs);
    let rest = step.receiveBytes;
    while (rest > 0) {
      const piece = Math.min(rest, RECEIVE_PIECE_BYTES, results.roomForReceived);
      if (piece < Math.min(rest, MIN_PIECE_BYTES)) {
        nowNs = yield "room";
        continue;
      }
      nowNs = yield spi.begin(NOTHING, piece, nowNs);
      results.addReceived(spi.finish(), nowNs);
      rest -= piece;
    }
    spi.deselect(nowNs);
    results.endTransfer(nowNs);
  }

  *#poll(step: PollStep, startNs: number): Running {
    const { spi, results, options } = this.#parts;
    const deadlineNs = startNs + step.timeoutMs * 1e6;
    const pauseNs = step.intervalUs * 1000 + options.stepOverheadNs;
    let nowNs = startNs;
    for (;;) {
      spi.select(nowNs);
      nowNs = yield spi.begin(step.send, 1, nowNs);
      const status = spi.finish()[0] ?? 0xff;
      spi.deselect(nowNs);
      if ((status & step.mask) === step.value) {
        results.write({ kind: "poll", status }, nowNs);
        return;
      }
      if (nowNs >= deadlineNs) {
        this.#fail("timeout", nowNs, status);
        return;
      }
      nowNs = yield Math.min(
        this.#nextWindow(nowNs, pauseNs, (step.send.length + 1) * spi.byteNs),
        Math.max(deadlineNs, nowNs + options.stepOverheadNs),
      );
    }
  }

  /**
   * When the next window of a poll begins. While the chip reports that it is busy every window would read the same, so
   * those that end before are left out: time and results stay as they were.
   */
  #nextWindow(nowNs: number, pauseNs: number, windowNs: number): number {
    const { spi, options } = this.#parts;
    const next = nowNs + pauseNs;
    if (options.pollsEveryWindow) return next;
    const leftOut = Math.floor((spi.chipBusyUntilNs - windowNs - next) / (windowNs + pauseNs));
    return leftOut > 0 ? next + leftOut * (windowNs + pauseNs) : next;
  }

  *#digest(step: DigestStep, startNs: number): Running {
    const { spi, results, options } = this.#parts;
    if (!options.features.includes("blockCheck")) {
      this.#fail("not-supported", startNs);
      return;
    }
    spi.select(startNs);
    let nowNs = yield spi.begin(step.send, 0, startNs);
    spi.finish();
    let sum = 0;
    for (let rest = step.lengthBytes; rest > 0; ) {
      const piece = Math.min(rest, DIGEST_PIECE_BYTES);
      nowNs = yield spi.begin(NOTHING, piece, nowNs);
      sum = blockCheck(spi.finish(), sum);
      rest -= piece;
    }
    spi.deselect(nowNs);
    results.write({ kind: "digest", check: sum }, nowNs);
  }

  *#delay(durationUs: number, startNs: number): Running {
    const nowNs = yield startNs + durationUs * 1000;
    this.#parts.results.write({ kind: "delay" }, nowNs);
  }

  #set(meaning: Exclude<RecordMeaning, { kind: "begin" | "step" }>, nowNs: number): void {
    const { spi, results, options } = this.#parts;
    if (meaning.kind === "spi-clock" && options.features.includes("spiClock")) {
      results.write({ kind: "spi-clock", clockHz: spi.setClockHz(meaning.clockHz) }, nowNs);
    } else if (meaning.kind === "pins" && (meaning.mask & ~this.#knownPins()) === 0) {
      this.#setPins(meaning.mask, meaning.level);
      results.write({ kind: "setting" }, nowNs);
    } else if (meaning.kind === "chip-select" && meaning.index === 0) {
      results.write({ kind: "setting" }, nowNs);
    } else {
      this.#fail("not-supported", nowNs);
    }
  }

  #knownPins(): number {
    const { features } = this.#parts.options;
    return (
      (features.includes("writeProtectPin") ? PIN.writeProtect : 0) | (features.includes("holdPin") ? PIN.hold : 0)
    );
  }

  #setPins(mask: number, level: number): void {
    this.#parts.spi.setPins({
      wp: (mask & PIN.writeProtect) === 0 ? undefined : (level & PIN.writeProtect) !== 0,
      hold: (mask & PIN.hold) === 0 ? undefined : (level & PIN.hold) !== 0,
    });
  }
}
