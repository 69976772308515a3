/** A bridge runs SPI steps in order, stops at the first that fails, and keeps the pipe full. */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Clock } from "../clock.ts";
import type { RunOptions, Stream } from "../stream.ts";

/** What is known of a bridge once it has answered. */
export interface BridgeInfo {
  readonly protocol: "native" | "serprog";
  readonly protocolVersion: number;
  /** Name of the board, printable ASCII, at most 32 characters. */
  readonly boardName: string;
  /** Firmware version as the bridge says it, printable ASCII. */
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
  readonly spiClockMaxHz: number;
  /** Names of what else it can do: "digest", "spi-clock", "baud", "pins" ... */
  readonly features: readonly string[];
  /** Nothing on the way checks the bytes, neither protocol nor line: a read may be wrong and nobody notices. */
  readonly isUnchecked: boolean;
}

/** What the link went through so far; all counts from the opening of the bridge. */
export interface LinkStatistics {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly framesResent: number;
  readonly framesDamaged: number;
  /** Times the host had nothing left to send and waited for an answer. */
  readonly roundTrips: number;
}

export interface Bridge {
  readonly info: BridgeInfo;
  /** The time that the bridge lives in; left out: the machine's. */
  readonly clock?: Clock | undefined;
  readonly statistics: LinkStatistics;
  /**
   * Runs steps in order and answers one result a step, in order. Steps are pulled only as the bridge has room, so the
   * stream may be endless and may wait for earlier results. After a failed step the rest is `skipped`.
   *
   * One run at a time. If the consumer stops early (`break`), steps already handed over are still run to their end.
   * Throws BRIDGE_SILENT, BRIDGE_PROTOCOL, BRIDGE_RESET or ESHUTDOWN when the link is lost; the results that came
   * before have been yielded.
   */
  run(steps: Stream<SpiStep>, options?: RunOptions): AsyncIterable<StepResult>;
  /** Sets the SPI clock at or below the wish and answers what was really set, Hz. Not while a run is under way. */
  setSpiClockHz(clockHz: number): Promise<number>;
  /** Ends the session, leaves chip select high and closes the port. Idempotent, bounded in time. */
  close(): Promise<void>;
}
