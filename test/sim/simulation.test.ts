/** Whole jobs in virtual time: the same seed gives the same run, and the chip's file keeps its bytes between runs. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { NorbridgeError } from "../../src/errors.ts";
import { drawFaultPlan } from "../../src/sim/link/link-faults.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters, type SimParameters } from "../../src/sim/sim-parameters.ts";
import { createChip } from "../../src/sim/chip/chip-catalog.ts";
import { openSimulation, prepareWorld, worldFromParameters } from "../../src/sim/sim-port.ts";
import type { Simulation } from "../../src/sim/simulation.ts";
import { noise, open, programSteps, readId, readRange, resultsOf } from "./client.ts";
import { effort } from "../support/effort.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-sim-"));
afterAll(() => rmSync(folder, { recursive: true }));

function parameters(query: string): SimParameters {
  const pairs = query === "" ? [] : query.split("&").map((pair) => pair.split("=") as [string, string]);
  return parseSimParameters("AT25SF041", new Map(pairs));
}

const SIZE = 64 * 1024;

/** Identifies, writes and reads 64 KiB; returns how long the reading took in virtual time. */
async function job(simulation: Simulation, image: Uint8Array): Promise<number> {
  return simulation.run(async () => {
    const bridge = await open(simulation.duplex, simulation.clock);
    expect(await readId(bridge)).toEqual([0x1f, 0x84, 0x01]);
    const written = await resultsOf(bridge, programSteps(image));
    expect(written.filter(({ kind }) => kind === "failed" || kind === "skipped")).toEqual([]);
    const startUs = simulation.clock.nowUs();
    const read = await readRange(bridge, SIZE);
    const tookUs = simulation.clock.nowUs() - startUs;
    expect(Buffer.compare(read, image)).toBe(0);
    await bridge.close();
    return tookUs;
  });
}

describe("a bridge in virtual time", () => {
  it.each([
    ["", 5],
    ["bridge=small", 5],
    ["baud=921600", 10_000_000 / 921_600],
    ["usb=fs", 1],
    // Half a KiB of results under way: the round trip of a millisecond is the limit.
    ["usb=fs&bridge=small&cutReads=1", 3.5],
    ["baud=115200&maxBaud=2000000", 5],
    // A line whose rate the host does not know, as at a TCP port: what is queued there must not be treated as lost.
    ["bytesPerSecond=11520", 1e6 / 11_520],
    ["bytesPerSecond=11520&bridge=small", 1e6 / 11_520],
  ])("writes and reads 64 KiB: %s", async (query, usPerByte) => {
    const simulation = await openSimulation(parameters(query));
    const tookUs = await job(simulation, noise(SIZE));
    expect(simulation.violations).toEqual([]);
    // Not faster than the line and SPI can, and near to it: the frames of the large bridge cost 3.4 %, the small 4.6 %.
    expect(tookUs).toBeGreaterThan(SIZE * usPerByte * 0.95);
    expect(tookUs).toBeLessThan(SIZE * usPerByte * 1.15 + 10_000);
  });

  it("the same seed is the same run to the byte", async () => {
    const hashes: string[] = [];
    for (const seed of [7, 7, 8]) {
      const simulation = await openSimulation(parameters(`seed=${seed}&flipRate=1e-5&dropRate=1e-5`));
      await job(simulation, noise(SIZE));
      hashes.push(simulation.traceHash);
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });

  it.each(Array.from({ length: effort(6, 20) }, (_, i) => 100 + i))(
    "ends right or with an error, seed %i",
    async (seed) => {
      const random = createRandom(seed).branch("plan");
      const plan = drawFaultPlan(random);
      const query = random.pick(["", "bridge=small", "usb=fs", "bridge=small&latencyTimerMs=16"]);
      const simulation = await openSimulation({
        ...parameters(`${query}&seed=${seed}`.replace(/^&/, "")),
        faults: plan,
      });
      try {
        await job(simulation, noise(SIZE));
      } catch (error) {
        expect(error, JSON.stringify(plan)).toBeInstanceOf(NorbridgeError);
      }
      expect(simulation.violations, JSON.stringify(plan)).toEqual([]);
      expect(simulation.clock.nowUs()).toBeLessThan(60e6);
    },
  );
});

describe("the chip's file", () => {
  it("is free again if the chip cannot be made", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "norbridge-file-")), "chip.bin");
    writeFileSync(file, new Uint8Array(512 * 1024));
    const params = parseSimParameters("AT25SF041", new Map([["file", file]]));
    const broken = createChip("AT25SF041");
    const thrown = new Error("cannot be loaded");
    broken.load = () => {
      throw thrown;
    };
    await expect(prepareWorld(params, broken)).rejects.toBe(thrown);
    expect(() => worldFromParameters(params, broken)).toThrow(thrown);
    const world = await prepareWorld(params);
    await expect(prepareWorld(params)).rejects.toMatchObject({ code: "PORT_BUSY" });
    world.release();
  });

  it("keeps the bytes between runs and is made where it is missing", async () => {
    const file = join(folder, "chip.bin");
    const first = await openSimulation(parameters(`file=${file}`));
    await job(first, noise(SIZE));
    expect(existsSync(file)).toBe(false);
    first.save();
    expect(Buffer.compare(readFileSync(file).subarray(0, SIZE), noise(SIZE))).toBe(0);
    expect(
      readFileSync(file)
        .subarray(SIZE)
        .every((byte) => byte === 0xff),
    ).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes(".partial"))).toEqual([]);
    await expect(openSimulation(parameters(`file=${file}`))).rejects.toMatchObject({ code: "PORT_BUSY" });
    first.close();
    const second = await openSimulation(parameters(`file=${file}`));
    const read = await second.run(async () => readRange(await open(second.duplex, second.clock), SIZE));
    second.close();
    expect(Buffer.compare(read, noise(SIZE))).toBe(0);
  });

  it.each([
    ["of another size", join(folder, "short.bin"), "holds 3 bytes, but the simulated chip has 512 KiB"],
    ["that is a folder", folder, "is a directory"],
  ])("refuses one %s", async (_, file, message) => {
    if (file !== folder) writeFileSync(file, "abc");
    const error: unknown = await openSimulation(parameters(`file=${file}`)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "FILE_INVALID" });
    expect(String(error)).toContain(message);
  });

  it("says so when it cannot be written", async () => {
    const simulation = await openSimulation(parameters(`file=${join(folder, "none", "chip.bin")}`));
    expect(() => simulation.save()).toThrow(expect.objectContaining({ code: "FILE_EXISTS" }));
    simulation.release();
  });
});

describe("incidents", () => {
  const runs = (query: string): Promise<unknown> =>
    openSimulation(parameters(query)).then((simulation) =>
      job(simulation, noise(SIZE)).then(
        () => "done",
        (error: unknown) => error,
      ),
    );

  it.each([
    ["disconnectAtMs=100", /^(ESHUTDOWN|BRIDGE_SILENT)$/],
    ["resetAtMs=100", /^BRIDGE_RESET$/],
    ["muteAtMs=100", /^BRIDGE_SILENT$/],
  ])("%s ends with an error that says so", async (query, code) => {
    const ended = await runs(query);
    expect(ended).toBeInstanceOf(NorbridgeError);
    expect(ended instanceof NorbridgeError ? ended.code : "").toMatch(code);
  });

  it("a stall of half a second is lived through", async () => {
    expect(await runs("stallAtMs=100&stallForMs=500")).toBe("done");
  });
});
