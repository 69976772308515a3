/**
 * Units that came out wrong are erased and written again; what stays wrong is read back, so that the error can name the
 * place and the difference. Kept bytes come from memory where the unit was erased before, else from the chip.
 */
import { type ByteRange, rangeEnd, rangeIntersection } from "../../../drivers/geometry.ts";
import { advice } from "../../advice.ts";
import { formatAddress, formatRange, isFilledWith, sameBytes } from "../../bytes.ts";
import { totalBytes } from "../../../drivers/byte-ranges.ts";
import { NorbridgeError } from "../../errors.ts";
import type { OpPipe } from "../op-pipe.ts";
import type { KeptPiece } from "../run-job.ts";
import { ignoredPages, programsIgnored, expectedOf } from "./ignored-programs.ts";
import type { SurveyUnit } from "./plan.ts";
import type { UnitWriter } from "./unit-writer.ts";
import type { WriterParts } from "./writer-parts.ts";

/** This many units are named in an error; the rest is counted. */
const NAMED_UNITS = 4;
/** This many bytes of each side are shown. */
const SHOWN_BYTES = 1;

/** Does the wrong units again, up to `retries` times each; returns how many units were done again. */
export async function repairWrong(
  pipe: OpPipe,
  writer: UnitWriter,
  parts: WriterParts,
  retries: number,
): Promise<number> {
  const retried = new Set<SurveyUnit>();
  for (let attempt = 0; attempt < retries && writer.wrong.size > 0; attempt++) {
    for (const unit of [...writer.wrong]) {
      retried.add(unit);
      const pieceBytes = totalBytes(unit.pieces);
      parts.phases.program.expect(pieceBytes);
      parts.phases.verify?.expect(pieceBytes);
      const ignored = await ignoredPages(unit, pipe, parts);
      if (ignored !== undefined) {
        await writer.programAgain(unit, ignored);
        continue;
      }
      const kept = parts.kept.piecesOf(unit.block.address) ?? (await writer.copies.readKept(unit, "main"));
      const old = parts.safe?.keepsOld === true ? await replacedBytes(unit, parts) : [];
      await writer.do({ erase: unit.block, units: [unit] }, new Map([[unit, { kept, old }]]));
    }
    await writer.settled();
  }
  const wrong = [...writer.wrong];
  if (wrong.length > 0) throw (await ignoredAll(wrong, pipe, parts)) ?? (await failureOf(wrong, pipe, parts, retries));
  return retried.size;
}

/** EROFS if nothing is wrong but programs that the chip ignored. */
async function ignoredAll(
  units: readonly SurveyUnit[],
  pipe: OpPipe,
  parts: WriterParts,
): Promise<NorbridgeError | undefined> {
  const all: KeptPiece[] = [];
  for (const unit of units) {
    const pages = await ignoredPages(unit, pipe, parts);
    if (pages === undefined) return undefined;
    all.push(...pages);
    // What was kept of it and is on the chip is not lost.
    const isKeptWhole = (parts.kept.piecesOf(unit.block.address) ?? []).every((piece) =>
      pages.every((page) => rangeIntersection(rangeOf(page), rangeOf(piece)) === undefined),
    );
    if (isKeptWhole) parts.kept.release(unit.block.address);
  }
  return programsIgnored(parts.operation, all);
}

/**
 * What the target replaces in a unit that was not erased so far. What was right is in the image, what was blank is blank; what
 * the chip reads now may be neither. Of a unit that was erased it is known already, and that counts.
 */
async function replacedBytes(unit: SurveyUnit, { target, geometry }: WriterParts): Promise<readonly KeptPiece[]> {
  const old: KeptPiece[] = [];
  for (const { address, lengthBytes, state } of unit.pieces) {
    if (state === "differs") continue;
    const isSame = state === "same";
    const blank = new Uint8Array(lengthBytes).fill(geometry.erasedByte);
    old.push({ address, data: isSame ? await target.read({ address, lengthBytes }) : blank });
  }
  return old;
}

