/** The journal's disk is full in the middle of a job: what is in hand is finished first, and nothing else is begun. */
import { expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { Journal } from "../../src/journal/journal.ts";
import { createRandom } from "../../src/sim/random.ts";
import { NorDouble, TOY } from "../jobs/support/nor-double.ts";

const JOB = {
  ...({ v: 1, command: "write", address: 0, lengthBytes: 1, beside: [], connection: [] } as const),
  image: { file: "/image", base: 0, sha256: "0".repeat(64) },
  chip: { name: "double", jedecId: "", uniqueId: "" },
  process: { pid: 1, started: "0" },
} as const;

it.each([false, true])("at every line of it (keeping what is replaced: %s)", async (keepsOld) => {
  const old = createRandom("old").bytes(TOY.capacityBytes);
  // The middle of most sectors, so that each has a neighbour on both sides.
  const pieces = Array.from({ length: 14 }, (_, index) => ({
    address: 8 * index + 3,
    data: Uint8Array.of(index, 0x55),
  }));
  const image = memoryImage("image", pieces);
  const isImage = (at: number): boolean => pieces.some((piece) => at >= piece.address && at < piece.address + 2);
  let isFull = false;
  for (let room = 1; !isFull || room < 60; room++) {
    let lines = 0;
    const medium = {
      append: () => {
        if (++lines > room) throw new NorbridgeError("FILE_EXISTS", "no space is left", { operation: "write journal" });
      },
      close: () => undefined,
    };
    const double = new NorDouble(TOY, { bytes: old });
    const journal = Journal.begin(medium, { ...JOB, keepsOld });
    const kept: unknown[] = [];
    const request = { offset: 0, verify: true, assumeBlank: false, retries: 1, safe: journal };
    const done = await writeImage(
      double,
      image,
      { ...request, onUnrestored: (all) => void kept.push(...all) },
      { clock: realClock },
    )
      .then(() => true)
      .catch((error: unknown) => {
        expect(error).toBeInstanceOf(NorbridgeError);
        return false;
      });
    if (done) return;
    isFull = true;
    const lost = double.bytes.findIndex((byte, at) => byte !== old[at] && !isImage(at));
    expect(lost, `room for ${room} lines: neighbour at ${lost}`).toBe(-1);
    expect(kept).toEqual([]);
  }
  throw new Error("the job never ended");
});
