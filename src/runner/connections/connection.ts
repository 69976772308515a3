/** What a command talks to, and how it lets go of it. */
import type { Bridge } from "../../bridge/bridge.ts";
import type { Clock } from "../../clock.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { ConnectionRequest } from "../connection-request.ts";

export interface Connection {
  readonly device: FlashDevice;
  /** Undefined for a device without one (image file). */
  readonly bridge: Bridge | undefined;
  /** SPI clock that --spi-clock really gave, Hz; undefined if nothing was asked for. */
  readonly spiClockHz: number | undefined;
  /** The time the device lives in. */
  readonly clock: Clock;
  /** Runs what talks to the device. */
  run<T>(job: () => Promise<T>): Promise<T>;
  /**
   * Closes device, bridge and port; for a simulated port also writes the chip's file. Idempotent. With `willReopen` what only
   * one may have stays ours until then.
   */
  close(how?: { readonly willReopen: boolean }): Promise<void>;
  /** What can still be done when there is no time for `close`. */
  leave(): Promise<void>;
  /** Rules of the chip that were broken so far; only a simulated chip can tell. */
  violations(): readonly string[];
  /** Whether the user asked the simulator for a fault: what the chip saw is then no bug of ours. */
  readonly hasAskedForFaults?: boolean | undefined;
  /**
   * The same bridge and chip once more, after this connection was closed; the port may have another name by now.
   * Undefined if nothing can be lost. Throws PORT_*, BRIDGE_*, CHIP_*.
   */
  reopen?(how: ReopenOptions): Promise<Connection>;
}

/** The request as it stands by now. */
export function requestNow(
  request: ConnectionRequest,
  { spiClockHz = request.spiClockHz, settledBytes = request.settledBytes }: ReopenOptions,
): ConnectionRequest {
  return { ...request, spiClockHz, settledBytes };
}

export interface ReopenOptions {
  /** Stay at the line rate that the port is opened with. */
  readonly staySlow: boolean;
  /** An SPI clock in place of the one that was asked for, Hz: the wires bear no more. */
  readonly spiClockHz?: number | undefined;
  /** Size of the chip as it was before the connection was lost, bytes: a job cut in its middle may have erased what showed it. */
  readonly settledBytes?: number | undefined;
}
