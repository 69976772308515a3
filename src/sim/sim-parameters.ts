/** A simulated bridge and chip as `sim:NAME?key=value&...`, `norbridge sim` and the mock port describe them. */
import { printable } from "../bytes.ts";
import { BRIDGE_PRESETS, type BridgeOptions, type BridgePresetName } from "./bridge/bridge-options.ts";
import { simulatedChipNames, simulatedPageSizes, whyNoSuchChip } from "./chip/chip-catalog.ts";
import type { ChipFaultSettings } from "./chip/core/chip-faults.ts";
import type { ChipOddities, FoundChip } from "./chip/found-chip.ts";
import type { FaultPlan, PlannedFault } from "./link/link-faults.ts";
import type { Incident } from "./link/link-stage.ts";
import { DEFAULT_LINK, type LinkOptions } from "./link/link-model.ts";
import { SERPROG_PROFILES, type SerprogProfile } from "./serprog/serprog-profile.ts";
import { type BridgeName, type ChipTimes, didYouMean, readSettings, refuse, type Settings } from "./sim-settings.ts";
import type { SerprogSetup } from "./simulation.ts";

/** The settings of a simulated bridge and chip, as `parseSimParameters` returns them. */
export interface SimParameters {
  /** Name of the simulated chip. */
  readonly chip: string;
  /** File that keeps the chip's bytes between runs. */
  readonly file?: string | undefined;
  /** Seed of all random numbers, 0 to 2^32 - 1. The same seed repeats a run exactly. */
  readonly seed: number;
  /** How long the chip takes. */
  readonly times: ChipTimes;
  /** Page size in bytes, for a chip that has two. */
  readonly pageBytes?: number | undefined;
  /** Initial values of status registers 1, 2 and 3, for a chip whose protection is in them. */
  readonly statusRegisters?: readonly [number, number, number] | undefined;
  /** The state in which the chip was left. */
  readonly found?: FoundChip | undefined;
  /** How the chip differs from others with its name. */
  readonly odd?: ChipOddities | undefined;
  /** Whether the WP# pin is low. */
  readonly isWpLow: boolean;
  /** The bridge and its native protocol. */
  readonly bridge: BridgeOptions;
  /** The serprog side of the bridge; undefined: it supports only the native protocol. */
  readonly serprog?: SerprogSetup | undefined;
  /** Rate and latency of the line. */
  readonly link: LinkOptions;
  /** Faults of the line. */
  readonly faults: FaultPlan;
  /** Faults of the chip. */
  readonly chipFaults: ChipFaultSettings;
  /** Whether everything takes as long as with real hardware. */
  readonly isRealtime: boolean;
}

const USB_FULL_SPEED_BYTES_PER_SECOND = 1_000_000;
/** What a record needs beside its `send`. */
const RECORD_HEAD_BYTES = 32;

/**
 * Parses the settings of a `sim:NAME?key=value` port: `name` is the chip, `query` the settings. Throws USAGE, with what
 * is allowed and the nearest existing name.
 */
export function parseSimParameters(name: string, query: ReadonlyMap<string, string> = new Map()): SimParameters {
  const chips = simulatedChipNames();
  if (!chips.includes(name)) {
    throw refuse(
      `no simulated chip is named "${printable(name)}"${didYouMean(name, chips)}`,
      `Available: ${chips.join(", ")}.`,
    );
  }
  const settings = readSettings(query);
  const link = linkOptions(settings);
  const serprog = serprogSetup(settings);
  return {
    chip: name,
    file: settings.file,
    seed: settings.seed ?? 1,
    times: settings.times ?? "varying",
    pageBytes: settings.pageBytes === undefined ? undefined : pageSizeOf(name, Number(settings.pageBytes)),
    statusRegisters:
      settings.sr1 === undefined && settings.sr2 === undefined && settings.sr3 === undefined
        ? undefined
        : ([settings.sr1 ?? 0, settings.sr2 ?? 0, settings.sr3 ?? 0] as const),
    ...possible(name, foundChip(settings), oddities(settings)),
    isWpLow: settings.wp === "low",
    bridge: bridgeOptions(settings, link.baudRate),
    serprog,
    link,
    faults: faultPlan(settings),
    chipFaults: chipFaults(settings),
    isRealtime: settings.realtime ?? false,
  };
}

/** Throws USAGE for a page size that the chip does not have. */
function pageSizeOf(name: string, pageBytes: number): number {
  const sizes = simulatedPageSizes(name);
  if (sizes.includes(pageBytes)) return pageBytes;
  throw refuse(`${name} has no pages of ${pageBytes} bytes`, `It has pages of ${sizes.join(" or ")}.`);
}

/** Throws USAGE for a state or a difference that the part cannot have. */
function possible(name: string, found: FoundChip, odd: ChipOddities): Pick<SimParameters, "found" | "odd"> {
  const why = whyNoSuchChip(name, found, odd);
  if (why !== undefined) throw refuse(`${name} cannot be simulated like this: ${why}`);
  return { found, odd };
}

/** Of a state or difference that is off, a chip that cannot have it is not asked. */
function ifOn(value: boolean | undefined): true | undefined {
  return value === true ? true : undefined;
}

function foundChip(settings: Settings): FoundChip {
  const { earBank, suspended, busyMs, busyReads, continuous } = settings;
  return {
    isFourByteMode: ifOn(settings.mode4),
    bank: earBank,
    hasBlockLocks: ifOn(settings.wps),
    suspended,
    busyMs,
    busyReads,
    isInQpi: ifOn(settings.qpi),
    continuousRead:
      continuous === undefined || continuous === "off" ? undefined : continuous === "on" ? "eb" : continuous,
    isAsleep: ifOn(settings.asleep),
    hasStickyError: ifOn(settings.stickyError),
  };
}

