/**
 * A bridge as the line sees it, whatever protocol it speaks: bytes in, bytes out, times when it wants to be woken. The
 * native model, the serprog model and the one that speaks both have this face; `bridge-end.ts` drives it.
 */
import type { BridgeViolation } from "./bridge-violation.ts";

export interface WireModel {
  /** Line rate of this end, baud; 0 where the link has none. */
  readonly baudRate: number;
  /** Rules of the wire that the host broke so far; the first 10,000 of them. */
  readonly violations: readonly BridgeViolation[];
  /** Bytes from the line, of any number; a chunk is what one write of the host became, or a part of it. */
  receive(bytes: Uint8Array, nowNs: number): void;
  /** Does all that is due at this time. */
  wake(nowNs: number): void;
  /** When SPI goes on or answers leave, in virtual time; Infinity: not by itself. */
  workWakeNs(nowNs: number): number;
  /** When patience with the host ends, in the host's time; Infinity: nothing is expected. */
  readonly hostWakeNs: number;
  /** The next bytes for the line, if the transmitter has something to do. */
  pull(nowNs: number): Uint8Array | undefined;
  /** What was pulled last has left. */
  sent(nowNs: number): void;
  /**
   * Bytes that came in and are not worked off, and answers that have not left, as far as they may pile up; about. Left out:
   * nothing piles up.
   */
  readonly backlogBytes?: number | undefined;
  /** The bridge restarts; for `bootNs` it hears nothing. */
  reset(nowNs: number, bootNs?: number): void;
}
