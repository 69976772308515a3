/**
 * Check digits of serial numbers. Each algorithm computes the check characters over the text left of them; separators do not
 * count. `test/recipe/check-digits.test.ts` compares them with published examples.
 */
import { crcTable, crcOf, type CrcModel } from "./crc-model.ts";

/** Which characters an algorithm takes. */
export type CheckAlphabet = "digits" | "alphanumeric" | "bytes";

/** One algorithm. */
export interface CheckAlgorithm {
  /** How a template names it. */
  readonly name: string;
  /** Number of check characters. */
  readonly length: number;
  /** What it takes, separators (`-`, `_`, `.`, `/`, space) left out. "bytes" takes all, separators included. */
  readonly alphabet: CheckAlphabet;
  /** A regular expression for its check characters. */
  readonly pattern: string;
  /** The check characters over `text`, which has only characters of the alphabet. */
  compute(text: string): string;
}

const DIGITS_AND_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** 0 to 9 for digits, 10 to 35 for A to Z. */
function valueOf(character: string): number {
  return DIGITS_AND_LETTERS.indexOf(character);
}

/** ISO/IEC 7812-1 annex B: every second digit from the right counts twice, its digits added. */
function luhn(text: string): string {
  let sum = 0;
  for (let fromRight = 0; fromRight < text.length; fromRight++) {
    const digit = valueOf(text.charAt(text.length - 1 - fromRight));
    const weighted = fromRight % 2 === 0 ? 2 * digit : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return String((10 - (sum % 10)) % 10);
}

/** ISO/IEC 7064 MOD 97-10, as IBAN and LEI use it: letters count as two digits, the number with its check is 1 modulo 97. */
function mod97(text: string): string {
  let rest = 0;
  for (const character of `${text}00`) {
    const value = valueOf(character);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return String(98 - rest).padStart(2, "0");
}

/** ISO/IEC 7064 MOD 37,36, as the GRid of the recording industry uses it: one digit or letter. */
function mod37(text: string): string {
  let rest = 36;
  for (const character of text) {
    const sum = (rest + valueOf(character)) % 36;
    rest = ((sum === 0 ? 36 : sum) * 2) % 37;
  }
  return DIGITS_AND_LETTERS.charAt((37 - rest) % 36);
}

/** The quasigroup of H. Michael Damm's thesis, 2004. */
const DAMM = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];

function damm(text: string): string {
  let row = 0;
  for (const digit of text) row = Number(DAMM[row]?.charAt(valueOf(digit)));
  return String(row);
}

/** GS1 General Specifications 7.9: weights 3 and 1 in turn, 3 for the last digit. */
function gs1(text: string): string {
  let sum = 0;
  for (let fromRight = 0; fromRight < text.length; fromRight++) {
    sum += (fromRight % 2 === 0 ? 3 : 1) * valueOf(text.charAt(text.length - 1 - fromRight));
  }
  return String((10 - (sum % 10)) % 10);
}

/** CRC-8/SMBUS: polynomial 07h, starts at 0. */
const CRC8: CrcModel = { bits: 8, table: crcTable(8, 0x07), start: 0 };
/** CRC-16/IBM-3740, also called CCITT-FALSE: polynomial 1021h, starts at FFFFh. */
const CRC16: CrcModel = { bits: 16, table: crcTable(16, 0x1021), start: 0xffff };

function crcText(model: CrcModel): (text: string) => string {
  return (text) =>
    crcOf(model, new TextEncoder().encode(text))
      .toString(16)
      .toUpperCase()
      .padStart(model.bits / 4, "0");
}

/** Every algorithm, by its name. */
export const CHECK_ALGORITHMS: readonly CheckAlgorithm[] = [
  { name: "luhn", length: 1, alphabet: "digits", pattern: "[0-9]", compute: luhn },
  { name: "mod97-10", length: 2, alphabet: "alphanumeric", pattern: "[0-9]{2}", compute: mod97 },
  { name: "mod37-36", length: 1, alphabet: "alphanumeric", pattern: "[0-9A-Z]", compute: mod37 },
  { name: "damm", length: 1, alphabet: "digits", pattern: "[0-9]", compute: damm },
  { name: "gs1", length: 1, alphabet: "digits", pattern: "[0-9]", compute: gs1 },
  { name: "crc8", length: 2, alphabet: "bytes", pattern: "[0-9A-F]{2}", compute: crcText(CRC8) },
  { name: "crc16", length: 4, alphabet: "bytes", pattern: "[0-9A-F]{4}", compute: crcText(CRC16) },
];

/** The algorithm with this name. */
export function checkAlgorithm(name: string): CheckAlgorithm | undefined {
  return CHECK_ALGORITHMS.find((one) => one.name === name);
}

/** Characters that stand between groups and do not count, except for a CRC. */
const SEPARATORS = /[-_./ ]/g;

/** The check characters over `text`; undefined if it has a character that the algorithm does not take, or none at all. */
export function checkCharacters(algorithm: CheckAlgorithm, text: string): string | undefined {
  const { alphabet } = algorithm;
  if (alphabet === "bytes") return algorithm.compute(text);
  const counted = text.replace(SEPARATORS, "");
  const takes = alphabet === "digits" ? /^[0-9]+$/ : /^[0-9A-Z]+$/;
  return takes.test(counted) ? algorithm.compute(counted) : undefined;
}
