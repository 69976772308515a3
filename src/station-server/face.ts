/**
 * What the server needs of a station: its state, what changes, commands, and records to read. The server adds nothing
 * of its own to them; all of it is sent as JSON.
 */
import type { StationCommand } from "../station/commands.ts";

/** A station as the server sees it. */
export interface StationFace {
  /** The whole state, as the page shows it. */
  state(): unknown;
  /** Calls back for each event, after the state has it. The result ends that. */
  subscribe(listener: (event: unknown) => void): () => void;
  /** Carries out a command of a page. Returns a sentence that says why not; undefined if it is done. */
  command(command: StationCommand): Promise<string | undefined>;
  /** Answers a question about what was recorded. Undefined: there is no such thing. */
  records(question: RecordQuestion): Promise<unknown>;
}

/** What can be asked about the records. */
export type RecordQuestion =
  /** Yield, times, failures and numbers since a time (ISO 8601), all if there is none. */
  | { readonly kind: "report"; readonly since?: string | undefined }
  /** Units with this serial number. */
  | { readonly kind: "units"; readonly serial: string }
  /** Records of a log that was extracted from a unit. */
  | { readonly kind: "log"; readonly extraction: string };

const SLOT_COMMANDS = ["again", "confirm", "stop", "pause", "go-on"] as const;
/** A scanner reads at most some hundred characters. */
const MOST_TEXT = 512;

/** A command from JSON; undefined for what is none. Nothing besides its fields is taken over. */
export function commandFrom(value: unknown): StationCommand | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, slot, text, name, target } = value as Readonly<Record<string, unknown>>;
  if (kind === "scan" && isText(text) && (slot === undefined || isText(slot))) return { kind, text, slot };
  if (kind === "operator" && isText(name)) return { kind, name };
  if (kind === "batch-end") return { kind };
  if (kind === "batch-start" && isTarget(target)) return { kind, target };
  const known = SLOT_COMMANDS.find((each) => each === kind);
  return known !== undefined && isText(slot) ? { kind: known, slot } : undefined;
}

function isTarget(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value > 0);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MOST_TEXT;
}
