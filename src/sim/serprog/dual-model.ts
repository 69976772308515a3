/**
 * A bridge that speaks both protocols on one port, as firmware may: what comes in is native if it begins like a frame
 * and serprog if not, and a session that has begun continues.
 */
import { FRAME_MARKER } from "../../../firmware-protocol/frame.ts";
import { OPCODE } from "../../../firmware-protocol/serprog/command.ts";
import type { BridgeModel } from "../bridge/bridge-model.ts";
import type { BridgeViolation } from "../bridge/bridge-violation.ts";
import type { WireModel } from "../bridge/wire-model.ts";
import type { SerprogModel } from "./serprog-model.ts";

export class DualModel implements WireModel {
  readonly #native: BridgeModel;
  readonly #serprog: SerprogModel;
  #speaker: WireModel;

  constructor(native: BridgeModel, serprog: SerprogModel) {
    this.#native = native;
    this.#serprog = serprog;
    this.#speaker = serprog;
  }

  get baudRate(): number {
    return this.#native.baudRate;
  }

  get violations(): readonly BridgeViolation[] {
    return [...this.#native.violations, ...this.#serprog.violations];
  }

  receive(bytes: Uint8Array, nowNs: number): void {
    this.#speaker = this.#speakerFor(bytes);
    this.#speaker.receive(bytes, nowNs);
  }

  #speakerFor(bytes: Uint8Array): WireModel {
    if (this.#speaker === this.#serprog) {
      return this.#serprog.isIdle && bytes[0] === FRAME_MARKER ? this.#native : this.#serprog;
    }
    // No frame is made of these alone: it is how a serprog host synchronises.
    if (bytes.every((byte) => byte === OPCODE.nop || byte === OPCODE.syncNop)) return this.#serprog;
    return this.#native.hasSession || bytes[0] === FRAME_MARKER ? this.#native : this.#serprog;
  }

  wake(nowNs: number): void {
    this.#native.wake(nowNs);
    this.#serprog.wake(nowNs);
  }

  workWakeNs(nowNs: number): number {
    return Math.min(this.#native.workWakeNs(nowNs), this.#serprog.workWakeNs(nowNs));
  }

  get hostWakeNs(): number {
    return this.#native.hostWakeNs;
  }

  pull(nowNs: number): Uint8Array | undefined {
    return this.#speaker.pull(nowNs);
  }

  sent(nowNs: number): void {
    this.#native.sent(nowNs);
    this.#serprog.sent(nowNs);
  }

  get backlogBytes(): number {
    return this.#native.backlogBytes + this.#serprog.backlogBytes;
  }

  reset(nowNs: number, bootNs?: number): void {
    this.#speaker = this.#serprog;
    this.#native.reset(nowNs, bootNs);
    this.#serprog.reset(nowNs, bootNs);
  }
}