function oddities(settings: Settings): ChipOddities {
  const { status2Cleared, oneByteStatus, noVolatile, sfdp, cellsBytes, programBytes, programIgnored } = settings;
  return {
    status2Cleared,
    oneByteStatus: ifOn(oneByteStatus),
    noVolatile: ifOn(noVolatile),
    sfdp,
    cellsBytes,
    programBytes: programBytes === undefined ? undefined : Number(programBytes),
    programIgnored,
  };
}

function linkOptions(settings: Settings): LinkOptions {
  const profileLink = profileOf(settings.bridge)?.link ?? "uart";
  const isNamed = settings.baud !== undefined || settings.bytesPerSecond !== undefined;
  // A board that exists comes with its link, unless another is named.
  const isUsb = settings.usb !== undefined || (profileLink !== "uart" && !isNamed);
  if (settings.baud !== undefined && (isUsb || settings.bytesPerSecond !== undefined)) {
    throw refuse("baud cannot be combined with usb or bytesPerSecond: such a link has no baud rate");
  }
  const bytesPerSecond = settings.bytesPerSecond ?? (isUsb ? USB_FULL_SPEED_BYTES_PER_SECOND : 0);
  return {
    ...DEFAULT_LINK,
    baudRate: bytesPerSecond > 0 ? 0 : (settings.baud ?? DEFAULT_LINK.baudRate),
    bytesPerSecond,
    latencyUs: microseconds(settings.latencyMs) ?? DEFAULT_LINK.latencyUs,
    latencyTimerUs: microseconds(settings.latencyTimerMs) ?? 0,
    cutsReads: settings.cutReads ?? false,
  };
}

function microseconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds * 1000);
}

/** The profile that a bridge name stands for; undefined for the native ones. */
function profileOf(name: BridgeName | undefined): SerprogProfile | undefined {
  return name === undefined || name === "small" || name === "large" ? undefined : SERPROG_PROFILES[name];
}

function serprogSetup(settings: Settings): SerprogSetup | undefined {
  const profile = profileOf(settings.bridge);
  const protocol = settings.protocol ?? (profile === undefined ? "native" : "serprog");
  if (protocol === "native") {
    if (profile === undefined) return undefined;
    throw refuse(`protocol=native: bridge=${profile.name} speaks serprog only`);
  }
  return {
    profile: profile ?? SERPROG_PROFILES["norbridge-sim"],
    spiClockHz: settings.spiClock,
    alsoNative: protocol === "both",
  };
}

function bridgeOptions(settings: Settings, baudRate: number): BridgeOptions {
  const name = settings.bridge === "small" ? "small" : DEFAULT_BRIDGE;
  const preset: BridgeOptions = BRIDGE_PRESETS[name];
  const { bufferBytes = preset.bufferBytes, spiClock = preset.spiClockHz } = settings;
  if (spiClock < preset.spiClockMinHz || spiClock > preset.spiClockMaxHz) {
    throw refuse(`spiClock: this bridge supports ${preset.spiClockMinHz} to ${preset.spiClockMaxHz} Hz`);
  }
  if (settings.maxBaud !== undefined && baudRate === 0) throw refuse("maxBaud: this link has no baud rate");
  // Without a word about it the rate named is the rate used: the bridge offers no faster one.
  const maxBaud = Math.max(baudRate, settings.maxBaud ?? 0);
  return {
    ...preset,
    bufferBytes,
    maxSendBytes: Math.min(preset.maxSendBytes, bufferBytes - RECORD_HEAD_BYTES),
    spiClockHz: spiClock,
    baudRate,
    maxBaud,
    features: preset.features.filter(
      (feature) => (feature !== "baud" || maxBaud > 0) && (feature !== "blockCheck" || settings.blockCheck !== false),
    ),
    // Seen from the seed, so that two simulated bridges are two boots.
    bootNumber: ((settings.seed ?? 1) * 0x9e3779b1) >>> 0,
    pollsEveryWindow: settings.powerCutAt !== undefined,
  };
}

const DEFAULT_BRIDGE: BridgePresetName = "large";

function faultPlan(settings: Settings): FaultPlan {
  const { flipRate, dropRate, duplicateRate, garbageRate } = settings;
  const rates = {
    flip: flipRate,
    drop: dropRate,
    duplicate: duplicateRate,
    garbage: garbageRate,
  };
  return { up: rates, down: rates, planned: incidents(settings) };
}

const STALL_MS = 500;
const BOOT_MS = 1000;
const BOOT_LOG = "\r\nsimulated bridge: starting\r\n";

function incidents(settings: Settings): PlannedFault[] {
  const { stallAtMs, stallForMs = STALL_MS, muteAtMs, disconnectAtMs, resetAtMs } = settings;
  const planned: PlannedFault[] = [];
  const add = (atMs: number | undefined, fault: Incident): void => {
    if (atMs !== undefined) planned.push({ at: { atMs }, fault });
  };
  add(stallAtMs, { kind: "stall", direction: "both", forMs: stallForMs });
  add(muteAtMs, { kind: "mute", direction: "both" });
  add(disconnectAtMs, { kind: "disconnect" });
  add(resetAtMs, { kind: "bridge-reset", bootMs: BOOT_MS, log: BOOT_LOG });
  return planned;
}

function chipFaults(settings: Settings): ChipFaultSettings {
  const { powerCutAt, stuckAt, busyForever, soundClock, lateShare, busTaken, missing, otherDevice } = settings;
  return {
    powerCutAtByte: powerCutAt,
    stuckAt,
    busyForeverFrom: busyForever,
    soundClockHz: soundClock,
    lateShare,
    takenShare: busTaken,
    missing: missing === undefined ? undefined : missing === "ff" ? 0xff : 0x00,
    otherDevice,
  };
}
