/**
 * What the operator's page shows, ready to draw: no component decides what a state means. `view-of.ts` makes it from the
 * state of the station.
 */
import type { SignName, Tone } from "../panel/tone.ts";

/** One slot. */
export interface TileView {
  /** Name of the slot, as commands take it and as it is written on the fixture. */
  readonly slot: string;
  readonly tone: Tone;
  readonly sign: SignName;
  /** One word, two at most: it is read from far away. */
  readonly word: string;
  /** The whole tile has the colour: what is over, and what waits for a person. */
  readonly isLoud: boolean;
  readonly serial: string | undefined;
  /** What to do now, or what is happening; one sentence. */
  readonly sentence: string;
  /** Why, if it went wrong: code and cause. */
  readonly cause: string | undefined;
  /** What else is worth knowing. */
  readonly note: string | undefined;
  /** When it began, by the clock of the station, milliseconds since 1970; for what still goes on. */
  readonly sinceMs: number | undefined;
  /** How long it took; for what is over. */
  readonly tookMs: number | undefined;
  readonly progress: { readonly done: number; readonly total: number } | undefined;
  readonly actions: readonly TileAction[];
}

/** A button of a tile. */
export interface TileAction {
  readonly kind: "again" | "confirm" | "stop" | "pause" | "go-on";
  readonly word: string;
}

/** A lamp: colour, sign and word, and a sentence for who wants to know. */
export interface LampView {
  readonly tone: Tone;
  readonly word: string;
  readonly sentence: string;
}

/** Numbers that a pool has left. */
export interface NumbersView {
  readonly pool: string;
  readonly left: string;
  readonly tone: Tone;
}

/** The whole page. */
export interface StationView {
  readonly station: string;
  readonly recipe: string;
  readonly isApproved: boolean;
  readonly operator: string;
  readonly isRunning: boolean;
  /** Units that are done and recorded, and how many there should be. */
  readonly passed: number;
  readonly failed: number;
  readonly target: number | undefined;
  /** Units that passed in their first session, of all units. */
  readonly firstPass: { readonly passed: number; readonly units: number };
  readonly numbers: readonly NumbersView[];
  readonly database: LampView;
  readonly tiles: readonly TileView[];
  /** What the next scan is for; undefined if none is waited for. */
  readonly scanFor: string | undefined;
  /** Sentences for everybody: the clock was set back, a label printer is away. */
  readonly notes: readonly string[];
}
