/** What was found out about a log before it is opened: its layout, its options, and how sure that is. */
import type { CircularBufferOptions } from "./circular-buffer/format.ts";
import type { Fcb2Options } from "./fcb2/fcb2.ts";
import type { LogFsFormat } from "./log-fs/format.ts";
import type { LogFsOptions } from "./log-fs/log-fs-options.ts";

/**
 * told: by the caller, all that decides where the next record goes. certain: several records have right check bytes and few have
 * not, or the caller named the magic and none has not. likely: at least one has. possible: headers alone.
 */
export type Sureness = "told" | "certain" | "likely" | "possible";

/** What is known of every log that was found. */
export interface FindingCommon {
  /** How certain it is that this is the layout of the log. */
  readonly sureness: Sureness;
  /** The evidence, as the end of a sentence. */
  readonly why: string;
  /** No sector or page was ever begun. */
  readonly isBlank: boolean;
}

/** A Flash Circular Buffer that was found. */
export interface FcbFinding extends FindingCommon {
  /** Always "fcb". */
  readonly layout: "fcb";
  /** Options to open it with, see `CircularBuffer.mount`. */
  readonly options: CircularBufferOptions;
}

/** A px_log_fs that was found. */
export interface LogFsFinding extends FindingCommon {
  /** Always "px-log-fs". */
  readonly layout: "px-log-fs";
  /** Options to open it with, see `LogFs.mount`. */
  readonly options: LogFsOptions;
}

/** A Mynewt FCB2 that was found. It is read only. */
export interface Fcb2Finding extends FindingCommon {
  /** Always "fcb2". */
  readonly layout: "fcb2";
  /** Options to open it with, see `Fcb2.mount`. */
  readonly options: Fcb2Options;
}

/** A log that was found; `layout` decides which class opens it. */
export type LogFinding = FcbFinding | LogFsFinding;

/** What the caller specified of an FCB. */
export interface FcbHints {
  /** Magic number of the sector headers, 32 bits; undefined if not known. */
  readonly magic: number | undefined;
  /** Version in the sector headers, 0 to 255; undefined if not known. */
  readonly version: number | undefined;
  /** Write block of the device, bytes, 1 to 32; undefined if not known. */
  readonly alignBytes: number | undefined;
  /** Sectors that stay free; undefined if not known. */
  readonly scratchSectors: number | undefined;
  /** Whether entries end with a CRC. False: with the fixed end marker. */
  readonly hasCrc: boolean;
}

/** What the caller specified of a px_log_fs. */
export interface LogFsHints {
  /** Page size, bytes; undefined if not known. */
  readonly pageBytes: number | undefined;
  /** Pages in an erase block; undefined if not known. */
  readonly blockPages: number | undefined;
  /** Data bytes of a record; undefined if not known. */
  readonly recordBytes: number | undefined;
  /** What the device does when the log is full; undefined if not known. */
  readonly whenFull: "overwrite" | "stop" | undefined;
  /** Format on the flash; undefined if not known. */
  readonly format: LogFsFormat | undefined;
}

/** What the caller knows of a log that is to be found. */
export interface LogHints {
  /** Layout to look for; `auto` tries both. */
  readonly layout: "auto" | "fcb" | "px-log-fs";
  /** Size of a sector, bytes; undefined if not known. */
  readonly sectorBytes: number | undefined;
  /** What is known if it is an FCB. */
  readonly fcb: FcbHints;
  /** What is known if it is a px_log_fs. */
  readonly logFs: LogFsHints;
}

const RANKS: readonly Sureness[] = ["told", "certain", "likely", "possible"];

/** The surer of two; the first where they are equal. */
export function surer(a: LogFinding | undefined, b: LogFinding | undefined): LogFinding | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return RANKS.indexOf(b.sureness) < RANKS.indexOf(a.sureness) ? b : a;
}

/** How sure this many right records among this many damaged ones make. */
export function surenessOf(right: number, wrong: number): Exclude<Sureness, "told"> {
  if (right >= 3 && wrong * 5 <= right) return "certain";
  return right > 0 ? "likely" : "possible";
}
