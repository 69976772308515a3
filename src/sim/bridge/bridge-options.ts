/**
 * What a simulated bridge is made of: its memory, its clocks, its names. Two presets span what real boards are like:
 * "small" is an ATmega328P with 2 KiB of RAM, "large" an RP2040 with room for a hundred KiB of steps.
 *
 * What the presets hold fits the board they stand for: small needs 800 (steps) + 512 (results) + 272 (one frame) + 64
 * (slots) = 1648 bytes of 2048.
 */
import { FEATURE_BITS, type FeatureName } from "../../../firmware-protocol/hello.ts";

/**
 * How a board derives an SPI clock from its fastest one: divided by a power of two (AVR) or by any whole number
 * (RP2040).
 */
export type SpiDivider = "power-of-two" | "whole-number";

/**
 * Memory, clocks, names and features of a simulated bridge with the native protocol. WELCOME reports most of them
 * (PROTOCOL.md section 3).
 */
export interface BridgeOptions {
  /** Board name in WELCOME, at most 32 printable ASCII characters. */
  readonly boardName: string;
  /** Firmware version in WELCOME, at most 32 printable ASCII characters. */
  readonly firmwareVersion: string;
  /** Serial number in WELCOME, at most 32 printable ASCII characters. */
  readonly serialNumber: string;
  /** Step buffer: bytes of steps that have not run yet. It must hold the longest record. */
  readonly bufferBytes: number;
  /** Result buffer: unsent and unacknowledged results together, bytes; at least 64. */
  readonly resultBufferBytes: number;
  /** Largest frame that the bridge accepts and sends, in units of 4 bytes: 16 to 92. */
  readonly maxFrameUnits: number;
  /** Longest `send` of a step, bytes. */
  readonly maxSendBytes: number;
  /** Longest `receiveBytes` of a transfer. */
  readonly maxReceiveBytes: number;
  /** SPI clock after power-up, Hz. The next lower clock that the divider supports is used. */
  readonly spiClockHz: number;
  /** Slowest SPI clock, Hz. */
  readonly spiClockMinHz: number;
  /** Fastest SPI clock, Hz. */
  readonly spiClockMaxHz: number;
  /** The clocks between these two. */
  readonly spiDivider: SpiDivider;
  /** Time that the processor needs between two steps and between two windows of a poll, nanoseconds. */
  readonly stepOverheadNs: number;
  /** Line rate after power-up, baud; 0: the link has none. */
  readonly baudRate: number;
  /** Fastest line rate that the bridge accepts, baud; 0: the link has none. */
  readonly maxBaud: number;
  /** Number of slots for short records, 0 to 8. */
  readonly slots: number;
  /** Bytes that one slot holds. */
  readonly slotBytes: number;
  /** Features that the bridge supports (PROTOCOL.md section 8). */
  readonly features: readonly FeatureName[];
  /** Boot number of the first start. Every restart adds one. */
  readonly bootNumber: number;
  /**
   * Whether a poll reads every status window, although the model knows how long the chip stays busy. Slow; needed if
   * the number of SPI bytes matters, as for a power cut at a given byte.
   */
  readonly pollsEveryWindow: boolean;
}

const COMMON = {
  /** The version of the simulated firmware. */
  firmwareVersion: "1.0.0-sim",
  /** The same for every simulated bridge. */
  serialNumber: "SIM0001",
  /** 8 MHz after power-up. */
  spiClockHz: 8_000_000,
  /** 2 Mbaud after power-up. */
  baudRate: 2_000_000,
  /** 2 Mbaud, so BAUD offers no faster rate. */
  maxBaud: 2_000_000,
  /** Half of the slots that the protocol provides for. */
  slots: 4,
  /** Enough for a write enable and a status poll. */
  slotBytes: 16,
  /** No reset pin, no switched supply and a single chip select. */
  features: ["blockCheck", "spiClock", "baud", "writeProtectPin", "holdPin"],
  /** The count starts at 1. */
  bootNumber: 1,
  /** Fast: the model skips windows in which the chip is busy anyway. */
  pollsEveryWindow: false,
} as const satisfies Partial<BridgeOptions>;

/** Two simulated boards. They span the range of real ones. */
export const BRIDGE_PRESETS = {
  /** A board like an ATmega328P with 2 KiB of RAM. Buffers, one frame and the slots take 1,648 bytes of it. */
  small: {
    ...COMMON,
    /** The name by which a test recognizes this preset. */
    boardName: "norbridge-sim small",
    /** 800 bytes: about three pages with their commands. */
    bufferBytes: 800,
    /** 512 bytes of results. */
    resultBufferBytes: 512,
    /** Frames of 272 bytes. */
    maxFrameUnits: 68,
    /** A page of 264 bytes with a command of up to 8 bytes. */
    maxSendBytes: 272,
    /** 64 KiB in one transfer. */
    maxReceiveBytes: 65_536,
    /** 62.5 kHz, a 128th of the fastest clock. */
    spiClockMinHz: 62_500,
    /** 8 MHz. */
    spiClockMaxHz: 8_000_000,
    /** As on an AVR. */
    spiDivider: "power-of-two",
    /** 5 microseconds. */
    stepOverheadNs: 5_000,
  },
  /** A board like an RP2040, with room for 100 KiB of steps. */
  large: {
    ...COMMON,
    /** The name by which a test recognizes this preset. */
    boardName: "norbridge-sim large",
    /** 100 KiB: several hundred pages with their commands. */
    bufferBytes: 100 * 1024,
    /** 16 KiB of results. */
    resultBufferBytes: 16 * 1024,
    /** Frames of 368 bytes, the largest of the protocol. */
    maxFrameUnits: 92,
    /** 4 KiB and a command. */
    maxSendBytes: 4_352,
    /** 1 MiB in one transfer. */
    maxReceiveBytes: 1024 * 1024,
    /** 100 kHz. */
    spiClockMinHz: 100_000,
    /** 30 MHz. */
    spiClockMaxHz: 30_000_000,
    /** As on an RP2040. */
    spiDivider: "whole-number",
    /** 2 microseconds. */
    stepOverheadNs: 2_000,
  },
} as const satisfies Record<string, BridgeOptions>;

/** Name of a preset of `BRIDGE_PRESETS`. */
export type BridgePresetName = keyof typeof BRIDGE_PRESETS;

/** The feature word of WELCOME. */
export function featureWord(features: readonly FeatureName[]): number {
  return features.reduce((word, name) => word | (1 << FEATURE_BITS[name]), 0) >>> 0;
}

/** What decides about the SPI clock. */
export type SpiClocks = Pick<BridgeOptions, "spiClockHz" | "spiClockMinHz" | "spiClockMaxHz" | "spiDivider">;

/** The fastest clock the divider makes that is not above `requestedHz`; the slowest if there is none. */
export function possibleSpiClock(options: SpiClocks, requestedHz: number): number {
  const { spiClockMaxHz, spiClockMinHz } = options;
  if (requestedHz >= spiClockMaxHz) return spiClockMaxHz;
  const exact = spiClockMaxHz / Math.max(1, requestedHz);
  const divider = options.spiDivider === "power-of-two" ? 2 ** Math.ceil(Math.log2(exact)) : Math.ceil(exact);
  return Math.max(spiClockMinHz, Math.floor(spiClockMaxHz / divider));
}
