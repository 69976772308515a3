/** Jobs that a program left behind: listed, resumed, undone; the doctor and image files of the library. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import {
  discardJob,
  listJobs,
  memoryImage,
  NorbridgeError,
  openChip,
  runDoctor,
  writeImageFile,
} from "../../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-left-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const file = (name: string): string => join(folder, name);
const data = new Uint8Array(20_000).map((_, index) => (index * 7 + 1) & 0xff);
const before = new Uint8Array(65_536).map((_, index) => (index * 13 + 5) & 0xff);
writeFileSync(file("image.bin"), data);

function expected(): Uint8Array {
  const all = before.slice();
  all.set(data, 4660);
  return all;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  return error instanceof NorbridgeError ? error.code : String(error);
}

/** A chip with a file, on which a write was cut in the middle. */
async function cutWrite(name: string, keepOld: boolean): Promise<{ readonly port: string; readonly jobs: string }> {
  const port = `sim:AT25SF041?file=${file(`${name}.chip`)}`;
  const jobs = file(`${name}.jobs`);
  const chip = await openChip(port, { journal: { folder: jobs, keepOld } });
  try {
    await chip.write(before);
    for (const { id } of await listJobs({ folder: jobs })) await discardJob(id, { folder: jobs });
    const stop = new AbortController();
    const onEvent = (event: { readonly kind: string; readonly phase?: string; readonly doneBytes?: number }): void => {
      if (event.phase === "program" && (event.doneBytes ?? 0) > 0) stop.abort();
    };
    const code = await codeOf(chip.write(file("image.bin"), { offset: 4660, signal: stop.signal, onEvent }));
    expect(code).toBe("INTERRUPTED");
  } finally {
    await chip.close();
  }
  return { port, jobs };
}

it("resumes a write that was cut, on a new connection", async () => {
  const { port, jobs } = await cutWrite("resume", false);
  const listed = await listJobs({ folder: jobs });
  expect(listed).toMatchObject([
    { state: "interrupted", command: "write", offset: 4660, chip: { name: "AT25SF041" }, canUndo: false },
  ]);
  const chip = await openChip(port, { journal: { folder: jobs } });
  try {
    expect(await codeOf(chip.resume("00000000"))).toBe("CHECK_FAILED");
    expect(await codeOf(chip.resume(undefined, { image: data.slice(1) }))).toBe("FILE_INVALID");
    expect(await chip.resume(listed[0]?.id)).toMatchObject({ command: "write", isUndo: false });
    expect(await chip.read({ address: 0, lengthBytes: 65_536 })).toEqual(expected());
  } finally {
    await chip.close();
  }
  expect(await listJobs({ folder: jobs })).toEqual([]);
});

it("undoes a write that kept the old bytes", async () => {
  const { port, jobs } = await cutWrite("undo", true);
  const chip = await openChip(port);
  try {
    expect((await chip.undo(undefined, { folder: jobs })).command).toBe("write");
    expect(await chip.read({ address: 0, lengthBytes: 65_536 })).toEqual(before);
  } finally {
    await chip.close();
  }
});

it("examines a simulated chain", async () => {
  const report = await runDoctor("sim:AT25SF041");
  expect([report.cause, report.advice.chip]).toEqual([undefined, "AT25SF041"]);
  expect(await codeOf(runDoctor("bogus://x"))).toBe("USAGE");
});

it("writes image files of every format, and fills gaps only if asked to", async () => {
  const gaps = memoryImage("gaps", [
    { address: 0, data: Uint8Array.of(1, 2) },
    { address: 4, data: Uint8Array.of(3) },
  ]);
  expect(await codeOf(writeImageFile(file("gaps.bin"), gaps))).toBe("EINVAL");
  await writeImageFile(file("gaps.bin"), gaps, { fillByte: 0xff });
  expect([...readFileSync(file("gaps.bin"))]).toEqual([1, 2, 0xff, 0xff, 3]);
  await writeImageFile(file("gaps.hex"), gaps, { base: 0x100 });
  expect(readFileSync(file("gaps.hex"), "utf8")).toContain(":02010000");
});
