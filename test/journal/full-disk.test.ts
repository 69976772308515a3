/** The journal's disk is full in the middle of a job: what is in progress is finished first, and nothing else is begun. */
import { expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import { rangeContains } from "../../drivers/geometry.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { Journal } from "../../src/journal/journal.ts";
import { decodeLines } from "../../src/journal/journal-line.ts";
import { createRandom } from "../../src/sim/random.ts";
import { NorDouble, TOY } from "../jobs/support/nor-double.ts";

const JOB = {
  ...({ v: 1, command: "write", address: 0, lengthBytes: 1, beside: [], connection: [] } as const),
  image: { file: "/image", base: 0, sha256: "0".repeat(64) },
  chip: { name: "double", jedecId: "", uniqueId: "" },
  process: { pid: 1, started: "0" },
} as const;

/** The middle of most sectors, so that each has a neighbour on both sides. */
const pieces = Array.from({ length: 14 }, (_, index) => ({ address: 8 * index + 3, data: Uint8Array.of(index, 0x55) }));
const image = memoryImage("image", pieces);
const old = createRandom("old").bytes(TOY.capacityBytes);
const isImage = (at: number): boolean => pieces.some((piece) => at >= piece.address && at < piece.address + 2);

it.each([
  [false, "no page is lost"],
  [true, "no page is lost"],
  [false, "the chip takes a page and does nothing"],
  [true, "the chip takes a page and does nothing"],
])("at every line of it (keeping what is replaced: %s; %s)", async (keepsOld, how) => {
  const codes = new Set<string>();
  let isFull = false;
  for (let room = 1; !isFull || room < 60; room++) {
    const lines: Uint8Array[] = [];
    const medium = {
      append: (line: Uint8Array) => {
        // As a disk does: a short line may find room after a long one that did not. Nothing is appended after the first.
        if (lines.length >= room) throw full();
        lines.push(line);
      },
      close: () => undefined,
    };
    const double = new NorDouble(TOY, { bytes: old });
    // In what is in progress when the disk is full, or before.
    if (how !== "no page is lost") double.faultAt = lostPage(room);
    const journal = Journal.begin(medium, { ...JOB, keepsOld });
    const kept: unknown[] = [];
    const request = { offset: 0, verify: true, assumeBlank: false, retries: 1, safe: journal };
    const error = await writeImage(
      double,
      image,
      { ...request, onUnrestored: (all) => void kept.push(...all) },
      { clock: realClock },
    ).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    checkErased(double, lines);
    const lost = double.bytes.findIndex((byte, at) => byte !== old[at] && !isImage(at));
    expect(lost, `room for ${room} lines: neighbour at ${lost}`).toBe(-1);
    expect(kept).toEqual([]);
    if (error === undefined) {
      expect([...codes].toSorted()).toEqual(["FILE_EXISTS", "INTERRUPTED"]);
      return;
    }
    isFull = true;
    expect(error).toBeInstanceOf(NorbridgeError);
    const { code, message } = error as NorbridgeError;
    // Nothing was changed, or something was: the sentence says what stands in the way.
    expect(code).toBe(double.count("erase") + double.count("program") === 0 ? "FILE_EXISTS" : "INTERRUPTED");
    expect(message).toContain("no space is left");
    codes.add(code);
  }
  throw new Error("the job never ended");
});

function full(): NorbridgeError {
  return new NorbridgeError("FILE_EXISTS", "no space is left", { operation: "write journal" });
}

/** The first program after this many erases is taken, and not done. */
function lostPage(erases: number): NorDouble["faultAt"] {
  let seen = 0;
  let isDone = false;
  return (_, op) => {
    if (op.kind === "erase") seen++;
    if (op.kind !== "program" || isDone || seen < Math.ceil(erases / 2)) return undefined;
    isDone = true;
    return "ignore";
  };
}

/** All that was erased is in the journal. */
function checkErased(double: NorDouble, lines: readonly Uint8Array[]): void {
  const units = lines
    .flatMap((line) => [...decodeLines(line)])
    .flatMap((line) => (line.kind === "hold" ? line.units : []));
  for (const entry of double.log) {
    const [, address = "", lengthBytes = ""] = /^erase (0x[0-9a-f]+)\+(\d+)$/.exec(entry) ?? [];
    if (address === "") continue;
    for (let at = Number(address); at < Number(address) + Number(lengthBytes); at++) {
      const isHeld = units.some((unit) => rangeContains(unit, { address: at, lengthBytes: 1 }));
      expect(isHeld, `${entry}: ${at} is not in the journal`).toBe(true);
    }
  }
}
