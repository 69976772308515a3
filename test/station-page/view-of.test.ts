/** What the page of the station shows for each state: no two states look the same, and none is a colour alone. */
import { describe, expect, it } from "vitest";
import { viewOf } from "../../src/station-page/view-of.ts";
import type { SlotPhase } from "../../src/station/events.ts";
import { ScriptedStation } from "./scripted-station.ts";

const PHASES: readonly SlotPhase[] = [
  ...(["starting", "empty", "settling", "contact", "waiting", "reserving", "writing", "reading", "verifying"] as const),
  ...(["recording", "pass", "fail", "not-recorded", "lost", "paused", "stopped"] as const),
];

function stationIn(phase: SlotPhase): ScriptedStation {
  const station = new ScriptedStation(1, () => 1000);
  station.tell({ kind: "slot", slot: "A", phase, sentence: "Do this." });
  return station;
}

const tileIn = (phase: SlotPhase) => viewOf(stationIn(phase).state()).tiles[0]!;

describe("a tile", () => {
  it("tells the states that matter apart by sign and by word, not only by colour", () => {
    const tiles = PHASES.filter((phase) => phase !== "reserving").map((phase) => tileIn(phase));
    expect(new Set(tiles.map(({ word }) => word)).size).toBe(tiles.length);
    const ends = (["pass", "fail", "not-recorded", "lost", "waiting"] as const).map((phase) => tileIn(phase));
    expect(new Set(ends.map(({ sign }) => sign)).size).toBe(ends.length);
    expect(ends.every(({ isLoud }) => isLoud)).toBe(true);
    // From far away a short word is larger.
    expect(tiles.every(({ word }) => word.length <= 12)).toBe(true);
  });

  it("has no way to stop what is being recorded, and none to start anything in a slot that stopped", () => {
    expect(tileIn("recording").actions).toEqual([]);
    expect(tileIn("not-recorded").actions).toEqual([]);
    expect(tileIn("stopped").actions).toEqual([]);
    expect(tileIn("writing").actions.map(({ kind }) => kind)).toEqual(["stop"]);
  });

  it("says what failed with its code, counts seconds to the end, and says that a unit was here before", () => {
    let nowMs = 1000;
    const station = new ScriptedStation(1, () => nowMs);
    station.write("A", "SN-1");
    expect(viewOf(station.state()).tiles[0]).toMatchObject({ sinceMs: 1000, tookMs: undefined, serial: "SN-1" });
    nowMs = 7400;
    station.fail("A", "SN-1");
    nowMs = 9000;
    station.tell({ kind: "session-end", slot: "A", outcome: "fail", isFirst: false, isRework: true });
    const [tile] = viewOf(station.state()).tiles;
    expect(tile).toMatchObject({
      sinceMs: undefined,
      tookMs: 1600,
      note: "2 units in a row have failed in this slot.",
    });
    expect(tile?.cause).toMatch(/^VERIFY_MISMATCH: /);
    station.tell({ kind: "slot", slot: "A", phase: "pass", sentence: "Take it out.", isRework: true, fault: null });
    expect(viewOf(station.state()).tiles[0]?.note).toMatch(/was here before/);
    station.empty("A");
    expect(viewOf(station.state()).tiles[0]).toMatchObject({ serial: undefined, cause: undefined, tookMs: undefined });
  });
});

describe("the batch", () => {
  it("says which pool ends soon, and that a scan is waited for", () => {
    const station = new ScriptedStation(2);
    const left = ["100", "101", "1", "0", "9007199254740993", "unknown"];
    station.tell({ kind: "pools", pools: left.map((one) => ({ pool: one, left: one })) });
    const { numbers } = viewOf(station.state());
    expect(numbers.map(({ tone }) => tone)).toEqual(["act", "rest", "act", "fail", "rest", "rest"]);
    expect(numbers[4]?.left).toBe("9,007,199,254,740,993");
    expect(viewOf(station.state()).scanFor).toBeUndefined();
    station.scan("B", "SN-2");
    expect(viewOf(station.state()).scanFor).toBe("the label of the housing, slot B");
  });

  it("shows a database that is away as an alarm", () => {
    const station = new ScriptedStation(1);
    expect(viewOf(station.state()).database.tone).toBe("pass");
    for (const [state, tone] of [
      ["slow", "act"],
      ["server-away", "act"],
      ["away", "alarm"],
    ] as const) {
      station.tell({ kind: "database", state, sentence: "The disk is full." });
      expect(viewOf(station.state()).database).toMatchObject({ tone, sentence: "The disk is full." });
    }
  });
});
