/**
 * What a station does, as values that JSON can hold: its events, and the state that they make. The page in a browser
 * uses this file as well, so it imports nothing of Node.js and nothing of the engine.
 */

/** What a slot is doing. */
export type SlotPhase =
  /** The process of the slot starts, or its bridge is being opened. */
  | "starting"
  /** No chip. A new one starts the next session. */
  | "empty"
  /** A chip responds, but not yet for long enough. */
  | "settling"
  /** The wires and the ID are checked. Nothing was changed. */
  | "contact"
  /** A person has to act first: see `waitsFor`. */
  | "waiting"
  /** The unit gets its numbers, and its image is made. */
  | "reserving"
  | "writing"
  /** Regions are copied from the chip. Nothing is changed. */
  | "reading"
  | "verifying"
  /** The chip is done; the record is being made durable. */
  | "recording"
  /** Over, until the chip is taken out: */
  | "pass"
  | "fail"
  /** The result could not be stored: the unit must stay apart. The slot is stopped. */
  | "not-recorded"
  /** The bridge is away in mid-session; the same unit is resumed when it is back. */
  | "lost"
  /** Takes no more units until a person starts it again. */
  | "paused"
  /** Ended for good: the station ends, or the slot cannot be used. */
  | "stopped";

/** What a slot waits for. */
export type SlotWait =
  /** A text from a scanner: the value of this name in the recipe, and what the operator scans. */
  | { readonly kind: "scan"; readonly value: string; readonly label: string }
  /** A person confirms what the sentence says. */
  | { readonly kind: "confirm" };

/** Bytes of the phase that are done. */
export interface SlotProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Why a unit or a slot stopped. */
export interface SlotFault {
  /** Error code of norbridge: "CHIP_MISSING". */
  readonly code: string;
  /** What is wrong, one sentence. */
  readonly cause: string;
}

/** A slot at one moment. */
export interface SlotState {
  /** Name, as it is written on the fixture. */
  readonly slot: string;
  /** Where its bridge is: a USB path, a port, or a simulated one. */
  readonly where: string;
  readonly phase: SlotPhase;
  /** When the phase started, milliseconds since 1970 by the clock of the station. */
  readonly sinceMs: number;
  /** What to do now, or what is happening. One sentence. */
  readonly sentence: string;
  /** When the session of the unit started and ended; undefined without a unit, and while it lasts. */
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  /** Serial number of the unit in the slot. */
  readonly serial: string | undefined;
  /** Name of its chip, and the unique ID of it in hex, if it has one. */
  readonly chip: string | undefined;
  readonly uniqueId: string | undefined;
  /** The unit was done before: it keeps its number and counts as rework. */
  readonly isRework: boolean;
  /** An interrupted session of this unit is completed. */
  readonly isResumed: boolean;
  readonly progress: SlotProgress | undefined;
  readonly fault: SlotFault | undefined;
  readonly waitsFor: SlotWait | undefined;
  /** Units that failed here one after the other. */
  readonly failuresInARow: number;
  /** Sessions that passed and failed here since the station started. */
  readonly passed: number;
  readonly failed: number;
}

/** Counts of a batch since it started. */
export interface BatchCounts {
  /** Units that are done and recorded, without rework. */
  readonly passed: number;
  /** Sessions that failed by the unit: its contact or its chip. */
  readonly failed: number;
  /** Sessions that ended by the station: link, data, a person. They do not count against the yield. */
  readonly aborted: number;
  /** Known units that passed again. */
  readonly rework: number;
  /** Units whose first session passed, and units that had one. */
  readonly firstPass: number;
  readonly firstTries: number;
}

/** What a station makes. */
export interface BatchState extends BatchCounts {
  /** Passed units that are wanted; undefined: until it is stopped. */
  readonly target: number | undefined;
  readonly isRunning: boolean;
  readonly startedMs: number;
}

/** The lamp of the database. */
export interface DatabaseLamp {
  readonly state: "ok" | "slow" | "away" | "server-away";
  /** One sentence for a person. */
  readonly sentence: string;
}

/** Numbers that a pool has left. A text, since a pool may have more than 2^53. */
export interface PoolLeft {
  readonly pool: string;
  readonly left: string;
}

