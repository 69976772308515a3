/**
 * A processor that runs real firmware, whatever emulates it, and the bridge that it is on a simulated line. Times are
 * nanoseconds of the processor's own life.
 */
import type { BridgeViolation } from "../../../src/sim/bridge/bridge-violation.ts";
import type { WireModel } from "../../../src/sim/bridge/wire-model.ts";

export interface Processor {
  readonly nowNs: number;
  /** Line rate of its end, baud; 0 if the link has none. */
  readonly baudRate: number;
  /** It sleeps, and only a byte from the line or a restart changes that. */
  readonly isAsleep: boolean;
  /** Bytes for its line, which it gets at its line rate from now on. */
  receive(bytes: Uint8Array): void;
  /** Lives until then; a sleeping one is simply there. */
  runUntil(timeNs: number): void;
  /** What it has sent since the last call. */
  takeOutput(): Uint8Array;
  /** A restart, as by the reset pin. */
  reset(): void;
  /** What went wrong that a test must not let pass: an overrun, a warning of the emulator. */
  readonly complaints: readonly string[];
}

/** The line is looked at so often. */
const QUANTUM_NS = 50_000;

export class FirmwareModel implements WireModel {
  readonly violations: readonly BridgeViolation[] = [];
  readonly hostWakeNs = Number.POSITIVE_INFINITY;
  readonly processor: Processor;
  readonly #showsRate: boolean;
  /** Time of the world when the processor began to live. */
  #bornNs = 0;
  #deafUntilNs = 0;
  #output: Uint8Array[] = [];

  /** `showsRate` false: whatever is between host and processor follows the processor's rate by itself. */
  constructor(processor: Processor, showsRate = true) {
    this.processor = processor;
    this.#showsRate = showsRate;
  }

  get baudRate(): number {
    return this.#showsRate ? this.processor.baudRate : 0;
  }

  receive(bytes: Uint8Array, nowNs: number): void {
    this.wake(nowNs);
    if (nowNs < this.#deafUntilNs) return;
    this.processor.receive(bytes.slice());
    // Without this a sleeping one would not be asked when to continue.
    this.#run(nowNs);
  }

  wake(nowNs: number): void {
    this.#run(nowNs);
  }

  #run(nowNs: number): void {
    this.processor.runUntil(nowNs - this.#bornNs);
    const output = this.processor.takeOutput();
    if (output.length > 0) this.#output.push(output);
  }

  workWakeNs(nowNs: number): number {
    return this.processor.isAsleep ? Number.POSITIVE_INFINITY : nowNs + QUANTUM_NS;
  }

  pull(nowNs: number): Uint8Array | undefined {
    this.#run(nowNs);
    return this.#output.shift();
  }

  sent(nowNs: number): void {
    this.#run(nowNs);
  }

  reset(nowNs: number, bootNs = 0): void {
    this.#run(nowNs);
    this.#output = [];
    this.#deafUntilNs = nowNs + bootNs;
    this.processor.reset();
  }
}
