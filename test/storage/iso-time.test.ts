/** Times as text, against the calendar of the machine, which knows the same rules. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/sim/random.ts";
import { isoTime, parseIsoTime } from "../../src/storage/iso-time.ts";

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse("0000-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

describe("times", () => {
  it("every day around every kind of century, and the ends of the calendar, come back", () => {
    for (const [from, years] of [
      [1599, 3],
      [1699, 3],
      [1899, 140],
      [2099, 3],
      [2399, 3],
    ] as const) {
      const first = Date.parse(`${from}-01-01T00:00:00Z`);
      for (let day = 0; day < years * 366; day++) {
        const ms = first + day * DAY_MS;
        const text = isoTime(ms);
        if (text !== new Date(ms).toISOString().replace(".000Z", "Z")) expect.fail(`${ms}: ${text}`);
        if (parseIsoTime(text) !== ms || parseIsoTime(text.slice(0, 10)) !== ms)
          expect.fail(`${text} does not come back`);
      }
    }
    for (const ms of [FIRST_MS, LAST_MS, LAST_MS - DAY_MS, FIRST_MS + DAY_MS, -1, 0, 1, 999, 1000]) {
      expect(isoTime(ms)).toBe(new Date(ms).toISOString().replace(".000Z", "Z"));
      expect(parseIsoTime(isoTime(ms))).toBe(ms);
    }
  });

  it("any millisecond of any year", () => {
    const random = createRandom("iso time");
    for (let i = 0; i < 2_000; i++) {
      const ms = FIRST_MS + Math.floor(random.nextFloat() * (LAST_MS - FIRST_MS));
      expect(isoTime(ms)).toBe(new Date(ms).toISOString().replace(".000Z", "Z"));
      expect(parseIsoTime(isoTime(ms))).toBe(ms);
    }
  });

  it("where the calendar ends it is a number", () => {
    expect([isoTime(LAST_MS + 1), isoTime(FIRST_MS - 1), isoTime(Number.NaN), isoTime(1e18)]).toEqual([
      ...[String(LAST_MS + 1), String(FIRST_MS - 1), "NaN", "1000000000000000000"],
    ]);
    expect(isoTime(1.9)).toBe("1970-01-01T00:00:00.001Z");
  });

  it.each([
    ["2026-03-01T12:00:00.5Z", 500],
    ["2026-03-01T12:00:00.05Z", 50],
    ["2026-03-01T12:00:00.005Z", 5],
    ["2026-03-01T12:00:00Z", 0],
    ["2026-03-01T12:00Z", 0],
  ])("%s", (text, ms) => {
    expect(parseIsoTime(text)).toBe(Date.parse("2026-03-01T12:00:00Z") + ms);
  });

  it.each([
    ...["2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "2026-04-31", "2026-06-31", "2026-09-31", "2026-11-31"],
    ...["2026-02-29", "1900-02-29", "2100-02-29", "2024-02-30", "2026-01-01T24:00:00Z", "2026-01-01T23:60:00Z"],
    ...["2026-01-01T23:59:60Z", "2026-1-1", "x2026-01-01", "2026-01-01x", "2026-01-01T12:00:00", "2026-01-01T12Z"],
    ...["2026-01-01T12:00:00.1234Z", "2026-01-01T12:00:00.Z", "", "0", "26-01-01"],
  ])("%s is none", (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });

  it.each(["2024-02-29", "2000-02-29", "2400-02-29", "2026-12-31", "2026-04-30", "2026-01-01T23:59:59Z"])(
    "%s is one",
    (text) => {
      expect(parseIsoTime(text)).toBe(Date.parse(text));
    },
  );
});
