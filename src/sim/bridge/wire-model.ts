/**
 * A bridge as the line sees it, whatever protocol it speaks: bytes in, bytes out, times when it wants to be woken. The
 * native model, the serprog model and the one that speaks both have this interface; `bridge-end.ts` drives it.
 */
import type { BridgeViolation } from "./bridge-violation.ts";

/**
 * A bridge as the line sees it, whatever its protocol: bytes in, bytes out, and the times at which it needs to run.
 * Implement it to put another bridge on a simulated chip.
 *
 * All times are virtual nanoseconds.
 */
export interface WireModel {
  /** Line rate of this end, baud; 0 if the link has none. */
  readonly baudRate: number;
  /** Rules of the wire that the host has broken so far; the first 10,000 of them. */
  readonly violations: readonly BridgeViolation[];
  /** Takes bytes from the line, of any number. A chunk is what one write of the host became, or a part of it. */
  receive(bytes: Uint8Array, nowNs: number): void;
  /** Does everything that is due at this time. */
  wake(nowNs: number): void;
  /** When SPI continues or responses leave, in virtual time. Infinity: not by itself. */
  workWakeNs(nowNs: number): number;
  /** When the time limit for the host ends, in the host's time. Infinity: nothing is expected. */
  readonly hostWakeNs: number;
  /** Returns the next bytes for the line, or undefined if there are none. */
  pull(nowNs: number): Uint8Array | undefined;
  /** To be called when the bytes that were pulled last have left. */
  sent(nowNs: number): void;
  /**
   * Approximate number of received bytes that are not processed and of response bytes that have not left. Absent:
   * nothing accumulates.
   */
  readonly backlogBytes?: number | undefined;
  /** Restarts the bridge. It ignores the line for `bootNs` nanoseconds. */
  reset(nowNs: number, bootNs?: number): void;
}
