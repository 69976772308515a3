/** The end of a job and its journal: what the disk refuses then is said, and never hides what the job itself came to. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { JobJournal, type JournalSource } from "../../src/runner/job-journal.ts";
import { Report } from "../../src/cli/output/report.ts";
import { Session } from "../../src/cli/program/session.ts";
import { createRamFlash } from "../../src/flash/ram-flash.ts";
import { folderShelf } from "../../src/journal/folder-shelf.ts";
import { Journal, type JournalMedium } from "../../src/journal/journal.ts";
import type { JobRecord } from "../../src/journal/journal-line.ts";
import { TOY } from "../jobs/support/nor-double.ts";
import { type FakeIo, fakeIo } from "../support/fake-io.ts";

const root = mkdtempSync(join(tmpdir(), "norbridge-job-journal-"));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const device = createRamFlash(TOY);
let io: FakeIo;
let path = "";
let tests = 0;
beforeEach(() => {
  io = fakeIo();
  path = join(root, `${String(++tests)}.journal`);
  writeFileSync(path, "");
});

interface Disk {
  readonly keepsOld?: boolean;
  /** From this line on there is no room. */
  readonly fullFrom?: number;
  readonly closeFails?: boolean;
  /** A unit is in progress, or has been. */
  readonly isUsed?: boolean;
}

/** A job's journal on a disk of this kind, begun. */
async function begun({
  keepsOld = false,
  fullFrom = Infinity,
  closeFails = false,
  isUsed = true,
}: Disk): Promise<JobJournal> {
  let lines = 0;
  const medium: JournalMedium = {
    append: () => {
      if (++lines >= fullFrom) throw new Error("no space");
    },
    close: () => {
      if (closeFails) throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
    },
  };
  const job: JobRecord = {
    ...{ v: 1, command: "erase", address: 0, lengthBytes: 8, beside: [], keepsOld, connection: [] },
    chip: { name: "RAM", jedecId: "", uniqueId: "" },
    process: { pid: 1, started: "" },
  };
  const journal = Journal.begin(medium, job);
  if (isUsed) journal.hold([{ address: 0, lengthBytes: 8, pieces: [], old: [{ address: 0, data: Uint8Array.of(1) }] }]);
  const shelf = folderShelf(root, { env: {}, random: () => 1 });
  const left = { id: String(tests), path, journal: undefined, runner: undefined };
  const place = await shelf.hold(left, "resume");
  const source: JournalSource = {
    shelf,
    prepare: () => Promise.resolve(),
    begin: () => Promise.resolve({ journal, place }),
    release: () => place.release(),
  };
  const report = new Report(io, { json: false, quiet: false, verbose: false, command: "erase" });
  const interrupt = new AbortController();
  const line = { words: [], parse: () => Promise.reject(new Error("not used")) };
  const session = new Session(io, report, { signal: interrupt.signal, abort: () => interrupt.abort() }, line);
  const journals = new JobJournal(source, session);
  await journals.prepare();
  await journals.begin({ device, clock: realClock }, undefined);
  return journals;
}

it("closing that fails counts where an undo was promised on it", async () => {
  const journals = await begun({ keepsOld: true, closeFails: true });
  await journals.succeed(device);
  expect(io.stderr.text).toMatch(/norbridge undo [0-9a-f]+` restores the old content/);
  expect(() => journals.close()).toThrow(
    expect.objectContaining({
      code: "FILE_EXISTS",
      message: `the job was done, but its journal ${path} could not be closed: the disk reports an error`,
    }),
  );
});

it("an error of closing is ignored if the file is gone", async () => {
  const journals = await begun({ closeFails: true });
  await journals.succeed(device);
  expect(existsSync(path)).toBe(false);
  expect(() => journals.close()).not.toThrow();
});

it("a journal that cannot be ended stays, and the job was done", async () => {
  const journals = await begun({ keepsOld: true, fullFrom: 3 });
  await expect(journals.succeed(device)).rejects.toMatchObject({
    code: "FILE_EXISTS",
    message: `the job was done, but its journal ${path} could not be completed: no space`,
    hint: expect.stringContaining("can still be restored") as unknown,
  });
  // It is not a job that failed: nothing is to be resumed.
  expect(journals.fail()).toBeUndefined();
  expect(existsSync(path)).toBe(true);
});

it("a journal that cannot be removed is said, and the job was done", async () => {
  rmSync(path);
  mkdirSync(path);
  const journals = await begun({});
  await expect(journals.succeed(device)).rejects.toMatchObject({
    code: "FILE_EXISTS",
    message: expect.stringContaining(`the job was done, but its journal ${path} cannot be removed`) as unknown,
  });
});

it("what the job failed with is not hidden by a journal that cannot be removed", async () => {
  rmSync(path);
  mkdirSync(path);
  const journals = await begun({ isUsed: false });
  expect(journals.fail()).toBeUndefined();
  expect(io.stderr.text).toMatch(/^warning: the empty journal .* cannot be removed/);
});

it("older journals that cannot be looked at end no job", async () => {
  const journals = await begun({ keepsOld: true });
  await journals.succeed(device);
  rmSync(root, { recursive: true, force: true });
  await expect(journals.prune()).resolves.toBeUndefined();
  mkdirSync(root);
});
