/** What a journal reports is bounded before it is held, and what is written is within the bounds of its reader. */
import { describe, expect, it } from "vitest";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { MAX_DEPTH, MAX_FIELDS, MAX_LINE_BYTES, MAX_VALUES } from "../../src/journal/journal-bounds.ts";
import { Journal, type JournalMedium } from "../../src/journal/journal.ts";
import { decodeJournalLine, decodeLines, JournalDamage, type JobRecord } from "../../src/journal/journal-line.ts";
import { parseJournal } from "../../src/journal/read-journal.ts";
import { RangeList } from "../../src/journal/range-list.ts";
import { mergeRanges } from "../../drivers/byte-ranges.ts";
import { createRandom } from "../../src/sim/random.ts";
import { oldPieces } from "./support/old-pieces.ts";

const JOB: JobRecord = {
  ...({ v: 1, command: "erase", address: 0, lengthBytes: 1, beside: [], keepsOld: true, connection: [] } as const),
  chip: { name: "double", jedecId: "", uniqueId: "", capacityBytes: 2 ** 28 },
  process: { pid: 1, started: "" },
};

function line(json: string): Buffer {
  const bytes = Buffer.from(json);
  return Buffer.concat([Buffer.from(`${crc32(bytes).toString(16).padStart(8, "0")} `), bytes]);
}

const spread = (value: object): string => JSON.stringify(value);

describe("a line is refused", () => {
  it.each<[string, string, RegExp]>([
    ["deep", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, /it is not a record/],
    ["deep in objects", `${'{"a":'.repeat(MAX_DEPTH + 1)}1${"}".repeat(MAX_DEPTH + 1)}`, /it is not a record/],
    ["of a million lists", `{"kind":"blank","value":0,"ranges":[${"[],".repeat(MAX_VALUES)}0]}`, /it is not a record/],
    [
      "of many fields",
      `{"kind":"undo",${Array.from({ length: MAX_FIELDS }, (_, index) => `"f${index}":0`).join(",")}}`,
      /it is not a record/,
    ],
    [
      "with a long text",
      spread({ ...JOB, kind: "job", chip: { ...JOB.chip, name: "n".repeat(200_000) } }),
      /name is not text/,
    ],
    ["a job that is too long", spread({ ...JOB, kind: "job", more: "n".repeat(2 ** 20) }), /the job is too long/],
    ["of a register that is no byte", protectedBy({ name: "SR1", value: 256 }), /value is not a number from 0 to 255/],
    [
      "of a chip beyond all addresses",
      spread({ ...JOB, kind: "job", chip: { ...JOB.chip, capacityBytes: 2 ** 33 } }),
      /capacityBytes is not a number/,
    ],
  ])("%s", (_, json, why) => {
    expect(() => decodeJournalLine(line(json), 1)).toThrow(why);
    expect(() => decodeJournalLine(line(json), 1)).toThrow(JournalDamage);
  });

  it("of bytes that are no text", () => {
    const bytes = Buffer.from('{"kind":"undo","x":"??"}');
    bytes.fill(0xff, 20, 22);
    const check = Buffer.from(`${crc32(bytes).toString(16).padStart(8, "0")} `);
    expect(() => decodeJournalLine(Buffer.concat([check, bytes]), 1)).toThrow("it is not JSON");
  });

  it("that is longer than any, before it is looked at", () => {
    expect(() => decodeJournalLine(Buffer.alloc(MAX_LINE_BYTES + 1), 1)).toThrow("the line is too long");
  });

  it("not for what stands in its texts", () => {
    const name = `${'[{"\\,'.repeat(1000)}"`;
    const job = { ...JOB, chip: { ...JOB.chip, name } };
    expect(decodeJournalLine(line(spread({ kind: "job", ...job })), 1)).toEqual({ kind: "job", job });
  });
});

function protectedBy(register: object): string {
  const protection = { ranges: [], registers: [register], heldBy: "", lockedBy: "" };
  return spread({ ...JOB, kind: "job", protection });
}

