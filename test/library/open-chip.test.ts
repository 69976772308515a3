/** `openChip` as a program uses it: every form of port, every method, and what is refused before anything is sent. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type ChipNote, type JobEvent, memoryImage, openChip, writeImage } from "../../src/index.ts";
import { parseSimParameters, serveSimulation } from "../../src/sim/index.ts";
import { errorOf } from "../support/thrown.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-library-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const file = (name: string): string => join(folder, name);
const data = new Uint8Array(5000).map((_, index) => (index * 7) & 0xff);

describe("a port of each form", () => {
  it("a simulated one needs no clock, no run and no session", async () => {
    const chip = await openChip("sim:AT25SF041?seed=1");
    try {
      expect(chip.identity.name).toBe("AT25SF041");
      const report = await chip.write(data, { offset: 4096 });
      expect([report.imageBytes, report.verifiedBytes]).toEqual([5000, 5000]);
      expect(await chip.read({ address: 4096, lengthBytes: 5000 })).toEqual(data);
      // Simulated time, in which the pages took what they take.
      expect(report.durationUs).toBeGreaterThan(10_000);
    } finally {
      await chip.close();
    }
  });

  it("a dump", async () => {
    writeFileSync(file("dump.bin"), new Uint8Array(65_536).fill(0xff));
    const chip = await openChip(`image:${file("dump.bin")}`);
    await chip.write(data);
    expect((await chip.protection().catch((error: unknown) => error)) as object).toMatchObject({ code: "EINVAL" });
    await chip.close();
    expect(readFileSync(file("dump.bin")).subarray(0, 5000)).toEqual(Buffer.from(data));
    const readOnly = await openChip(`image:${file("dump.bin")}`, { readOnly: true });
    expect((await errorOf(() => readOnly.erase("all"))).code).toBe("EROFS");
    await readOnly.close();
  });

  it("a bridge behind TCP, with a journal that is gone when the job is done", async () => {
    const server = await serveSimulation({ params: parseSimParameters("AT25SF041") });
    try {
      const chip = await openChip(`tcp://127.0.0.1:${server.address.port}`, { journal: { folder: file("jobs") } });
      await chip.write(data);
      expect((await chip.verify(data)).equal).toBe(true);
      await chip.close();
      expect(existsSync(file("jobs"))).toBe(true);
    } finally {
      await server.close();
    }
  });

  it("a recording, made by the library and played back", async () => {
    const work = async (port: string, record?: string): Promise<number> => {
      const chip = await openChip(port, { record });
      try {
        return (await chip.write(data)).durationUs;
      } finally {
        await chip.close();
      }
    };
    const recorded = await work("sim:AT25SF041", file("wire.rec"));
    expect(await work(`replay:${file("wire.rec")}`)).toBe(recorded);
    await work(`replay-steps:${file("wire.rec")}`);
    expect((await errorOf(() => openChip("sim:AT25SF041", { record: file("wire.rec") }))).code).toBe("FILE_EXISTS");
  });

  it("no form at all, or no listener", async () => {
    expect((await errorOf(() => openChip("bogus://x"))).code).toBe("USAGE");
    expect((await errorOf(() => openChip("tcp://127.0.0.1:1"))).code).toBe("PORT_NOT_FOUND");
    expect((await errorOf(() => openChip("sim:AT25SF041", { chip: "AT45DB081E" }))).code).toMatch(/^CHIP_/);
  });
});

describe("an open chip", () => {
  it("takes images as bytes, path, URL and open image", async () => {
    writeFileSync(file("image.bin"), data);
    await using chip = await openChip("sim:AT25SF041");
    await chip.write(file("image.bin"));
    for (const image of [
      data,
      file("image.bin"),
      pathToFileURL(file("image.bin")),
      memoryImage("i", [{ address: 0, data }]),
    ]) {
      expect((await chip.verify(image)).equal).toBe(true);
    }
    const changed = data.slice();
    changed[100] = 0;
    expect(await chip.diff(changed)).toMatchObject([{ address: 100, lengthBytes: 1 }]);
    expect((await chip.plan(changed)).programs.length).toBeGreaterThan(0);
    const wrong: unknown = 5;
    expect((await errorOf(() => chip.write(wrong as string))).message).toContain("image must be bytes, a path");
    expect((await errorOf(() => chip.write(new URL("https://a.example/b")))).message).toContain("a file URL");
  });

  it("verifies unless told otherwise, also a caller that gives half of the options", async () => {
    await using chip = await openChip("sim:AT25SF041");
    expect((await chip.write(data, { offset: 0 })).verifiedBytes).toBe(data.length);
    expect((await chip.write(data, { offset: 8192, verify: false })).verifiedBytes).toBe(0);
    expect((await chip.write(data, { offset: 16_384, verify: undefined })).verifiedBytes).toBe(data.length);
  });

  it("writes image files", async () => {
    await using chip = await openChip("sim:AT25SF041");
    await chip.write(data);
    const range = { address: 0, lengthBytes: 5000 };
    for (const name of ["out.bin", "out.hex", "out.srec", "out.uf2"]) {
      await chip.readTo(file(name), { range });
      expect((await chip.verify(file(name))).equal, name).toBe(true);
    }
    expect(readFileSync(file("out.hex"), "utf8")).toMatch(/^:10000000/);
  });

  it("lifts protection for one job, and by one call", async () => {
    await using chip = await openChip("sim:AT25SF041");
    expect((await chip.protect("all")).ranges).toEqual([{ address: 0, lengthBytes: 524_288 }]);
    expect((await errorOf(() => chip.write(data))).code).toBe("EROFS");
    expect((await chip.unprotect()).ranges).toEqual([]);
    expect((await errorOf(() => chip.protect({ address: 1, lengthBytes: 77 }))).code).toBe("ERANGE");
    const notes: ChipNote[] = [];
    const lifting = await openChip("sim:AT25SF041", { unprotect: true, onNote: (note) => notes.push(note) });
    await lifting.protect("all");
    await lifting.write(data);
    expect((await lifting.protection()).ranges).toHaveLength(1);
    expect(notes.map(({ message }) => message).join()).toContain("is lifted");
    await lifting.close();
  });

  it("erases what is named and nothing by accident", async () => {
    await using chip = await openChip("sim:AT25SF041");
    await chip.write(data);
    const none: unknown = undefined;
    expect((await errorOf(() => chip.erase(none as "all"))).code).toBe("EINVAL");
    await chip.erase({ address: 0, lengthBytes: 100 });
    expect(await chip.blankCheck({ address: 0, lengthBytes: 100 })).toMatchObject({ blank: true });
    expect(await chip.read({ address: 100, lengthBytes: 4900 })).toEqual(data.subarray(100));
    await chip.erase("all");
    expect(await chip.blankCheck()).toMatchObject({ blank: true });
  });

  it("carries out calls one after the other, also those of its device", async () => {
    await using chip = await openChip("sim:AT25SF041");
    const [written, read, byDevice, blank] = await Promise.all([
      chip.write(data),
      chip.read({ address: 0, lengthBytes: 5000 }),
      chip.device.read(300_000, 16),
      chip.blankCheck({ address: 0, lengthBytes: 16 }),
    ]);
    expect([written.verifiedBytes, read, byDevice.length, blank.blank]).toEqual([5000, data, 16, false]);
    const stop = new AbortController();
    const first = chip.read();
    const second = chip.read(undefined, { signal: stop.signal });
    stop.abort(new Error("no time"));
    const error = await errorOf(() => second);
    expect([error.code, error.cause]).toEqual(["ECANCELED", new Error("no time")]);
    expect((await first).length).toBe(524_288);
  });

  it("lends its device to every other function, without a clock or a run", async () => {
    await using chip = await openChip("sim:AT25SF041");
    const report = await writeImage(chip.device, memoryImage("i", [{ address: 0, data }]));
    expect([report.verifiedBytes, report.durationUs > 10_000]).toEqual([5000, true]);
    expect(await chip.run((device) => device.digest(0, 5000))).toBe(await chip.device.digest(0, 5000));
  });

  it("ends a write with an error if its listener throws, and not in the middle of it", async () => {
    await using chip = await openChip("sim:AT25SF041");
    const events: JobEvent[] = [];
    const onEvent = (event: JobEvent): void => {
      events.push(event);
      throw new Error("bad listener");
    };
    const error = await errorOf(() => chip.write(data, { onEvent }));
    expect([error.code, error.message, events.length]).toEqual([
      "EINVAL",
      "write: the job is done, but context.onEvent threw: bad listener",
      1,
    ]);
    expect((await chip.verify(data)).equal).toBe(true);
  });

  it("is closed once, and refuses what comes after", async () => {
    const chip = await openChip("sim:AT25SF041");
    const reading = chip.read({ address: 0, lengthBytes: 4096 });
    await Promise.all([chip.close(), chip.close()]);
    expect((await reading).length).toBe(4096);
    expect((await errorOf(() => chip.read())).code).toBe("ESHUTDOWN");
  });
});

describe("what a program hands in", () => {
  const bad: readonly unknown[] = [-5, Number.NaN, 1.5, "7", 2 ** 60, null];

  it.each(bad)("%o as an offset, a count or an address is refused, and nothing is written", async (value) => {
    await using chip = await openChip("sim:AT25SF041");
    const number = value as number;
    const codes = /^(EINVAL|ERANGE|FILE_INVALID)$/;
    expect((await errorOf(() => chip.write(data, { offset: number }))).code).toMatch(codes);
    expect((await errorOf(() => chip.write(data, { base: number }))).code).toMatch(codes);
    expect((await errorOf(() => chip.write(data, { retries: number }))).message).toContain("retries");
    expect((await errorOf(() => chip.plan(data, { offset: number }))).code).toMatch(codes);
    expect((await errorOf(() => chip.verify(data, { offset: number }))).code).toMatch(codes);
    expect((await errorOf(() => chip.read({ address: number, lengthBytes: 1 }))).code).toMatch(codes);
    expect((await errorOf(() => chip.erase({ address: 0, lengthBytes: number }))).code).toMatch(codes);
    expect((await errorOf(() => chip.blankCheck({ address: number, lengthBytes: 1 }))).code).toMatch(codes);
    for (const name of ["baudRate", "spiClockHz", "sizeBytes"]) {
      expect((await errorOf(() => openChip("sim:AT25SF041", { [name]: value }))).message).toContain(name);
    }
    expect(await chip.blankCheck()).toMatchObject({ blank: true });
  });
});