/** Reads the wrong units back; releases kept bytes that are right on the chip after all. */
async function failureOf(
  units: readonly SurveyUnit[],
  pipe: OpPipe,
  parts: WriterParts,
  retries: number,
): Promise<NorbridgeError> {
  let first: Difference | undefined;
  for (const unit of units) {
    const found = await pipe.read({ address: unit.block.address, lengthBytes: unit.block.lengthBytes });
    const kept = parts.kept.piecesOf(unit.block.address) ?? [];
    if (kept.every((piece) => sameBytes(piece.data, slice(found, unit.block, rangeOf(piece))))) {
      parts.kept.release(unit.block.address);
    }
    if (first === undefined) {
      first = await firstDifference(unit, found, parts);
      const again = await pipe.read({ address: unit.block.address, lengthBytes: unit.block.lengthBytes });
      if (first !== undefined && !sameBytes(found, again)) {
        first = {
          range: first.range,
          text: `${first.text.replace(/ \(.*\)$/, "")} (repeated reads return different bytes)`,
        };
      }
    }
  }
  const names = units.slice(0, NAMED_UNITS).map(({ block }) => formatRange(block));
  const more = units.length > NAMED_UNITS ? ` and ${units.length - NAMED_UNITS} more` : "";
  const tries = retries === 0 ? "" : ` after ${retries} ${retries === 1 ? "retry" : "retries"}`;
  const what = first === undefined ? "the checksums differed, but the bytes now read back correctly" : first.text;
  return new NorbridgeError("EIO", `${parts.operation}: verify failed${tries} in ${names.join(", ")}${more}: ${what}`, {
    operation: parts.operation,
    range: first?.range ?? { address: units[0]?.block.address ?? 0, lengthBytes: units[0]?.block.lengthBytes ?? 0 },
    hint: advice(
      "Check wiring and SPI clock. If they are good, the chip is defective at this address.",
      "check-wiring",
    ),
  });
}

interface Difference {
  readonly range: ByteRange;
  readonly text: string;
}

async function firstDifference(
  unit: SurveyUnit,
  found: Uint8Array,
  parts: WriterParts,
): Promise<Difference | undefined> {
  for (const piece of await expectedOf(unit, parts)) {
    const actual = slice(found, unit.block, rangeOf(piece));
    const index = piece.data.findIndex((byte, at) => byte !== actual[at]);
    if (index < 0) continue;
    const address = piece.address + index;
    const expected = piece.data[index] ?? 0;
    const got = actual[index] ?? 0;
    const how = classify(expected, got, found, parts.geometry.erasedByte);
    const text = `at ${formatAddress(address)} expected ${hexByte(expected)}, read ${hexByte(got)} (${how})`;
    return { range: { address, lengthBytes: SHOWN_BYTES }, text };
  }
  return undefined;
}

/** What the wrong byte, seen with its unit, shows of the cause. */
function classify(expected: number, got: number, unit: Uint8Array, erasedByte: number): string {
  if (isFilledWith(unit, erasedByte)) return "the whole block reads blank: it was not programmed";
  if (isFilledWith(unit, 0)) return "the whole block reads 00: an interrupted erase, or no chip responds";
  if (got === erasedByte) return "the byte was not programmed";
  const stuckHigh = got & ~expected & 0xff;
  const stuckLow = expected & ~got & 0xff;
  if (stuckHigh === 0) return `bits ${hexByte(stuckLow)} stay 0: not erased, or stuck`;
  if (stuckLow === 0) return `bits ${hexByte(stuckHigh)} stay 1: not programmed, or stuck`;
  return "other bytes than those that were sent";
}

function hexByte(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

function rangeOf(piece: KeptPiece): ByteRange {
  return { address: piece.address, lengthBytes: piece.data.length };
}

/** The part of a block's bytes that lies in `range`. */
function slice(bytes: Uint8Array, block: ByteRange, range: ByteRange): Uint8Array {
  return bytes.subarray(range.address - block.address, rangeEnd(range) - block.address);
}
