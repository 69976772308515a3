/**
 * The list of settings of a simulated bridge and chip, and the reading of them: a setting that is unknown or makes no sense is
 * refused by name. `SIM_SETTINGS` is what the documents show of the list.
 */
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { BridgePresetName } from "./bridge/bridge-options.ts";
import type { ChipOddities, FoundChip, SfdpOddity } from "./chip/found-chip.ts";
import { nearestOf } from "./nearest-of.ts";
import { SERPROG_PROFILE_NAMES, type SerprogProfileName } from "./serprog/serprog-profile.ts";
import {
  byte,
  choice,
  decimal,
  flag,
  frequency,
  idBytes,
  ignoredRange,
  onOff,
  type Reader,
  size,
  stuckBit,
  suspendedAt,
  text,
  whole,
} from "./setting-readers.ts";

/** How long the chip takes: always the typical time, a time up to the longest, or always the longest. */
export type ChipTimes = "typical" | "varying" | "maximum";

/** What a simulated bridge speaks. */
export type BridgeProtocol = "native" | "serprog" | "both";

/** A native bridge by its size, or a serprog bridge that exists. */
export type BridgeName = BridgePresetName | SerprogProfileName;

/** A step buffer has to hold the longest record: a page of 264 bytes with its command. */
const SMALLEST_BUFFER_BYTES = 320;

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
  sr1: byte(),
  sr2: byte(),
  sr3: byte(),
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
/** The settings that were given. */
export type Settings = Partial<SettingTypes>;

/** Every setting of a `sim:` port and what it accepts, in the order of the documents. */
export const SIM_SETTINGS: readonly {
  /** Name of the setting. */
  readonly name: string;
  /** The accepted values, as text: "a number from 0 to 1 (per bit)". */
  readonly accepts: string;
  /** All accepted values, if they are a short list. */
  readonly values?: readonly string[] | undefined;
}[] = Object.entries(SETTINGS).map(([name, { accepts, values }]) => ({ name, accepts, values }));

/** Reads all settings. Throws USAGE for one that is unknown or out of range. */
export function readSettings(query: ReadonlyMap<string, string>): Settings {
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

export function didYouMean(typed: string, names: readonly string[]): string {
  const nearest = nearestOf(typed, names);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

export function refuse(message: string, hint?: string): NorbridgeError {
  return new NorbridgeError("USAGE", message, {
    operation: "read the settings of a simulated bridge",
    hint,
  });
}
