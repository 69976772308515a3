/** The state that the events of a station make: a page that joins late has what one has that saw all of them. */
import { describe, expect, it } from "vitest";
import {
  EMPTY_STATION,
  type StationEvent,
  type StationRecipe,
  type StationState,
  stationStateAfter,
} from "../../src/station/events.ts";

const RECIPE: StationRecipe = {
  ...{ name: "logger", revision: 7, product: "MK3", sha256: "00".repeat(32) },
  ...{ purpose: "program", approvedBy: undefined },
};

const START: readonly StationEvent[] = [
  {
    ...{ kind: "station", atMs: 100, station: "line-1", operator: "Ann", recipe: RECIPE },
    slots: ["1", "2"].map((slot) => ({ slot, where: `sim:${slot}` })),
  },
  { kind: "batch-start", atMs: 110, target: 5 },
];

function stateAfter(...events: readonly StationEvent[]): StationState {
  return [...START, ...events].reduce(stationStateAfter, EMPTY_STATION);
}

function end(slot: string, outcome: "pass" | "fail" | "abort" | "not-recorded", more = {}): StationEvent {
  return { kind: "session-end", atMs: 300, slot, outcome, isFirst: true, isRework: false, ...more };
}

describe("state of a station", () => {
  it("has a slot for each of the station, and counts of a new batch", () => {
    const { slots, batch, recipe } = stateAfter();
    expect(slots.map(({ slot, phase }) => `${slot} ${phase}`)).toEqual(["1 starting", "2 starting"]);
    expect(batch).toMatchObject({ target: 5, isRunning: true, passed: 0, startedMs: 110 });
    expect(recipe).toEqual(RECIPE);
  });

  it("keeps what a change leaves out, and removes what is null", () => {
    const { slots } = stateAfter(
      { kind: "slot", atMs: 200, slot: "1", phase: "writing", sentence: "Wait.", serial: "A1", chip: "W25Q16JV" },
      { kind: "progress", atMs: 210, slot: "1", doneBytes: 10, totalBytes: 20 },
      { kind: "slot", atMs: 220, slot: "1", phase: "writing", sentence: "Wait.", serial: null },
    );
    expect(slots[0]).toMatchObject({
      ...{ phase: "writing", sinceMs: 200, chip: "W25Q16JV", serial: undefined },
      progress: { doneBytes: 10, totalBytes: 20 },
    });
    expect(slots[1]?.phase).toBe("starting");
  });

  it("says nothing of a unit that was taken out", () => {
    const fault = { code: "CHIP_MISSING", cause: "the chip does not respond" };
    const { slots } = stateAfter(
      { kind: "session-start", atMs: 190, slot: "1" },
      { kind: "slot", atMs: 200, slot: "1", phase: "fail", sentence: "Take it out.", serial: "A1", fault },
      end("1", "fail"),
      { kind: "slot", atMs: 400, slot: "1", phase: "empty", sentence: "Insert a unit." },
    );
    expect(slots[0]).toMatchObject({
      ...{ serial: undefined, fault: undefined, startedMs: undefined, endedMs: undefined },
      ...{ failed: 1, failuresInARow: 1 },
    });
  });

  it("counts the first sessions of units for the yield; rework is not output", () => {
    const { batch } = stateAfter(
      end("1", "pass"),
      end("2", "fail"),
      end("2", "pass", { isFirst: false }),
      end("1", "pass", { isFirst: false, isRework: true }),
      end("1", "abort"),
      end("1", "not-recorded"),
    );
    expect(batch).toMatchObject({ passed: 2, failed: 1, aborted: 2, rework: 1, firstPass: 1, firstTries: 2 });
  });

  it("is the same after its way through JSON, and ignores slots that it has not", () => {
    const events: readonly StationEvent[] = [
      { kind: "session-start", atMs: 150, slot: "1" },
      { kind: "slot", atMs: 160, slot: "1", phase: "pass", sentence: "Take it out.", serial: "A1" },
      end("1", "pass"),
      end("9", "abort"),
      { kind: "note", atMs: 310, text: "the clock was set back" },
      { kind: "database", atMs: 320, state: "away", sentence: "The disk is full." },
    ];
    const sent = JSON.parse(JSON.stringify(events)) as readonly StationEvent[];
    expect(JSON.stringify(stateAfter(...sent))).toBe(JSON.stringify(stateAfter(...events)));
    expect(stateAfter(...events).slots).toHaveLength(2);
  });

  it("keeps the newest notes", () => {
    const notes = Array.from({ length: 30 }, (_, n): StationEvent => ({ kind: "note", atMs: 200, text: String(n) }));
    expect(stateAfter(...notes).notes).toEqual(Array.from({ length: 20 }, (_, n) => String(n + 10)));
  });
});