/** Which recipe is done. */
export interface StationRecipe {
  readonly name: string;
  readonly revision: number;
  readonly product: string;
  /** SHA-256 of the recipe with all its files, hex. */
  readonly sha256: string;
  readonly purpose: "program" | "extract";
  /** Who approved it; undefined: it is not approved in this state. */
  readonly approvedBy: string | undefined;
}

/** The whole station at one moment. */
export interface StationState {
  readonly station: string;
  readonly operator: string;
  readonly recipe: StationRecipe | undefined;
  readonly batch: BatchState;
  readonly slots: readonly SlotState[];
  readonly pools: readonly PoolLeft[];
  readonly database: DatabaseLamp;
  /** Sentences for everybody; the newest is last. */
  readonly notes: readonly string[];
  /** Time of the last event, milliseconds since 1970. */
  readonly atMs: number;
}

/** What changes in a slot: fields that are left out stay; `null` removes one. */
export interface SlotChange {
  readonly phase: SlotPhase;
  readonly sentence: string;
  readonly serial?: string | null | undefined;
  readonly chip?: string | null | undefined;
  readonly uniqueId?: string | null | undefined;
  readonly isRework?: boolean | undefined;
  readonly isResumed?: boolean | undefined;
  readonly fault?: SlotFault | null | undefined;
  readonly waitsFor?: SlotWait | undefined;
}

/** How a session ended. */
export type SessionOutcome = "pass" | "fail" | "abort" | "not-recorded";

/** Something that happened. */
export type StationEvent = { readonly atMs: number } & (
  | {
      readonly kind: "station";
      readonly station: string;
      readonly operator: string;
      readonly recipe: StationRecipe;
      readonly slots: readonly { readonly slot: string; readonly where: string }[];
    }
  /** A batch starts: its counts are 0 again. */
  | { readonly kind: "batch-start"; readonly target: number | undefined }
  | { readonly kind: "batch-end" }
  /** A slot does something else. */
  | ({ readonly kind: "slot"; readonly slot: string } & SlotChange)
  | ({ readonly kind: "progress"; readonly slot: string } & SlotProgress)
  | { readonly kind: "session-start"; readonly slot: string }
  /** A session ended. The outcome is durable, unless it is `not-recorded`. */
  | {
      readonly kind: "session-end";
      readonly slot: string;
      readonly outcome: SessionOutcome;
      /** The first session of this unit. */
      readonly isFirst: boolean;
      readonly isRework: boolean;
    }
  | { readonly kind: "pools"; readonly pools: readonly PoolLeft[] }
  | ({ readonly kind: "database" } & DatabaseLamp)
  | { readonly kind: "operator"; readonly name: string }
  | { readonly kind: "note"; readonly text: string }
  /** Every slot has ended. */
  | { readonly kind: "station-end" }
);

/** Notes that are kept. */
const MAX_NOTES = 20;
const NO_COUNTS: BatchCounts = { passed: 0, failed: 0, aborted: 0, rework: 0, firstPass: 0, firstTries: 0 };

/** The state before the first event. */
export const EMPTY_STATION: StationState = {
  station: "",
  operator: "",
  recipe: undefined,
  batch: { ...NO_COUNTS, target: undefined, isRunning: false, startedMs: 0 },
  slots: [],
  pools: [],
  database: { state: "ok", sentence: "The database is ready." },
  notes: [],
  atMs: 0,
};

/** The state after an event. An event of a slot that does not exist changes nothing. */
export function stationStateAfter(before: StationState, event: StationEvent): StationState {
  const state = { ...before, atMs: event.atMs };
  switch (event.kind) {
    case "station": {
      const { station, operator, recipe } = event;
      return { ...state, station, operator, recipe, slots: event.slots.map((one) => newSlot(one, event.atMs)) };
    }
    case "batch-start":
      return { ...state, batch: { ...NO_COUNTS, target: event.target, isRunning: true, startedMs: event.atMs } };
    case "batch-end":
    case "station-end":
      return { ...state, batch: { ...state.batch, isRunning: false } };
    case "slot":
    case "progress":
    case "session-start":
      return withSlot(state, event.slot, (slot) => slotAfter(slot, event));
    case "session-end":
      return withSlot({ ...state, batch: batchAfter(state.batch, event) }, event.slot, (slot) =>
        slotAfter(slot, event),
      );
    case "pools":
      return { ...state, pools: event.pools };
    case "database":
      return { ...state, database: { state: event.state, sentence: event.sentence } };
    case "operator":
      return { ...state, operator: event.name };
    case "note":
      return { ...state, notes: [...state.notes, event.text].slice(-MAX_NOTES) };
  }
}

