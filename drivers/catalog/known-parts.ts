/**
 * All parts that any table knows, found by ID or by name without parsing the others. The tables are text until a line is
 * asked for: a program that needs no chip does not pay for them.
 */
import { hex, ID_BYTES } from "../jedec-id.ts";
import { type IdKind, type KnownPart, parsePartLine } from "./part-line.ts";
import { amicLines } from "./parts/amic.ts";
import { atmelLines } from "./parts/atmel.ts";
import { boyaLines } from "./parts/boya.ts";
import { eonLines } from "./parts/eon.ts";
import { gigadeviceLines } from "./parts/gigadevice.ts";
import { issiLines } from "./parts/issi.ts";
import { macronixLines } from "./parts/macronix.ts";
import { micronLines } from "./parts/micron.ts";
import { othersLines } from "./parts/others.ts";
import { puyaLines } from "./parts/puya.ts";
import { spansionLines } from "./parts/spansion.ts";
import { sstLines } from "./parts/sst.ts";
import { winbondLines } from "./parts/winbond.ts";
import { xmcLines } from "./parts/xmc.ts";
import { xtxLines } from "./parts/xtx.ts";

const TABLES: readonly (() => string)[] = [
  ...[amicLines, atmelLines, boyaLines, eonLines, gigadeviceLines, issiLines, macronixLines, micronLines],
  ...[puyaLines, spansionLines, sstLines, winbondLines, xmcLines, xtxLines, othersLines],
];

/** All parts of the tables, by maker. Parses every line: only for lists. */
export function* allKnownParts(): Generator<KnownPart> {
  for (const lines of TABLES) {
    for (const line of partLines(lines())) yield parsePartLine(line);
  }
}

/** Parts whose ID is `id`: for 9Fh, its three bytes. Bytes that follow them are not looked at. */
export function knownPartsWithId(id: ArrayLike<number>, kind: IdKind = "rdid"): readonly KnownPart[] {
  const text = hex(kind === "rdid" ? Array.from(id).slice(0, ID_BYTES) : id);
  const start = `\n${kind === "rdid" ? text : `${kind}:${text}`}`;
  return TABLES.flatMap((lines) => linesWith(lines(), start, /[.|]/y).map(parsePartLine));
}

/**
 * Parts with this name, in upper or lower case. A name may have several entries: one for each ID, and one for each
 * spelling of different sources. If no name is equal, those whose dots stand for any letter: W25Q128BV is a W25Q128.V.
 */
export function knownPartsNamed(name: string): readonly KnownPart[] {
  const wanted = name.toUpperCase();
  const equal = partsWhose((own) => own === wanted);
  return equal.length > 0 ? equal : partsWhose((own) => own.length === wanted.length && matches(own, wanted));
}

function partsWhose(isWanted: (name: string) => boolean): readonly KnownPart[] {
  return TABLES.flatMap((lines) =>
    partLines(lines())
      .filter((line) => isWanted(nameOf(line).toUpperCase()))
      .map(parsePartLine),
  );
}

/** Whether every letter of `wanted` is that of the pattern, or the pattern has a dot there. */
function matches(pattern: string, wanted: string): boolean {
  return pattern.includes(".") && Array.from(pattern).every((own, at) => own === wanted[at] || isOpen(own, wanted[at]));
}

function isOpen(own: string, letter: string | undefined): boolean {
  return own === "." && letter !== undefined && /[A-Z0-9]/.test(letter);
}

/** The names of all parts of the tables, without parsing the lines. A name of several IDs is listed once. */
export function knownPartNames(): readonly string[] {
  return [...new Set(TABLES.flatMap((lines) => partLines(lines()).map(nameOf)))];
}

/** The lines of a table; the empty one at its end is not a part. */
function partLines(table: string): string[] {
  return table.split("\n").filter((line) => line !== "");
}

function nameOf(line: string): string {
  const start = line.indexOf("|") + 1;
  return line.slice(start, line.indexOf("|", start));
}

/** The lines that begin with `start`, a line feed included, if `next` matches after it. */
function linesWith(table: string, start: string, next: RegExp): string[] {
  const found: string[] = [];
  for (let at = table.indexOf(start); at >= 0; at = table.indexOf(start, at + 1)) {
    next.lastIndex = at + start.length;
    if (next.test(table)) found.push(table.slice(at + 1, table.indexOf("\n", at + 1)));
  }
  return found;
}
