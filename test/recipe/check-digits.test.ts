/** Check digits against published examples, and what each is made to notice. */
import { describe, expect, it } from "vitest";
import { CHECK_ALGORITHMS, checkAlgorithm, checkCharacters } from "../../src/recipe/check-digits.ts";

function check(name: string, text: string): string | undefined {
  const algorithm = checkAlgorithm(name);
  if (algorithm === undefined) throw new Error(`no ${name}`);
  return checkCharacters(algorithm, text);
}

/** Text, check, and where the example is published. */
const PUBLISHED: readonly (readonly [string, string, string, string])[] = [
  ["luhn", "7992739871", "3", "the usual example of ISO/IEC 7812-1 (Wikipedia, Luhn algorithm)"],
  ["luhn", "4012 8888 8888 188", "1", "Visa test card 4012888888881881"],
  ["luhn", "49015420323751", "8", "IMEI 490154203237518 of 3GPP's example"],
  ["mod97-10", "794", "44", "ISO/IEC 7064, example of MOD 97-10"],
  ["mod97-10", "WEST12345698765432GB", "82", "IBAN GB82 WEST 1234 5698 7654 32"],
  ["mod97-10", "5493000IBP32UQZ0KL", "24", "LEI 5493000IBP32UQZ0KL24"],
  ["mod37-36", "A12425GABC1234002", "M", "GRid A1-2425G-ABC1234002-M of the GRid standard"],
  ["mod37-36", "A1-2425G-ABC1234002", "M", "the same with its separators"],
  ["damm", "572", "4", "Wikipedia, Damm algorithm"],
  ["gs1", "629104150021", "3", "GTIN 6291041500213 of the GS1 check digit page"],
  ["gs1", "400638133393", "1", "EAN-13 4006381333931"],
  ["gs1", "7351353", "7", "EAN-8 73513537"],
  ["crc8", "123456789", "F4", "CRC catalogue, CRC-8/SMBUS"],
  ["crc16", "123456789", "29B1", "CRC catalogue, CRC-16/IBM-3740"],
];

describe("published examples", () => {
  it.each(PUBLISHED)("%s of %s is %s (%s)", (name, text, wanted) => {
    expect(check(name, text)).toBe(wanted);
  });
});

it("notices every single wrong digit", () => {
  for (const { name } of CHECK_ALGORITHMS) {
    const text = "4930007261";
    const right = check(name, text);
    for (let at = 0; at < text.length; at++) {
      for (let digit = 0; digit < 10; digit++) {
        const other = `${text.slice(0, at)}${digit}${text.slice(at + 1)}`;
        if (other !== text) expect(check(name, other), `${name} of ${other}`).not.toBe(right);
      }
    }
  }
});

it("notices exchanged neighbours, all but 0 and 9 for Luhn, and those 5 apart for GS1", () => {
  // The hybrid system MOD 37,36 notices nearly all, not all.
  for (const { name } of CHECK_ALGORITHMS.filter((one) => one.name !== "mod37-36")) {
    for (let pair = 0; pair < 100; pair++) {
      const [a, b] = [Math.trunc(pair / 10), pair % 10];
      const isBlind = (name === "luhn" && a + b === 9 && a * b === 0) || (name === "gs1" && Math.abs(a - b) === 5);
      if (a === b || isBlind) continue;
      expect(check(name, `31${a}${b}7`), `${name} of ${a}${b}`).not.toBe(check(name, `31${b}${a}7`));
    }
  }
});

it("takes only its characters", () => {
  expect(check("luhn", "12A")).toBeUndefined();
  expect(check("damm", "")).toBeUndefined();
  expect(check("mod37-36", "mk3")).toBeUndefined();
  expect(check("crc16", "mk3-é")).toMatch(/^[0-9A-F]{4}$/);
});
