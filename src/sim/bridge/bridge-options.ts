/**
 * What a simulated bridge is made of: its memory, its clocks, its names. Two presets span what real boards are like:
 * "small" is an ATmega328P with 2 KiB of RAM, "large" an RP2040 with room for a hundred KiB of steps.
 *
 * What the presets hold fits the board they stand for: small needs 800 (steps) + 512 (results) + 272 (one frame) + 64
 * (slots) = 1648 bytes of 2048.
 */
import { FEATURE_BITS, type FeatureName } from "../../../firmware-protocol/hello.ts";

/** How a board divides its fastest SPI clock down: by powers of two (AVR) or by any whole number (RP2040). */
export type SpiDivider = "power-of-two" | "whole-number";

export interface BridgeOptions {
  readonly boardName: string;
  readonly firmwareVersion: string;
  readonly serialNumber: string;
  /** Step buffer: what the bridge holds of steps not run yet, bytes. */
  readonly bufferBytes: number;
  /** Result buffer: unsent and unacknowledged results together, bytes; at least 64. */
  readonly resultBufferBytes: number;
  /** Largest frame the bridge takes and makes, units, 16..92. */
  readonly maxFrameUnits: number;
  readonly maxSendBytes: number;
  readonly maxReceiveBytes: number;
  /** Clock after power-up; brought to what the divider can make. */
  readonly spiClockHz: number;
  readonly spiClockMinHz: number;
  readonly spiClockMaxHz: number;
  readonly spiDivider: SpiDivider;
  /** Time the processor needs between two steps and between two windows of a poll, nanoseconds. */
  readonly stepOverheadNs: number;
  /** Line rate after power-up, baud; 0: the link has none. */
  readonly baudRate: number;
  /** Fastest line rate the bridge agrees to; 0: the link has none. */
  readonly maxBaud: number;
  /** Kept records, 0..8. */
  readonly slots: number;
  readonly slotBytes: number;
  readonly features: readonly FeatureName[];
  /** Number of the first start; every restart counts on. */
  readonly bootNumber: number;
  /**
   * Read all status windows of a poll although the chip says how long it stays busy. Slow; needed where the count of
   * SPI bytes matters, as for a power cut at the Nth.
   */
  readonly pollsEveryWindow: boolean;
}

const COMMON = {
  firmwareVersion: "1.0.0-sim",
  serialNumber: "SIM0001",
  spiClockHz: 8_000_000,
  baudRate: 2_000_000,
  maxBaud: 2_000_000,
  slots: 4,
  slotBytes: 16,
  features: ["digest", "spiClock", "baud", "writeProtectPin", "holdPin"],
  bootNumber: 1,
  pollsEveryWindow: false,
} as const satisfies Partial<BridgeOptions>;

/** Boards by name. */
export const BRIDGE_PRESETS = {
  small: {
    ...COMMON,
    boardName: "norbridge-sim small",
    bufferBytes: 800,
    resultBufferBytes: 512,
    maxFrameUnits: 68,
    maxSendBytes: 272,
    maxReceiveBytes: 65_536,
    spiClockMinHz: 62_500,
    spiClockMaxHz: 8_000_000,
    spiDivider: "power-of-two",
    stepOverheadNs: 5_000,
  },
  large: {
    ...COMMON,
    boardName: "norbridge-sim large",
    bufferBytes: 100 * 1024,
    resultBufferBytes: 16 * 1024,
    maxFrameUnits: 92,
    maxSendBytes: 4_352,
    maxReceiveBytes: 1024 * 1024,
    spiClockMinHz: 100_000,
    spiClockMaxHz: 30_000_000,
    spiDivider: "whole-number",
    stepOverheadNs: 2_000,
  },
} as const satisfies Record<string, BridgeOptions>;

export type BridgePresetName = keyof typeof BRIDGE_PRESETS;

/** The feature word of WELCOME. */
export function featureWord(features: readonly FeatureName[]): number {
  return features.reduce((word, name) => word | (1 << FEATURE_BITS[name]), 0) >>> 0;
}

/** What decides about the SPI clock. */
export type SpiClocks = Pick<BridgeOptions, "spiClockHz" | "spiClockMinHz" | "spiClockMaxHz" | "spiDivider">;

/** The fastest clock the divider makes that is not above `wishHz`; the slowest if there is none. */
export function possibleSpiClock(options: SpiClocks, wishHz: number): number {
  const { spiClockMaxHz, spiClockMinHz } = options;
  if (wishHz >= spiClockMaxHz) return spiClockMaxHz;
  const exact = spiClockMaxHz / Math.max(1, wishHz);
  const divider = options.spiDivider === "power-of-two" ? 2 ** Math.ceil(Math.log2(exact)) : Math.ceil(exact);
  return Math.max(spiClockMinHz, Math.floor(spiClockMaxHz / divider));
}
