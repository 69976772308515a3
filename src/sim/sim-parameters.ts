/**
 * The settings of a simulated bridge and chip, as `sim:NAME?key=value&...`, `norbridge sim` and the mock port take them.
 * Read once, here; a setting that is not known or makes no sense is refused by name.
 *
 * The table below is the list of settings; `SIM_SETTINGS` is what the documents show of it.
 */
import { parseSize, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { BRIDGE_PRESETS, type BridgeOptions, type BridgePresetName } from "./bridge/bridge-options.ts";
import { simulatedChipNames, simulatedPageSizes, whyNoSuchChip } from "./chip/chip-catalog.ts";
import type { ChipFaultSettings } from "./chip/chip-faults.ts";
import type { ChipOddities, FoundChip, SfdpOddity } from "./chip/found-chip.ts";
import type { FaultPlan, PlannedFault } from "./link/link-faults.ts";
import type { Incident } from "./link/link-stage.ts";
import { DEFAULT_LINK, type LinkOptions } from "./link/link-model.ts";
import { nearestOf } from "./nearest-of.ts";
import {
  SERPROG_PROFILE_NAMES,
  SERPROG_PROFILES,
  type SerprogProfile,
  type SerprogProfileName,
} from "./serprog/serprog-profile.ts";
import type { SerprogSetup } from "./simulation.ts";

/** How long the chip takes: always the typical time, a time up to the longest, or always the longest. */
export type ChipTimes = "typical" | "varying" | "maximum";

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

/** What a simulated bridge speaks. */
type BridgeProtocol = "native" | "serprog" | "both";

/** A native bridge by its size, or a serprog bridge that exists. */
type BridgeName = BridgePresetName | SerprogProfileName;

interface Reader<T> {
  /** What is allowed, for messages: "a number from 0 to 1". */
  readonly accepts: string;
  /** All that is allowed, if it is a short list. */
  readonly values?: readonly string[] | undefined;
  /** Undefined where the text is not that. */
  read(text: string): T | undefined;
}

const USB_FULL_SPEED_BYTES_PER_SECOND = 1_000_000;
/** A step buffer has to hold the longest record: a page of 264 bytes with its command. */
const SMALLEST_BUFFER_BYTES = 320;
/** What a record needs beside its `send`. */
const RECORD_HEAD_BYTES = 32;

/** Of all AT45; a part has two of them. */
const PAGE_SIZES = ["256", "264", "512", "528", "1024", "1056"] as const;

/** Pages of an AT25 that are smaller than they should be. */
const SMALL_PAGES = ["1", "2", "4", "8", "16", "32", "64", "128"] as const;

/** What each setting is once read. */
interface SettingTypes {
  file: string;
  baud: number;
  maxBaud: number;
  bytesPerSecond: number;
  usb: "fs";
  latencyMs: number;
  latencyTimerMs: number;
  cutReads: boolean;
  bridge: BridgeName;
  protocol: BridgeProtocol;
  bufferBytes: number;
  blockCheck: boolean;
  spiClock: number;
  seed: number;
  times: ChipTimes;
  pageBytes: (typeof PAGE_SIZES)[number];
  sr1: number;
  sr2: number;
  sr3: number;
  mode4: boolean;
  earBank: number;
  wps: boolean;
  suspended: NonNullable<FoundChip["suspended"]>;
  busyMs: number;
  busyReads: "ff" | "00" | "id";
  qpi: boolean;
  continuous: "on" | "off" | "eb" | "bb";
  asleep: boolean;
  stickyError: boolean;
  status2Cleared: boolean;
  oneByteStatus: boolean;
  noVolatile: boolean;
  sfdp: SfdpOddity;
  cellsBytes: number;
  programBytes: (typeof SMALL_PAGES)[number];
  programIgnored: NonNullable<ChipOddities["programIgnored"]>;
  wp: "high" | "low";
  realtime: boolean;
  flipRate: number;
  dropRate: number;
  duplicateRate: number;
  garbageRate: number;
  stallAtMs: number;
  stallForMs: number;
  muteAtMs: number;
  disconnectAtMs: number;
  resetAtMs: number;
  powerCutAt: number;
  stuckAt: { readonly address: number; readonly bit: number };
  busyForever: number;
  soundClock: number;
  lateShare: number;
  busTaken: number;
  missing: "ff" | "00";
  otherDevice: Uint8Array;
}

const SETTINGS: { readonly [K in keyof SettingTypes]: Reader<SettingTypes[K]> } = {
  file: text("a file name"),
  baud: whole(1200, 12_000_000, "baud"),
  maxBaud: whole(1200, 12_000_000, "baud"),
  bytesPerSecond: whole(1000, 1_000_000_000, "bytes a second"),
  usb: choice(["fs"]),
  latencyMs: decimal(0, 60_000, "milliseconds"),
  latencyTimerMs: decimal(0, 255, "milliseconds"),
  cutReads: flag(),
  bridge: choice<BridgeName>(["small", "large", ...SERPROG_PROFILE_NAMES]),
  protocol: choice<BridgeProtocol>(["native", "serprog", "both"]),
  bufferBytes: size(SMALLEST_BUFFER_BYTES, 16 * 1024 * 1024),
  blockCheck: onOff(),
  spiClock: frequency(),
  seed: whole(0, 0xffffffff),
  times: choice(["typical", "varying", "maximum"]),
  pageBytes: choice(PAGE_SIZES),
  sr1: whole(0, 255),
  sr2: whole(0, 255),
  sr3: whole(0, 255),
  mode4: onOff(),
  earBank: whole(0, 127),
  wps: onOff(),
  suspended: suspendedAt(),
  busyMs: decimal(0, 1e9, "milliseconds"),
  busyReads: choice(["ff", "00", "id"]),
  qpi: onOff(),
  continuous: choice(["on", "off", "eb", "bb"]),
  asleep: onOff(),
  stickyError: onOff(),
  status2Cleared: onOff(),
  oneByteStatus: onOff(),
  noVolatile: onOff(),
  sfdp: choice(["none", "9-dwords", "too-long", "half-size"]),
  cellsBytes: size(64 * 1024, 128 * 1024 * 1024),
  programBytes: choice(SMALL_PAGES),
  programIgnored: ignoredRange(),
  wp: choice(["high", "low"]),
  realtime: flag(),
  flipRate: decimal(0, 1, "per bit"),
  dropRate: decimal(0, 1, "per byte"),
  duplicateRate: decimal(0, 1, "per byte"),
  garbageRate: decimal(0, 1, "per byte"),
  stallAtMs: decimal(0, 1e9, "milliseconds"),
  stallForMs: decimal(0, 1e9, "milliseconds"),
  muteAtMs: decimal(0, 1e9, "milliseconds"),
  disconnectAtMs: decimal(0, 1e9, "milliseconds"),
  resetAtMs: decimal(0, 1e9, "milliseconds"),
  powerCutAt: whole(0, Number.MAX_SAFE_INTEGER, "SPI bytes"),
  stuckAt: stuckBit(),
  busyForever: whole(0, Number.MAX_SAFE_INTEGER, "commands before it"),
  soundClock: frequency(),
  lateShare: decimal(0, 1, "of the windows"),
  busTaken: decimal(0, 1, "of the windows"),
  missing: choice(["ff", "00"]),
  otherDevice: idBytes(),
};

/** The name of a setting. */
export type SettingName = keyof SettingTypes;
type Settings = Partial<SettingTypes>;

/** Every setting of a `sim:` port and what it accepts, in the order of the documents. */
export const SIM_SETTINGS: readonly {
  /** Name of the setting. */
  readonly name: string;
  /** The accepted values, as text: "a number from 0 to 1 (per bit)". */
  readonly accepts: string;
  /** All accepted values, if they are a short list. */
  readonly values?: readonly string[] | undefined;
}[] = Object.entries(SETTINGS).map(([name, { accepts, values }]) => ({ name, accepts, values }));

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
  const settings = readAll(query);
  const link = linkOptions(settings);
  const serprog = serprogSetup(settings);
  return {
    chip: name,
    ...(settings.file === undefined ? {} : { file: settings.file }),
    seed: settings.seed ?? 1,
    times: settings.times ?? "varying",
    ...(settings.pageBytes === undefined ? {} : { pageBytes: pageSizeOf(name, Number(settings.pageBytes)) }),
    ...(settings.sr1 === undefined && settings.sr2 === undefined && settings.sr3 === undefined
      ? {}
      : { statusRegisters: [settings.sr1 ?? 0, settings.sr2 ?? 0, settings.sr3 ?? 0] as const }),
    ...possible(name, foundChip(settings), oddities(settings)),
    isWpLow: settings.wp === "low",
    bridge: bridgeOptions(settings, link.baudRate),
    ...(serprog === undefined ? {} : { serprog }),
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

function foundChip(settings: Settings): FoundChip {
  const { earBank, suspended, busyMs, busyReads, continuous } = settings;
  return {
    ...(settings.mode4 === true ? { isFourByteMode: true } : {}),
    ...(earBank === undefined ? {} : { bank: earBank }),
    ...(settings.wps === true ? { hasBlockLocks: true } : {}),
    ...(suspended === undefined ? {} : { suspended }),
    ...(busyMs === undefined ? {} : { busyMs }),
    ...(busyReads === undefined ? {} : { busyReads }),
    ...(settings.qpi === true ? { isInQpi: true } : {}),
    ...(continuous === undefined || continuous === "off"
      ? {}
      : { continuousRead: continuous === "on" ? "eb" : continuous }),
    ...(settings.asleep === true ? { isAsleep: true } : {}),
    ...(settings.stickyError === true ? { hasStickyError: true } : {}),
  };
}

function oddities(settings: Settings): ChipOddities {
  const { status2Cleared, oneByteStatus, noVolatile, sfdp, cellsBytes, programBytes, programIgnored } = settings;
  return {
    ...(status2Cleared === undefined ? {} : { status2Cleared }),
    ...(oneByteStatus === true ? { oneByteStatus } : {}),
    ...(noVolatile === true ? { noVolatile } : {}),
    ...(sfdp === undefined ? {} : { sfdp }),
    ...(cellsBytes === undefined ? {} : { cellsBytes }),
    ...(programBytes === undefined ? {} : { programBytes: Number(programBytes) }),
    ...(programIgnored === undefined ? {} : { programIgnored }),
  };
}

function readAll(query: ReadonlyMap<string, string>): Settings {
  const settings: Settings = {};
  for (const [key, value] of query) {
    if (!isSettingName(key)) {
      const names = Object.keys(SETTINGS);
      throw refuse(
        `no setting is named "${printable(key)}"${didYouMean(key, names)}`,
        `Available: ${names.join(", ")}.`,
      );
    }
    readOne(settings, key, value);
  }
  return settings;
}

function readOne<K extends SettingName>(settings: { [P in K]?: SettingTypes[P] }, key: K, value: string): void {
  const reader = SETTINGS[key];
  const read = reader.read(value);
  if (read === undefined) throw refuse(`${key}=${printable(value)}: expected ${reader.accepts}`);
  settings[key] = read;
}

function isSettingName(key: string): key is SettingName {
  return Object.hasOwn(SETTINGS, key);
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
    ...(settings.spiClock === undefined ? {} : { spiClockHz: settings.spiClock }),
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
    ...(flipRate === undefined ? {} : { flip: flipRate }),
    ...(dropRate === undefined ? {} : { drop: dropRate }),
    ...(duplicateRate === undefined ? {} : { duplicate: duplicateRate }),
    ...(garbageRate === undefined ? {} : { garbage: garbageRate }),
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
    ...(powerCutAt === undefined ? {} : { powerCutAtByte: powerCutAt }),
    ...(stuckAt === undefined ? {} : { stuckAt }),
    ...(busyForever === undefined ? {} : { busyForeverFrom: busyForever }),
    ...(soundClock === undefined ? {} : { soundClockHz: soundClock }),
    ...(lateShare === undefined ? {} : { lateShare }),
    ...(busTaken === undefined ? {} : { takenShare: busTaken }),
    ...(missing === undefined ? {} : { missing: missing === "ff" ? 0xff : 0x00 }),
    ...(otherDevice === undefined ? {} : { otherDevice }),
  };
}

function text(accepts: string): Reader<string> {
  return { accepts, read: (typed) => (typed === "" ? undefined : typed) };
}

function choice<T extends string>(names: readonly T[]): Reader<T> {
  return { accepts: names.join(" or "), values: names, read: (typed) => names.find((name) => name === typed) };
}

function flag(): Reader<boolean> {
  return {
    accepts: "0 or 1",
    values: ["0", "1"],
    read: (typed) => (typed === "1" ? true : typed === "0" ? false : undefined),
  };
}

function onOff(): Reader<boolean> {
  return {
    accepts: "on or off",
    values: ["on", "off"],
    read: (typed) => (typed === "on" || typed === "1" ? true : typed === "off" || typed === "0" ? false : undefined),
  };
}

function suspendedAt(): Reader<NonNullable<FoundChip["suspended"]>> {
  return {
    accepts: "ADDRESS or ADDRESS:program, such as 0x1000",
    read(typed) {
      const [place = "", kind = "erase", ...rest] = typed.split(":");
      const address = parseSize(place);
      const isKind = kind === "erase" || kind === "program";
      return address === undefined || !isKind || rest.length > 0 ? undefined : { kind, address };
    },
  };
}

function ignoredRange(): Reader<NonNullable<ChipOddities["programIgnored"]>> {
  return {
    accepts: "ADDRESS or ADDRESS:SIZE, such as 0x1000:4k",
    read(typed) {
      const [place = "", size = "4k", ...rest] = typed.split(":");
      const address = parseSize(place);
      const lengthBytes = parseSize(size);
      if (address === undefined || lengthBytes === undefined || rest.length > 0) return undefined;
      return { address, lengthBytes: Math.max(1, lengthBytes) };
    },
  };
}

function whole(lowest: number, highest: number, unit = ""): Reader<number> {
  const accepts = `a whole number from ${lowest} to ${highest}${unit === "" ? "" : ` (${unit})`}`;
  return { accepts, read: (typed) => within(/^[0-9]{1,16}$/.test(typed) ? Number(typed) : undefined, lowest, highest) };
}

function decimal(lowest: number, highest: number, unit: string): Reader<number> {
  const form = /^[0-9]+(\.[0-9]+)?(e-?[0-9]{1,2})?$/i;
  const accepts = `a number from ${lowest} to ${highest} (${unit})`;
  return { accepts, read: (typed) => within(form.test(typed) ? Number(typed) : undefined, lowest, highest) };
}

function size(lowest: number, highest: number): Reader<number> {
  const accepts = `a size from ${lowest} to ${highest} bytes, such as 800 or 64k`;
  return { accepts, read: (typed) => within(parseSize(typed), lowest, highest) };
}

function frequency(): Reader<number> {
  const form = /^([0-9]+(?:\.[0-9]+)?)(k|M|kHz|MHz|Hz)?$/;
  return {
    accepts: "a frequency, such as 8MHz or 8000000",
    read(typed) {
      const match = form.exec(typed);
      if (match === null) return undefined;
      const unit = match[2] ?? "";
      const factor = unit.startsWith("k") ? 1e3 : unit.startsWith("M") ? 1e6 : 1;
      return within(Math.round(Number(match[1]) * factor), 1, 1e9);
    },
  };
}

function stuckBit(): Reader<{ readonly address: number; readonly bit: number }> {
  return {
    accepts: "ADDRESS or ADDRESS:BIT, such as 0x1234:3",
    read(typed) {
      const [place = "", bit = "0", ...rest] = typed.split(":");
      const address = parseSize(place);
      return address === undefined || !/^[0-7]$/.test(bit) || rest.length > 0
        ? undefined
        : { address, bit: Number(bit) };
    },
  };
}

function idBytes(): Reader<Uint8Array> {
  return {
    accepts: "3 to 16 bytes as hex digits, such as 00efaa21",
    read: (typed) => (/^([0-9a-f]{2}){3,16}$/i.test(typed) ? Uint8Array.from(Buffer.from(typed, "hex")) : undefined),
  };
}

function within(value: number | undefined, lowest: number, highest: number): number | undefined {
  return value !== undefined && value >= lowest && value <= highest ? value : undefined;
}

function didYouMean(typed: string, names: readonly string[]): string {
  const nearest = nearestOf(typed, names);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

function refuse(message: string, hint?: string): NorbridgeError {
  return new NorbridgeError("USAGE", message, {
    operation: "read the settings of a simulated bridge",
    ...(hint === undefined ? {} : { hint }),
  });
}
