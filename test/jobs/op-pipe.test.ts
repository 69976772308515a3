/** The queue between a job and a device: order, its limits, and what happens to waiting operations after a failure. */
import { describe, expect, it } from "vitest";
import { OpPipe, piecesOf } from "../../src/jobs/op-pipe.ts";
import { noise, NorDouble, TOY } from "./support/nor-double.ts";

describe("OpPipe", () => {
  it("answers in order, in one run", async () => {
    const device = new NorDouble(TOY, { bytes: noise(128, 1) });
    const pipe = new OpPipe(device);
    const order: number[] = [];
    const reads = [3, 1, 2].map(async (address) => {
      const data = await pipe.read({ address, lengthBytes: 1 });
      order.push(address);
      return data[0];
    });
    expect(await Promise.all(reads)).toEqual([3, 1, 2].map((address) => device.bytes[address]));
    await pipe.end();
    expect([order, device.runs, pipe.changed]).toEqual([[3, 1, 2], 1, false]);
  });

  it("lets the side lane in now and then, and at once when there is nothing else", async () => {
    const device = new NorDouble(TOY, { depth: 1 });
    const pipe = new OpPipe(device, { mainPerAside: 2 });
    for (let i = 0; i < 5; i++) void pipe.digest({ address: i, lengthBytes: 1 }, "main");
    for (let i = 0; i < 4; i++) void pipe.digest({ address: 0x10 + i, lengthBytes: 1 }, "aside");
    await pipe.end();
    const order = device.log.map((line) => Number.parseInt(line.slice(9), 16));
    expect(order).toEqual([0, 1, 0x10, 2, 3, 0x11, 4, 0x12, 0x13]);
  });

  it("holds back who asks too much", async () => {
    const pipe = new OpPipe(new NorDouble(TOY));
    let asked = 0;
    const page = new Uint8Array(4);
    for (; asked < 100_000 && (await Promise.race([pipe.room().then(() => true), Promise.resolve(false)])); asked++) {
      void pipe.program(0, page);
    }
    expect(asked * (64 + 4)).toBeLessThan(200 * 1024);
    await pipe.room();
    await pipe.end();
  });

  it("after a failure nothing is handed over, and everything that waits is told", async () => {
    const device = new NorDouble(TOY, { depth: 2 });
    device.faultAt = (index) => (index === 1 ? "program-failed" : undefined);
    const pipe = new OpPipe(device);
    const answers = [0, 4, 8, 12].map((address) => pipe.program(address, noise(4, 1)));
    const settled = await Promise.allSettled(answers);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
    await expect(pipe.room()).rejects.toThrow();
    await expect(pipe.end()).rejects.toThrow();
    expect(pipe.failure).toMatchObject({ kind: "chip", outcome: "program-failed", op: "program" });
    expect([device.log.length, pipe.changed, pipe.torn]).toEqual([2, true, [{ address: 4, lengthBytes: 4 }]]);
  });

  it("stopping drops what was not handed over and waits for the rest", async () => {
    const device = new NorDouble(TOY, { depth: 1 });
    const pipe = new OpPipe(device);
    const first = pipe.digest({ address: 0, lengthBytes: 1 });
    const later = [1, 2, 3].map((address) => pipe.erase({ address: address * 8, lengthBytes: 8 }));
    await first;
    await pipe.stop();
    const done = (await Promise.allSettled(later)).filter(({ status }) => status === "fulfilled").length;
    expect(device.count("erase")).toBe(done);
    expect(done).toBeLessThan(3);
    await expect(pipe.read({ address: 0, lengthBytes: 1 })).rejects.toThrow();
  });
});

describe("piecesOf", () => {
  it.each([
    [0, 0, []],
    [0, 8, [[0, 8]]],
    [3, 5, [[3, 5]]],
    [
      3,
      14,
      [
        [3, 5],
        [8, 8],
        [16, 1],
      ],
    ],
  ])("%i+%i", (address, lengthBytes, wanted) => {
    const pieces = [...piecesOf({ address, lengthBytes }, 8)].map((piece) => [piece.address, piece.lengthBytes]);
    expect(pieces).toEqual(wanted);
  });
});
