/** From the state of the station to what the page shows: words, tones and signs. Pure. */
import type { SignName, Tone } from "../panel/tone.ts";
import type { DatabaseLamp, PoolLeft, SlotPhase, SlotState, StationState } from "../station/events.ts";
import type { LampView, NumbersView, StationView, TileAction, TileView } from "./station-view.ts";

/** What a phase looks like. */
interface Look {
  readonly tone: Tone;
  readonly sign: SignName;
  readonly word: string;
  /** The whole tile has the colour: what is over, and what waits for a person. */
  readonly isLoud: boolean;
  readonly actions: readonly TileAction[];
}

const PAUSE: TileAction = { kind: "pause", word: "Pause" };
const GO_ON: TileAction = { kind: "go-on", word: "Go on" };
const AGAIN: TileAction = { kind: "again", word: "Try again" };
const STOP: TileAction = { kind: "stop", word: "Stop" };
const BUSY: Look = { tone: "work", sign: "work", word: "Busy", isLoud: false, actions: [STOP] };

const LOOKS: Readonly<Record<SlotPhase, Look>> = {
  starting: { tone: "rest", sign: "work", word: "Starting", isLoud: false, actions: [] },
  empty: { tone: "rest", sign: "insert", word: "Insert", isLoud: false, actions: [PAUSE] },
  settling: { tone: "work", sign: "search", word: "Found", isLoud: false, actions: [] },
  contact: { ...BUSY, sign: "search", word: "Contact" },
  waiting: { tone: "act", sign: "question", word: "Your turn", isLoud: true, actions: [STOP] },
  reserving: BUSY,
  writing: { ...BUSY, word: "Write" },
  reading: { ...BUSY, word: "Read" },
  verifying: { ...BUSY, word: "Verify" },
  recording: { ...BUSY, word: "Record", actions: [] },
  pass: { tone: "pass", sign: "check", word: "Pass", isLoud: true, actions: [] },
  fail: { tone: "fail", sign: "cross", word: "Fail", isLoud: true, actions: [AGAIN] },
  "not-recorded": { tone: "alarm", sign: "alarm", word: "Not recorded", isLoud: true, actions: [] },
  lost: { tone: "alarm", sign: "off", word: "Bridge lost", isLoud: true, actions: [] },
  paused: { tone: "rest", sign: "pause", word: "Paused", isLoud: false, actions: [GO_ON] },
  stopped: { tone: "alarm", sign: "off", word: "Stopped", isLoud: false, actions: [] },
};

/** A pool with so few numbers is shown as one that ends soon. */
const FEW_NUMBERS = 100n;

/** The page for a state. */
export function viewOf(state: StationState): StationView {
  const { recipe, batch, slots } = state;
  const scan = slots.find(({ waitsFor }) => waitsFor?.kind === "scan");
  return {
    station: state.station === "" ? "station" : state.station,
    recipe: recipe === undefined ? "" : `${recipe.product}, ${recipe.name} revision ${recipe.revision}`,
    isApproved: recipe?.approvedBy !== undefined,
    operator: state.operator,
    isRunning: batch.isRunning,
    passed: batch.passed,
    failed: batch.failed,
    target: batch.target,
    firstPass: { passed: batch.firstPass, units: batch.firstTries },
    numbers: state.pools.map(numbersOf),
    database: lampOf(state.database),
    tiles: slots.map(tileOf),
    scanFor: scan?.waitsFor?.kind === "scan" ? `${scan.waitsFor.label}, slot ${scan.slot}` : undefined,
    notes: state.notes,
  };
}

function numbersOf({ pool, left }: PoolLeft): NumbersView {
  const isNumber = /^\d+$/.test(left);
  const count = isNumber ? BigInt(left) : 0n;
  const tone = !isNumber || count > FEW_NUMBERS ? "rest" : count === 0n ? "fail" : "act";
  return { pool, left: isNumber ? count.toLocaleString("en") : left, tone };
}

const LAMPS: Readonly<Record<DatabaseLamp["state"], { readonly tone: Tone; readonly word: string }>> = {
  ok: { tone: "pass", word: "Recording" },
  slow: { tone: "act", word: "Slow" },
  "server-away": { tone: "act", word: "Server away" },
  away: { tone: "alarm", word: "Away" },
};

function lampOf({ state, sentence }: DatabaseLamp): LampView {
  return { ...LAMPS[state], sentence };
}

function tileOf(state: SlotState): TileView {
  const { slot, phase, serial, sentence, startedMs, endedMs, fault, progress, waitsFor } = state;
  const look = LOOKS[phase];
  const isOver = startedMs !== undefined && endedMs !== undefined;
  return {
    ...look,
    slot,
    serial,
    sentence,
    word: waitsFor?.kind === "scan" ? "Scan" : look.word,
    actions: waitsFor?.kind === "confirm" ? [{ kind: "confirm", word: "Done" }, STOP] : look.actions,
    cause: fault === undefined ? undefined : `${fault.code}: ${fault.cause}`,
    note: noteOf(state),
    sinceMs: isOver ? undefined : startedMs,
    tookMs: isOver ? endedMs - startedMs : undefined,
    progress: progress === undefined ? undefined : { done: progress.doneBytes, total: progress.totalBytes },
  };
}

function noteOf({ isRework, isResumed, failuresInARow, phase }: SlotState): string | undefined {
  if (isResumed) return "An interrupted unit is completed.";
  if (isRework) return "This unit was here before. It keeps its number.";
  return phase === "fail" && failuresInARow > 1
    ? `${failuresInARow} units in a row have failed in this slot.`
    : undefined;
}
