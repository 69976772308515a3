/** Which journals are removed for others: by their numbers, never by a clock; never the own one, nor one that a process uses. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { heldOrBusy, tryLockFile } from "../../src/disk/file-lock.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { MAX_NUMBER } from "../../src/journal/journal-bounds.ts";
import { leftHeads, pruneDoneJobs } from "../../src/journal/journal-folder.ts";
import { nextJobNumber } from "../../src/journal/left-job.ts";
import { encodeLine, type JobRecord } from "../../src/journal/journal-line.ts";
import { createRandom } from "../../src/sim/random.ts";

const root = mkdtempSync(join(tmpdir(), "norbridge-prune-"));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
let folder = "";
let tests = 0;
beforeEach(() => {
  folder = join(root, String(++tests));
  mkdirSync(folder);
});

const JOB: JobRecord = {
  ...({ v: 1, command: "erase", address: 0, lengthBytes: 1, beside: [], keepsOld: true, connection: [] } as const),
  chip: { name: "double", jedecId: "1f8401", uniqueId: "" },
  process: { pid: 0x7ffffff0, started: "1" },
};

interface Made {
  /** Left out: of the version before. */
  readonly number?: number;
  readonly uniqueId?: string;
  readonly isDone?: boolean;
}

/** Returns the path. The clock of the file is anything. */
function make(id: string, { number, uniqueId = "", isDone = true }: Made): string {
  const path = join(folder, `${id}.journal`);
  const job = { ...JOB, ...(number === undefined ? {} : { number }), chip: { ...JOB.chip, uniqueId } };
  const lines = [encodeLine({ kind: "job", job }), ...(isDone ? [encodeLine({ kind: "done", digests: [] })] : [])];
  writeFileSync(path, Buffer.concat(lines));
  const seconds = createRandom(id).intBelow(4_000_000_000);
  utimesSync(path, seconds, seconds);
  return path;
}

function left(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".journal"))
    .map((name) => name.slice(0, -".journal".length))
    .toSorted();
}

describe("what stays", () => {
  it("of chips without a number of their own: the newest eight", async () => {
    for (let number = 1; number <= 12; number++) make(`a${String(number).padStart(2, "0")}`, { number });
    await pruneDoneJobs(folder, join(folder, "a12.journal"));
    expect(left()).toEqual(["a05", "a06", "a07", "a08", "a09", "a10", "a11", "a12"]);
  });

  it("of a chip with one: the newest, and what never ended", async () => {
    make("old", { number: 1, uniqueId: "01" });
    make("cut", { number: 2, uniqueId: "01", isDone: false });
    make("other", { number: 3, uniqueId: "02" });
    const own = make("own", { number: 4, uniqueId: "01" });
    await pruneDoneJobs(folder, own);
    expect(left()).toEqual(["cut", "other", "own"]);
  });

  it("the own one, also where others say that they are newer", async () => {
    for (let index = 0; index < 20; index++) make(`f${index}`, { number: MAX_NUMBER, uniqueId: "01" });
    const own = make("own", { number: 1, uniqueId: "01" });
    await pruneDoneJobs(folder, own);
    expect(left()).toContain("own");
  });

  it("jobs that began at once, together", async () => {
    make("a", { number: 5, uniqueId: "01" });
    make("b", { number: 5, uniqueId: "01" });
    const own = make("own", { number: 6, uniqueId: "02" });
    await pruneDoneJobs(folder, own);
    expect(left()).toEqual(["a", "b", "own"]);
  });

  it("those of the version before, until eight newer ones or one of the same chip are there", async () => {
    for (let index = 0; index < 8; index++) make(`v${index}`, {});
    make("w", { uniqueId: "01" });
    let own = make("own1", { number: 1, uniqueId: "02" });
    await pruneDoneJobs(folder, own);
    expect(left()).toHaveLength(10);
    own = make("own2", { number: 2, uniqueId: "01" });
    await pruneDoneJobs(folder, own);
    expect(left()).not.toContain("w");
    expect(left()).toHaveLength(10);
    for (let number = 3; number <= 8; number++) own = make(`own${number}`, { number });
    await pruneDoneJobs(folder, own);
    expect(left()).toEqual(Array.from({ length: 8 }, (_, index) => `own${index + 1}`));
  });

  it("what another process works on, is damaged, or is not a file", async () => {
    const locked = make("locked", { number: 1, uniqueId: "01" });
    writeFileSync(join(folder, "damaged.journal"), "nonsense\n");
    writeFileSync(
      join(folder, "torn.journal"),
      Buffer.concat([encodeLine({ kind: "job", job: JOB }), Buffer.from('1234 {"kind":"done"}\n')]),
    );
    mkdirSync(join(folder, "folder.journal"));
    const own = make("own", { number: 2, uniqueId: "01" });
    const lock = heldOrBusy(tryLockFile(locked), "it");
    await pruneDoneJobs(folder, own);
    expect(left()).toEqual(["damaged", "folder", "locked", "own", "torn"]);
    lock.release();
    await pruneDoneJobs(folder, own);
    expect(left()).toEqual(["damaged", "folder", "own", "torn"]);
  });

  it("of a hundred too many most, until the next time", async () => {
    for (let number = 1; number <= 100; number++) make(String(number).padStart(3, "0"), { number });
    const own = make("own", { number: 101 });
    await pruneDoneJobs(folder, own);
    expect(left()).toHaveLength(101 - 32);
    expect(left()[0]).toBe("033");
    for (let times = 0; times < 3; times++) await pruneDoneJobs(folder, own);
    expect(left()).toHaveLength(8);
  });
});

describe("the number of the next job", () => {
  it("is one more than any, and never one that cannot be read again", async () => {
    expect(nextJobNumber([])).toBe(1);
    make("a", { number: 7 });
    make("b", {});
    expect(nextJobNumber(await leftHeads(folder))).toBe(8);
    make("c", { number: MAX_NUMBER });
    expect(nextJobNumber(await leftHeads(folder))).toBe(MAX_NUMBER);
    // A journal with a greater number is damaged, though its check fits.
    make("d", { number: 2 ** 53 - 1 });
    expect((await leftHeads(folder)).find(({ id }) => id === "d")?.journal).toBeInstanceOf(NorbridgeError);
    expect(nextJobNumber(await leftHeads(folder))).toBe(MAX_NUMBER);
  });

  it("a list is in the order of the numbers, whatever the clock of the files", async () => {
    for (const number of [3, 1, 2]) make(`j${number}`, { number });
    make("before", {});
    expect((await leftHeads(folder)).map(({ id }) => id)).toEqual(["before", "j1", "j2", "j3"]);
  });

  it("a list ends at once when it is cancelled", async () => {
    make("a", { number: 1 });
    const abort = new AbortController();
    abort.abort();
    await expect(leftHeads(folder, abort.signal)).rejects.toMatchObject({ code: "ECANCELED" });
  });
});
