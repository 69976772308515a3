/** A read over wires that another master drives now and then, and what the comparison costs where none does. */
import { describe, expect, it } from "vitest";
import type { JobEvent } from "../../src/jobs/job-event.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { readFlash } from "../../src/jobs/read-flash.ts";
import { effort } from "../support/effort.ts";
import { simulatedFlash } from "../flash/simulated-flash.ts";
import { noise } from "./support/nor-double.ts";

const CAPACITY_BYTES = 512 * 1024;
const RANGE = { address: 0x10000, lengthBytes: 0x20000 };
/** Half of it blank: FF is what an undriven bus reads as well. */
const CONTENT = noise(CAPACITY_BYTES, 7).fill(0xff, 0x20000, 0x28000);

interface Read {
  readonly bytes: Uint8Array;
  readonly error: unknown;
  readonly notes: readonly string[];
  readonly linkBytes: number;
  readonly durationUs: number;
}

async function readWith(settings: Record<string, string>, fast: boolean, content = CONTENT): Promise<Read> {
  const { simulation, device } = await simulatedFlash("AT25SF041", settings);
  simulation.chip.load(0, content);
  // What lies outside of the range is right without being read.
  const bytes = content.slice().fill(0, RANGE.address, RANGE.address + RANGE.lengthBytes);
  const notes: string[] = [];
  const onEvent = (event: JobEvent): void => {
    if (event.kind === "note") notes.push(event.message);
  };
  const before = simulation.linkBytes.up + simulation.linkBytes.down;
  const startUs = simulation.clock.nowUs();
  const error = await simulation.run(() =>
    readFlash(device, RANGE, (address, data) => bytes.set(data, address), { onEvent }, { fast }).then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
  const linkBytes = simulation.linkBytes.up + simulation.linkBytes.down - before;
  return { bytes, error, notes, linkBytes, durationUs: simulation.clock.nowUs() - startUs };
}

/** C22. */
describe("a read with the bus taken now and then", () => {
  it.each(["0.01", "0.05", "0.2"])("never ends well with a wrong byte, at %s of all transfers", async (busTaken) => {
    let right = 0;
    for (let seed = 1; seed <= effort(3, 40); seed++) {
      const opened = await readWith({ busTaken, seed: String(seed) }, false).catch((error: unknown) => {
        // The opening may see it first.
        if (!(error instanceof NorbridgeError)) throw error;
        return undefined;
      });
      if (opened === undefined) continue;
      const { bytes, error, notes } = opened;
      if (error === undefined) {
        expect({ seed, wrongAt: bytes.findIndex((byte, at) => byte !== CONTENT[at]) }).toEqual({ seed, wrongAt: -1 });
        right++;
      } else {
        expect(error).toBeInstanceOf(NorbridgeError);
      }
      if (Number(busTaken) >= 0.2 && error === undefined) expect(notes.join()).toContain("differ: reading it again");
    }
    if (Number(busTaken) < 0.1) expect(right).toBeGreaterThan(0);
  });

  it("is not noticed by a fast one: the comparison is what finds it", async () => {
    const reads = await Promise.all(
      ["1", "2", "3"].map((seed) => readWith({ busTaken: "0.05", seed }, true).catch(() => undefined)),
    );
    const wrong = reads.filter(
      (read) => read?.error === undefined && read?.bytes.some((byte, at) => byte !== CONTENT[at]),
    );
    expect(wrong.length).toBeGreaterThan(0);
  });
});

describe("what the comparison costs over native", () => {
  it.each([
    ["2 Mbaud", { baud: "2000000", maxBaud: "2000000" }],
    ["USB", { usb: "fs" }],
  ])("at %s: at most a tenth of bytes and time", async (_, settings) => {
    const full = noise(CAPACITY_BYTES, 8);
    const once = await readWith(settings, true, full);
    const proved = await readWith(settings, false, full);
    expect([once.error, proved.error]).toEqual([undefined, undefined]);
    expect(Buffer.compare(proved.bytes, full)).toBe(0);
    expect(proved.linkBytes / once.linkBytes).toBeLessThan(1.02);
    expect(proved.durationUs / once.durationUs).toBeLessThan(1.1);
  });
});
