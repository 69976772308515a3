/** A bridge runs SPI steps in order, stops at the first that fails, and keeps the pipe full. */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Clock } from "../clock.ts";
import type { RunOptions, Stream } from "../stream.ts";

/** What is known of a bridge once it has answered. */
export interface BridgeInfo {
  /** The protocol that the bridge speaks. */
  readonly protocol: "native" | "serprog";
  /** Version of that protocol, a whole number from 1. */
  readonly protocolVersion: number;
  /** Name of the board, printable ASCII, at most 32 characters. */
  readonly boardName: string;
  /** Firmware version as the bridge reports it, printable ASCII. */
  readonly firmwareVersion: string;
  /** Unique serial number of the board, printable ASCII, "" if it has none. */
  readonly serialNumber: string;
  /** Longest `send` of a transfer, bytes. */
  readonly maxSendBytes: number;
  /** Longest `receiveBytes` of a transfer. */
  readonly maxReceiveBytes: number;
  /** How many bytes of steps the bridge holds that it has not run yet. */
  readonly bufferBytes: number;
  /** Slowest and fastest SPI clock, Hz. */
  readonly spiClockMinHz: number;
  /** Fastest SPI clock, Hz. */
  readonly spiClockMaxHz: number;
  /**
   * What else the bridge can do: "blockCheck" (it computes the check of a range by itself), "spiClock" (its SPI clock
   * can be set), "baud" (a faster line rate), "writeProtectPin" and "holdPin" (it drives WP# and HOLD#). A newer
   * firmware may report further names.
   */
  readonly features: readonly string[];
  /** Nothing on the way checks the bytes, neither protocol nor line: errors in a read remain undetected. */
  readonly isUnchecked: boolean;
}

/** What the link went through so far; all counts from the opening of the bridge. */
export interface LinkStatistics {
  /** Bytes from the host to the bridge, with headers and checksums. */
  readonly bytesSent: number;
  /** Bytes from the bridge to the host, with headers and checksums. */
  readonly bytesReceived: number;
  /** Frames that the host sent again; in serprog, commands. */
  readonly framesResent: number;
  /** Frames from the bridge that were damaged; in serprog, answers that did not fit the protocol. */
  readonly framesDamaged: number;
  /** Times the host had nothing left to send and waited for an answer. */
  readonly roundTrips: number;
}

/** An open session with a bridge. `openBridge` makes one; it holds the port until `close`. */
export interface Bridge {
  /** What the bridge reported about itself when the session was opened. It does not change. */
  readonly info: BridgeInfo;
  /** The time that the bridge lives in; left out: the machine's. */
  readonly clock?: Clock | undefined;
  /** Counts up to this moment. Read it again for newer ones. */
  readonly statistics: LinkStatistics;
  /**
   * Runs steps in order and returns one result a step, in order. Steps are pulled only as the bridge has room, so the
   * stream may be endless and may wait for earlier results. After a failed step the rest is `skipped`.
   *
   * One run at a time. If the consumer stops early (`break`), steps already handed over are still run to their end.
   * Throws BRIDGE_SILENT, BRIDGE_PROTOCOL, BRIDGE_RESET or ESHUTDOWN when the link is lost; the results that came
   * before have been yielded.
   */
  run(steps: Stream<SpiStep>, options?: RunOptions): AsyncIterable<StepResult>;
  /**
   * Sets the SPI clock at or below the requested one and returns what was really set, Hz. Not while a run is under way.
   */
  setSpiClockHz(clockHz: number): Promise<number>;
  /** Ends the session, leaves chip select high and closes the port. Idempotent, bounded in time. */
  close(): Promise<void>;
}