function newSlot({ slot, where }: { readonly slot: string; readonly where: string }, atMs: number): SlotState {
  return {
    ...{ slot, where, phase: "starting", sinceMs: atMs, sentence: "The slot starts." },
    ...{ startedMs: undefined, endedMs: undefined, serial: undefined, chip: undefined, uniqueId: undefined },
    ...{ isRework: false, isResumed: false, progress: undefined, fault: undefined, waitsFor: undefined },
    ...{ failuresInARow: 0, passed: 0, failed: 0 },
  };
}

function withSlot(state: StationState, name: string, change: (slot: SlotState) => SlotState): StationState {
  return { ...state, slots: state.slots.map((one) => (one.slot === name ? change(one) : one)) };
}

type SlotEvent = Extract<StationEvent, { readonly slot: string }>;

function slotAfter(slot: SlotState, event: SlotEvent): SlotState {
  switch (event.kind) {
    case "slot":
      return afterChange(slot, event, event.atMs);
    case "progress":
      return { ...slot, progress: { doneBytes: event.doneBytes, totalBytes: event.totalBytes } };
    case "session-start":
      return {
        ...slot,
        startedMs: event.atMs,
        endedMs: undefined,
        fault: undefined,
        isRework: false,
        isResumed: false,
      };
    case "session-end": {
      const { outcome } = event;
      const failed = slot.failed + (outcome === "fail" ? 1 : 0);
      const failuresInARow =
        outcome === "fail" ? slot.failuresInARow + 1 : outcome === "pass" ? 0 : slot.failuresInARow;
      return {
        ...slot,
        endedMs: event.atMs,
        failed,
        failuresInARow,
        passed: slot.passed + (outcome === "pass" ? 1 : 0),
      };
    }
  }
}

function afterChange(slot: SlotState, change: SlotChange, atMs: number): SlotState {
  const isSame = slot.phase === change.phase;
  const kept = <T>(value: T | null | undefined, old: T | undefined): T | undefined =>
    value === undefined ? old : (value ?? undefined);
  const next: SlotState = {
    ...slot,
    phase: change.phase,
    sentence: change.sentence,
    sinceMs: isSame ? slot.sinceMs : atMs,
    progress: isSame ? slot.progress : undefined,
    serial: kept(change.serial, slot.serial),
    chip: kept(change.chip, slot.chip),
    uniqueId: kept(change.uniqueId, slot.uniqueId),
    isRework: change.isRework ?? slot.isRework,
    isResumed: change.isResumed ?? slot.isResumed,
    fault: kept(change.fault, slot.fault),
    waitsFor: change.waitsFor,
  };
  if (change.phase !== "empty") return next;
  // The unit is gone, and with it everything that was said of it.
  return {
    ...next,
    ...{ serial: undefined, chip: undefined, uniqueId: undefined, fault: undefined },
    ...{ startedMs: undefined, endedMs: undefined, isRework: false, isResumed: false },
  };
}

function batchAfter(batch: BatchState, event: Extract<StationEvent, { readonly kind: "session-end" }>): BatchState {
  const { outcome, isFirst, isRework } = event;
  const isPass = outcome === "pass";
  const counts = isFirst && (isPass || outcome === "fail");
  return {
    ...batch,
    passed: batch.passed + (isPass && !isRework ? 1 : 0),
    rework: batch.rework + (isPass && isRework ? 1 : 0),
    failed: batch.failed + (outcome === "fail" ? 1 : 0),
    aborted: batch.aborted + (outcome === "abort" || outcome === "not-recorded" ? 1 : 0),
    firstPass: batch.firstPass + (counts && isPass ? 1 : 0),
    firstTries: batch.firstTries + (counts ? 1 : 0),
  };
}