describe("a journal is refused", () => {
  const unit = (address: number, lengthBytes: number): object => ({
    kind: "hold",
    units: [{ address, lengthBytes, pieces: [] }],
  });
  const done = { kind: "done", digests: [] };
  const small = { ...JOB, chip: { ...JOB.chip, capacityBytes: 4096 } };
  const stream = {
    ...{ ...small, command: "stream", lengthBytes: 100, image: { file: "/a", base: 0, sha256: "0".repeat(64) } },
    stream: { bufferBytes: 512, writeBlockBytes: 1 },
  };
  it.each<[string, number, RegExp, ...object[]]>([
    ["a job beyond the chip", 1, /ends beyond the chip, which holds 4 KiB/, { ...small, lengthBytes: 4097 }],
    ["a unit beyond the chip", 2, /ends beyond the chip/, small, unit(4096, 8)],
    [
      "blank cells beyond the chip",
      2,
      /ends beyond/,
      small,
      { kind: "blank", value: 255, ranges: [{ address: 4000, lengthBytes: 97 }] },
    ],
    [
      "digests beyond the chip",
      2,
      /ends beyond/,
      small,
      { kind: "done", digests: [{ address: 0, lengthBytes: 4097, check: 0 }] },
    ],
    ["a unit that the chip does not have", 2, /ends beyond/, small, { kind: "release", address: 4096 }],
    ["a unit of another length", 3, /a different length/, small, unit(0, 8), unit(0, 16)],
    ["an empty unit", 2, /a different length than before, or none/, small, unit(0, 0)],
    ["a unit in another", 3, /is in another erase unit/, small, unit(8, 8), unit(0, 16)],
    [
      "more written than there was",
      2,
      /more was written than the job had to write/,
      stream,
      { kind: "progress", bytesWritten: 101 },
    ],
    ["more written than the chip has", 2, /ends beyond/, small, { kind: "progress", bytesWritten: 4097 }],
    ["something behind its end", 3, /after the end of the job/, small, done, unit(0, 8)],
    ["a release behind its end", 3, /after the end of the job/, small, done, { kind: "release", address: 0 }],
    [
      "a job of a chip of the catalogue, without its size",
      2,
      /holds 512 KiB/,
      catalogued({ name: "AT25SF041" }),
      unit(2 ** 19, 8),
    ],
    ["the same by its ID", 2, /holds 512 KiB/, catalogued({ jedecId: "1f8401" }), unit(2 ** 19, 8)],
  ])("%s", (_, number, why, job, ...lines) => {
    let damage: unknown;
    try {
      parseJournal(file({ kind: "job", ...job }, ...lines));
    } catch (error) {
      damage = error;
    }
    expect(damage).toBeInstanceOf(JournalDamage);
    expect(damage).toMatchObject({ line: number, message: expect.stringMatching(why) as unknown });
  });

  it("not for an undo behind its end, or an end in two lines", () => {
    const digest = { address: 0, lengthBytes: 8, check: 1 };
    const two = { kind: "done", digests: [digest] };
    const read = parseJournal(file({ kind: "job", ...small }, unit(0, 8), two, two));
    expect([read.state, read.digests]).toEqual(["done", [digest, digest]]);
    expect(parseJournal(file({ kind: "job", ...small }, done, { kind: "undo" }, unit(0, 8))).state).toBe("undoing");
  });

  it("not for a size that the user has specified against the catalogue", () => {
    const job = { ...catalogued({ name: "AT25SF041" }), connection: ["--size", "1M"] };
    expect(parseJournal(file({ kind: "job", ...job }, unit(2 ** 19, 8))).held).toHaveLength(1);
  });
});

function catalogued(chip: { readonly name?: string; readonly jedecId?: string }): object {
  return { ...JOB, chip: { name: "nobody knows", jedecId: "", uniqueId: "", ...chip } };
}

function file(...lines: readonly object[]): Buffer {
  return Buffer.concat(lines.flatMap((fields) => [line(JSON.stringify(fields)), Buffer.from("\n")]));
}

class Lines implements JournalMedium {
  readonly lines: { readonly bytes: Uint8Array; readonly isDurable: boolean }[] = [];
  append(bytes: Uint8Array, isDurable: boolean): void {
    this.lines.push({ bytes, isDurable });
  }
  close(): void {
    // Nothing is open.
  }
  get file(): Uint8Array {
    return Buffer.concat(this.lines.map(({ bytes }) => bytes));
  }
}

