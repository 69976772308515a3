/** Writes down what goes over a duplex. The job never waits for it, and never fails because of it. */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { toHex } from "../bytes.ts";
import type { Clock } from "../clock.ts";
import type { RunOptions, Stream } from "../stream.ts";
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import { encodeResult, type RecordLine, stepWord } from "./recording.ts";

/** A file of this size holds an hour at 115200 baud. What comes later is not kept, and the recording notes it. */
export const MAX_RECORDED_BYTES = 128 * 1024 * 1024;

export class Recorder {
  readonly #sink: (text: string) => boolean;
  readonly #mostBytes: number;
  #clock: Clock | undefined;
  #startUs = 0;
  #bytes = 0;
  #isFull = false;
  #isBroken = false;

  /** `sink` takes whole lines; false if it can take no more. It never throws. */
  constructor(command: readonly string[], sink: (text: string) => boolean, mostBytes = MAX_RECORDED_BYTES) {
    this.#sink = sink;
    this.#mostBytes = mostBytes;
    this.#write(JSON.stringify({ v: 1, type: "recording", command }));
  }

  /** The duplex, with everything that goes over it written down. */
  wrap(duplex: ByteDuplex, clock: Clock): ByteDuplex {
    if (this.#clock === undefined) {
      this.#clock = clock;
      this.#startUs = clock.nowUs();
    }
    const { name, baudRate, isChecked, maxBaudRate } = duplex;
    this.#line({ type: "open", us: this.#us, name: withoutFolders(name), baudRate, isChecked, maxBaudRate });
    return new RecordedDuplex(duplex, (event) => this.#line({ ...event, us: this.#us }));
  }

  /** Random bits that the host draws: with them a replay draws the same. */
  random(draw: () => number): () => number {
    return () => {
      const value = draw() >>> 0;
      this.#line({ type: "random", us: this.#us, value });
      return value;
    };
  }

  /** The bridge, with every step and its result written down. */
  wrapBridge(bridge: Bridge): Bridge {
    this.#line({ type: "bridge", us: this.#us, info: bridge.info });
    const note = (step: SpiStep, result: StepResult): void => {
      this.#write(JSON.stringify({ type: "step", us: this.#us, step: stepWord(step), result: encodeResult(result) }));
    };
    const notes = {
      step: (step: SpiStep, result: StepResult): void => {
        if (this.#hasRoom) note(step, result);
      },
      clock: (wishHz: number, gotHz: number): void => this.#line({ type: "clock", us: this.#us, wishHz, gotHz }),
    };
    return new RecordedBridge(bridge, notes);
  }

  /** How the command ended. */
  end(exitCode: number, code: string): void {
    this.#line({ type: "end", us: this.#us, exitCode, code });
  }

  get #us(): number {
    return this.#clock === undefined ? 0 : Math.round(this.#clock.nowUs() - this.#startUs);
  }

  #line(line: RecordLine): void {
    if (!this.#hasRoom && line.type !== "end") return;
    this.#write(JSON.stringify("data" in line ? { ...line, data: toHex(line.data) } : line));
  }

  /** At the limit, the recording notes it once. */
  get #hasRoom(): boolean {
    if (this.#isFull) return false;
    if (this.#bytes <= this.#mostBytes) return true;
    this.#isFull = true;
    this.#write(JSON.stringify({ type: "full", us: this.#us }));
    return false;
  }

  #write(text: string): void {
    if (this.#isBroken) return;
    this.#bytes += text.length + 1;
    if (!this.#sink(`${text}\n`)) this.#isBroken = this.#isFull = true;
  }
}

/** The last part of a path: a port may be in the home folder of a user. */
export function withoutFolders(name: string): string {
  return name.startsWith("/dev/") ? name : name.replace(/^.*[/\\]/, "");
}

/** A line without its time. */
type Event =
  | { readonly type: "up" | "down"; readonly data: Uint8Array }
  | { readonly type: "baud"; readonly baudRate: number; readonly ok: boolean }
  | { readonly type: "gone" | "close" };

class RecordedDuplex implements ByteDuplex {
  readonly #duplex: ByteDuplex;
  readonly #note: (event: Event) => void;

  get endedBy(): ByteDuplex["endedBy"] {
    return this.#duplex.endedBy;
  }

  constructor(duplex: ByteDuplex, note: (event: Event) => void) {
    this.#duplex = duplex;
    this.#note = note;
  }

  get name(): string {
    return this.#duplex.name;
  }

  get baudRate(): number {
    return this.#duplex.baudRate;
  }

  get isChecked(): boolean {
    return this.#duplex.isChecked;
  }

  get maxBaudRate(): number | undefined {
    return this.#duplex.maxBaudRate;
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.#heard();
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#note({ type: "up", data: bytes });
    return this.#duplex.write(bytes);
  }

  async setBaudRate(baudRate: number): Promise<boolean> {
    const ok = await this.#duplex.setBaudRate(baudRate);
    this.#note({ type: "baud", baudRate, ok });
    return ok;
  }

  close(): Promise<void> {
    this.#note({ type: "close" });
    return this.#duplex.close();
  }

  async *#heard(): AsyncGenerator<Uint8Array> {
    for await (const data of this.#duplex.incoming) {
      this.#note({ type: "down", data });
      yield data;
    }
    this.#note({ type: "gone" });
  }
}

interface StepNotes {
  readonly step: (step: SpiStep, result: StepResult) => void;
  readonly clock: (wishHz: number, gotHz: number) => void;
}

class RecordedBridge implements Bridge {
  readonly #bridge: Bridge;
  readonly #notes: StepNotes;

  constructor(bridge: Bridge, notes: StepNotes) {
    this.#bridge = bridge;
    this.#notes = notes;
  }

  get info(): Bridge["info"] {
    return this.#bridge.info;
  }

  get statistics(): Bridge["statistics"] {
    return this.#bridge.statistics;
  }

  async *run(steps: Stream<SpiStep>, options?: RunOptions): AsyncGenerator<StepResult> {
    const asked: SpiStep[] = [];
    // What is there at once stays so: a stream that may have to be waited for is asked differently.
    const watched = Symbol.asyncIterator in steps ? watchedLater(steps, asked) : watchedNow(steps, asked);
    for await (const result of this.#bridge.run(watched, options)) {
      const step = asked.shift();
      if (step !== undefined) this.#notes.step(step, result);
      yield result;
    }
  }

  async setSpiClockHz(clockHz: number): Promise<number> {
    const got = await this.#bridge.setSpiClockHz(clockHz);
    this.#notes.clock(clockHz, got);
    return got;
  }

  close(): Promise<void> {
    return this.#bridge.close();
  }
}

function* watchedNow(steps: Iterable<SpiStep>, asked: SpiStep[]): Generator<SpiStep> {
  for (const step of steps) {
    asked.push(step);
    yield step;
  }
}

async function* watchedLater(steps: AsyncIterable<SpiStep>, asked: SpiStep[]): AsyncGenerator<SpiStep> {
  for await (const step of steps) {
    asked.push(step);
    yield step;
  }
}
