/**
 * The RP2040's watchdog (datasheet 4.7): a counter that goes down by two each microsecond (RP2040-E1) and restarts the
 * chip at zero; its reason and its scratch registers stay.
 */
import { BasePeripheral, type RP2040 } from "rp2040js";

const CTRL = 0x00;
const LOAD = 0x04;
const REASON = 0x08;
const SCRATCH0 = 0x0c;
const SCRATCHES = 8;
const TICK = 0x2c;
const TRIGGER = 0x8000_0000;
const ENABLE = 0x4000_0000;
const TICK_ENABLE = 0x200;
const TIMER_REASON = 1;
const FORCE_REASON = 2;
const NS_A_UNIT = 500;

export class Rp2040Watchdog extends BasePeripheral {
  readonly #nowNs: () => number;
  readonly #scratch: Uint32Array;
  #reason: number;
  #isOn = false;
  #isForced = false;
  #hasTick = false;
  #zeroNs = 0;

  /** `before`: the one that restarted the chip; undefined: it was without power. */
  constructor(system: RP2040, nowNs: () => number, before: Rp2040Watchdog | undefined) {
    super(system, "watchdog");
    this.#nowNs = nowNs;
    this.#scratch = before === undefined ? new Uint32Array(SCRATCHES) : before.#scratch.slice();
    this.#reason = before === undefined ? 0 : before.#isForced ? FORCE_REASON : TIMER_REASON;
  }

  /** When it restarts the chip. */
  get restartNs(): number {
    if (this.#isForced) return 0;
    return this.#isOn && this.#hasTick ? this.#zeroNs : Number.POSITIVE_INFINITY;
  }

  override readUint32(offset: number): number {
    if (offset === CTRL) return this.#isOn ? ENABLE : 0;
    if (offset === REASON) return this.#reason;
    return this.#scratch[(offset - SCRATCH0) / 4] ?? 0;
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === CTRL) {
      this.#isForced ||= (value & TRIGGER) !== 0;
      this.#isOn = (value & ENABLE) !== 0;
    } else if (offset === LOAD) {
      this.#zeroNs = this.#nowNs() + (value & 0xff_ffff) * NS_A_UNIT;
    } else if (offset === TICK) {
      this.#hasTick = (value & TICK_ENABLE) !== 0;
    } else if (offset >= SCRATCH0 && offset < TICK) {
      this.#scratch[(offset - SCRATCH0) / 4] = value;
    }
  }
}