describe("what is written", () => {
  it("is cut into lines that are read again, of which the last is waited for", async () => {
    const medium = new Lines();
    const journal = Journal.begin(medium, JOB);
    const bytes = createRandom("long").bytes(600_000);
    const units = [0, 1, 2].map((index) => {
      const address = index * 2 ** 20;
      return { address, lengthBytes: 2 ** 20, pieces: [], old: [{ address, data: bytes.map((byte) => byte ^ index) }] };
    });
    journal.hold(units);
    const many = Array.from({ length: 10_000 }, (_, index) => ({ address: 2 ** 24 + 64 * index, lengthBytes: 32 }));
    journal.blank(many, 0xff);
    journal.done(many.map((range, index) => ({ ...range, check: index })));
    expect(medium.lines.map(({ isDurable }) => isDurable)).toEqual([
      ...[true, false, false, true],
      ...[false, false, true],
      ...[false, false, true],
    ]);
    for (const { bytes: one } of medium.lines) expect(one.length).toBeLessThan(MAX_LINE_BYTES / 4);
    const read = parseJournal(medium.file);
    expect([read.held.length, read.digests.length, read.state]).toEqual([3, 10_000, "done"]);
    expect((await oldPieces(read)).slice(0, 3).map(({ data }) => data.length)).toEqual([600_000, 600_000, 600_000]);
  });

  it("is nothing where a unit is in hand already, also where the disk takes nothing more", () => {
    const medium = new Lines();
    const journal = Journal.begin(medium, JOB);
    const unit = { address: 0, lengthBytes: 8, pieces: [{ address: 6, data: Uint8Array.of(1, 2) }] };
    journal.hold([unit]);
    medium.append = () => {
      throw new Error("full");
    };
    journal.hold([{ ...unit, pieces: [] }]);
    expect(() => journal.hold([{ ...unit, address: 8, pieces: [] }])).toThrow("full");
    expect(journal.held).toEqual([unit]);
  });

  it("is nothing of what was there while a job is taken back: that is known", () => {
    const journal = Journal.begin(new Lines(), JOB);
    expect(journal.keepsOld).toBe(true);
    journal.beginUndo();
    expect(journal.keepsOld).toBe(false);
  });

  it("is refused where it could not be read again: an erase unit of 16 MiB with all that it held", () => {
    const medium = new Lines();
    const journal = Journal.begin(medium, JOB);
    const data = new Uint8Array(2 ** 24 - 16);
    const unit = { address: 0, lengthBytes: 2 ** 24, pieces: [{ address: 0, data }] };
    expect(() => journal.hold([unit])).toThrow(/cannot hold \d+ bytes of one erase unit/);
    expect([...decodeLines(medium.file)]).toHaveLength(1);
  });
});

it("ranges that are added in any order are merged as if it were at once", () => {
  const random = createRandom("ranges");
  const list = new RangeList();
  const all = Array.from({ length: 20_000 }, () => ({
    address: random.intBelow(1_000_000),
    lengthBytes: random.intBelow(30),
  }));
  for (const [index, range] of all.entries()) {
    list.add(range);
    if (index % 3000 === 0)
      expect(list.merged).toEqual(mergeRanges(all.slice(0, index + 1).filter((one) => one.lengthBytes > 0)));
  }
  const merged = mergeRanges(all.filter(({ lengthBytes }) => lengthBytes > 0));
  expect(list.merged).toEqual(merged);
  expect([list.hasMoreThan(merged.length), list.hasMoreThan(merged.length - 1)]).toEqual([false, true]);
  for (const range of all.slice(0, 500)) {
    if (range.lengthBytes === 0) continue;
    expect(list.covers(range)).toBe(true);
    const whole = merged.find(({ address, lengthBytes }) => range.address < address + lengthBytes);
    const beyond = (whole?.address ?? 0) + (whole?.lengthBytes ?? 0) + 1 - range.address;
    expect(list.covers({ address: range.address, lengthBytes: beyond })).toBe(false);
  }
  expect(list.covers({ address: 2_000_000, lengthBytes: 1 })).toBe(false);
});
