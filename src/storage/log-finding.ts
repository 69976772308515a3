/** What was found out about a log before it is opened: its layout, its options, and how sure that is. */
import type { CircularBufferOptions } from "./circular-buffer/format.ts";
import type { LogFsFormat } from "./log-fs/format.ts";
import type { LogFsOptions } from "./log-fs/log-fs-options.ts";

/**
 * told: by the caller, all that decides where the next record goes. certain: several records have right check bytes and few have
 * not, or the caller named the magic and none has not. likely: at least one has. possible: headers alone.
 */
export type Sureness = "told" | "certain" | "likely" | "possible";

export interface FindingCommon {
  readonly sureness: Sureness;
  /** The evidence, as the end of a sentence. */
  readonly why: string;
  /** No sector or page was ever begun. */
  readonly isBlank: boolean;
}

export interface FcbFinding extends FindingCommon {
  readonly layout: "fcb";
  readonly options: CircularBufferOptions;
}

export interface LogFsFinding extends FindingCommon {
  readonly layout: "px-log-fs";
  readonly options: LogFsOptions;
}

export type LogFinding = FcbFinding | LogFsFinding;

/** What the caller said of an FCB. */
export interface FcbHints {
  readonly magic: number | undefined;
  readonly version: number | undefined;
  readonly alignBytes: number | undefined;
  readonly scratchSectors: number | undefined;
  readonly hasCrc: boolean;
}

/** What the caller said of a px_log_fs. */
export interface LogFsHints {
  readonly pageBytes: number | undefined;
  readonly blockPages: number | undefined;
  readonly recordBytes: number | undefined;
  readonly whenFull: "overwrite" | "stop" | undefined;
  readonly format: LogFsFormat | undefined;
}

export interface LogHints {
  readonly layout: "auto" | "fcb" | "px-log-fs";
  readonly sectorBytes: number | undefined;
  readonly fcb: FcbHints;
  readonly logFs: LogFsHints;
}

const RANKS: readonly Sureness[] = ["told", "certain", "likely", "possible"];

/** The surer of two; the first where they are equal. */
export function surer(a: LogFinding | undefined, b: LogFinding | undefined): LogFinding | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return RANKS.indexOf(b.sureness) < RANKS.indexOf(a.sureness) ? b : a;
}

/** How sure so many right records among so many damaged ones make. */
export function surenessOf(right: number, wrong: number): Exclude<Sureness, "told"> {
  if (right >= 3 && wrong * 5 <= right) return "certain";
  return right > 0 ? "likely" : "possible";
}
