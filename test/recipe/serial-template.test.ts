/** Templates of serial numbers and their inverse. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHECK_ALGORITHMS } from "../../src/recipe/check-digits.ts";
import { dateFieldsOf } from "../../src/recipe/date-fields.ts";
import { parseTemplate, type SerialTemplate } from "../../src/recipe/serial-template.ts";

function template(text: string): SerialTemplate {
  const read = parseTemplate(text);
  if ("problem" in read) throw new Error(read.problem);
  return read;
}

function problem(text: string): string {
  const read = parseTemplate(text);
  return "problem" in read ? read.problem : "none";
}

const MADE = Date.UTC(2026, 10, 30, 12);

it("writes and reads a serial", () => {
  const serial = template("MK3-{yy}{ww}-{n:5}{check:mod37-36}");
  expect(serial.format(17n, MADE)).toBe("MK3-2649-00017N");
  expect(serial.parse("MK3-2649-00017N")).toEqual({ number: 17n, date: { yy: "26", ww: "49" } });
  expect(serial.length).toBe(15);
  expect(serial.most).toBe(99_999n);
});

it.each([
  ["MK3-2649-00018N", 'its check (mod37-36) is "N"'],
  ["MK4-2649-00017N", 'at character 1 stands "MK4-"'],
  ["MK3-2649-0001", "it has 13 characters, not 15"],
  ["MK3-26x9-00017N", 'stands "x9", not 2 digits'],
  ["MK3-2649-O0017D", "which is not the number"],
])("says what is wrong with %s", (serial, reason) => {
  expect(template("MK3-{yy}{ww}-{n:5}{check:mod37-36}").parse(serial)).toContain(reason);
});

it("has base 34 without I and O", () => {
  const serial = template("{n:4b34}");
  expect(serial.format(33n, undefined)).toBe("000Z");
  expect(serial.format(34n ** 4n - 1n, undefined)).toBe("ZZZZ");
  expect(serial.format(18n, undefined)).toBe("000J");
  expect(serial.parse("000I")).toContain("not the number");
});

it.each([
  ["MK3", "the number {n:WIDTH} is missing"],
  ["{n:3}{n:4}", "the number stands twice"],
  ["{n}", "{n} needs its width"],
  ["{n:19}", "at most 18 digits"],
  ["{yy}{yy}{n:3}", "{yy} stands twice"],
  ["{ww}{dd}{n:3}", "{ww} and {dd} cannot be used together"],
  ["{n:3}{check:md5}", "the check is one of luhn"],
  ["{check:luhn}{n:3}", "nothing stands left of {check:luhn}"],
  ["MK{n:3}{check:luhn}", "takes only digits left of it"],
  ["mk{n:3}{check:mod37-36}", "the letters A to Z left of it"],
  ["{n:3b34}{check:damm}", "takes only digits left of it"],
  ["{lot}{n:3}", "the field {lot} is not in this version"],
  ["{batch}{n:3}", "there is no field {batch}"],
  ["{n:3", "a brace stands alone"],
  ["é{n:3}", "ASCII characters only"],
])("refuses the template %s", (text, reason) => {
  expect(problem(text)).toContain(reason);
});

it("finds the number of every serial that it writes", () => {
  const checks = CHECK_ALGORITHMS.map(({ name }) => `{check:${name}}`);
  const fields = fc.record({
    lead: fc.constantFrom("", "7", "00-"),
    date: fc.constantFrom("", "{yy}{ww}", "{yyyy}{mm}{dd}", "{doy}"),
    width: fc.integer({ min: 1, max: 12 }),
    check: fc.constantFrom("", ...checks),
  });
  fc.assert(
    fc.property(fields, fc.bigInt(0n, 10n ** 12n - 1n), fc.integer({ min: 0, max: 4e12 }), (one, number, ms) => {
      const serial = template(`${one.lead}${one.date}{n:${one.width}}${one.check}`);
      const value = number % (serial.most + 1n);
      const text = serial.format(value, ms);
      expect(text).toHaveLength(serial.length);
      expect(serial.parse(text)).toMatchObject({ number: value });
    }),
    { seed: 23, numRuns: 300 },
  );
});

describe("dates", () => {
  // ISO 8601 week dates as Wikipedia lists them.
  it.each([
    ["2005-01-01", "04", "53"],
    ["2005-12-31", "05", "52"],
    ["2006-01-02", "06", "01"],
    ["2007-12-31", "08", "01"],
    ["2008-12-29", "09", "01"],
    ["2010-01-03", "09", "53"],
    ["2026-11-30", "26", "49"],
  ])("%s is in week %s-W%s", (day, yy, ww) => {
    expect(dateFieldsOf(Date.parse(day), true)).toMatchObject({ yy, ww });
  });

  it("counts days and keeps the calendar's year without a week", () => {
    expect(dateFieldsOf(Date.parse("2008-12-31"), false)).toMatchObject({
      yyyy: "2008",
      mm: "12",
      dd: "31",
      doy: "366",
    });
    expect(dateFieldsOf(Date.parse("2005-01-01"), false)).toMatchObject({ yyyy: "2005", doy: "001" });
  });
});
