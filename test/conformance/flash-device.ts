/** What every `FlashDevice` keeps: on a chip on a bridge, in memory, in a file. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { smallestEraseUnit } from "../../drivers/geometry.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import type { FlashDevice, FlashOp, FlashResult } from "../../src/flash/flash-device.ts";
import { createRandom } from "../../src/sim/random.ts";

export interface DeviceUnderTest {
  readonly device: FlashDevice;
  /** The cells, whatever the device reports. */
  peek(address: number, lengthBytes: number): Uint8Array;
  /** Runs a job where the device lives: in virtual time, or just so. */
  run<T>(job: () => Promise<T>): Promise<T>;
  /** Rules of the chip that were broken; empty if they are not watched. */
  violations(): readonly unknown[];
}

export function flashDeviceConformance(name: string, make: () => Promise<DeviceUnderTest>): void {
  describe(`${name} as a FlashDevice`, () => {
    let made: DeviceUnderTest;
    let device: FlashDevice;
    let unitBytes: number;
    beforeEach(async () => {
      made = await make();
      device = made.device;
      unitBytes = smallestEraseUnit(device.geometry).regions[0]?.unitBytes ?? 0;
    });
    afterEach(async () => {
      await made.run(() => device.close());
      expect(made.violations()).toEqual([]);
    });

    async function results(
      ops: Iterable<FlashOp> | AsyncIterable<FlashOp>,
      signal?: AbortSignal,
    ): Promise<FlashResult[]> {
      const all: FlashResult[] = [];
      for await (const result of device.run(ops, signal === undefined ? {} : { signal })) all.push(result);
      return all;
    }

    /** The results without the number of bytes sent, which only erased bytes may lower. */
    function withoutSent(ops: readonly FlashOp[], all: readonly FlashResult[]): FlashResult[] {
      return all.map((result, index) => {
        const op = ops[index];
        if (result.kind !== "program" || op?.kind !== "program") return result;
        const { sentBytes = op.data.length } = result;
        expect(sentBytes).toBeLessThanOrEqual(op.data.length);
        expect(sentBytes).toBeGreaterThanOrEqual(op.data.filter((byte) => byte !== 0xff).length);
        return { kind: "program" };
      });
    }

    it("programs, reads and digests any range, across pages", () =>
      made.run(async () => {
        const data = createRandom("conformance").bytes(3 * device.geometry.pageBytes + 17);
        await device.program(unitBytes - 50, data);
        expect(await device.read(unitBytes - 50, data.length)).toEqual(data);
        expect(made.peek(unitBytes - 50, data.length)).toEqual(data);
        expect(await device.digest(unitBytes - 50, data.length)).toBe(blockCheck(data));
        expect([...(await device.read(unitBytes - 51, 1))]).toEqual([0xff]);
      }));

    it("a program only clears bits", () =>
      made.run(async () => {
        await device.program(10, Uint8Array.of(0xf0));
        await device.program(10, Uint8Array.of(0x30));
        expect([...(await device.read(9, 3))]).toEqual([0xff, 0x30, 0xff]);
      }));

    it("erases blocks and nothing beside them, in one unit or in several", () =>
      made.run(async () => {
        for (const unit of [0, 1, 2, 3]) await device.program(unit * unitBytes, Uint8Array.of(unit));
        await device.erase(unitBytes, 2 * unitBytes);
        const first = await Promise.all([0, 1, 2, 3].map((unit) => Promise.resolve(made.peek(unit * unitBytes, 1)[0])));
        expect(first).toEqual([0, 0xff, 0xff, 3]);
      }));

    it("answers one result an operation, in order", () =>
      made.run(async () => {
        const ops: FlashOp[] = [
          { kind: "read", address: 0, lengthBytes: 4 },
          { kind: "program", address: 0, data: Uint8Array.of(1, 2, 3) },
          { kind: "digest", address: 0, lengthBytes: 3 },
          { kind: "read", address: 0, lengthBytes: 0 },
          { kind: "erase", address: 0, lengthBytes: unitBytes },
          { kind: "read", address: 0, lengthBytes: 2 },
        ];
        expect(withoutSent(ops, await results(ops))).toEqual([
          { kind: "read", data: Uint8Array.of(255, 255, 255, 255) },
          { kind: "program" },
          { kind: "digest", check: blockCheck(Uint8Array.of(1, 2, 3)) },
          { kind: "read", data: new Uint8Array() },
          { kind: "erase" },
          { kind: "read", data: Uint8Array.of(255, 255) },
        ]);
      }));

    it("answers before the stream goes on: an operation may depend on the answer to the one before", () =>
      made.run(async () => {
        const seen: FlashResult[] = [];
        let wake: (() => void) | undefined;
        const answered = async (count: number): Promise<void> => {
          while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve));
        };
        async function* ops(): AsyncGenerator<FlashOp> {
          for (let page = 0; page < 6; page++) {
            yield { kind: "program", address: page * device.geometry.pageBytes, data: Uint8Array.of(page) };
            await answered(page + 1);
          }
          yield { kind: "read", address: device.geometry.pageBytes, lengthBytes: 1 };
          await answered(7);
        }
        for await (const result of device.run(ops())) {
          seen.push(result);
          wake?.();
        }
        expect(seen.map(({ kind }) => kind)).toEqual([...new Array<string>(6).fill("program"), "read"]);
      }));

    it.each<[string, (unit: number, capacity: number) => FlashOp, string]>([
      ["reads past the end", (_, capacity) => ({ kind: "read", address: capacity - 1, lengthBytes: 2 }), "ERANGE"],
      [
        "programs past the end",
        (_, capacity) => ({ kind: "program", address: capacity, data: new Uint8Array(1) }),
        "ERANGE",
      ],
      ["reads before the start", () => ({ kind: "read", address: -1, lengthBytes: 1 }), "ERANGE"],
      ["reads half bytes", () => ({ kind: "read", address: 0.5, lengthBytes: 1 }), "EINVAL"],
      ["erases half a block", (unit) => ({ kind: "erase", address: 0, lengthBytes: unit >> 1 }), "EINVAL"],
      [
        "erases from the middle of a block",
        (unit) => ({ kind: "erase", address: unit >> 1, lengthBytes: unit }),
        "EINVAL",
      ],
    ])("who %s gets an error, after what came before was answered", (_, bad, code) =>
      made.run(async () => {
        const op = bad(unitBytes, device.geometry.capacityBytes);
        const got: FlashResult[] = [];
        const run = async (): Promise<void> => {
          for await (const result of device.run([{ kind: "program", address: 0, data: Uint8Array.of(7) }, op]))
            got.push(result);
        };
        await expect(run()).rejects.toMatchObject({ code });
        expect(got).toEqual([{ kind: "program" }]);
        expect(await device.read(0, 1)).toEqual(Uint8Array.of(7));
      }),
    );

    it("does nothing for a signal that has aborted, and works again", () =>
      made.run(async () => {
        const signal = AbortSignal.abort();
        const op: FlashOp = { kind: "program", address: 0, data: Uint8Array.of(0) };
        const got = await results([op, op], signal);
        expect(got.map(({ kind }) => kind)).toEqual(["failed", "skipped"]);
        expect(got[0]).toMatchObject({ outcome: "aborted" });
        expect([...(await device.read(0, 1))]).toEqual([0xff]);
      }));

    it("a consumer may leave early", () =>
      made.run(async () => {
        const ops: FlashOp[] = Array.from({ length: 50 }, () => ({ kind: "digest", address: 0, lengthBytes: 256 }));
        for await (const result of device.run(ops)) {
          expect(result.kind).toBe("digest");
          break;
        }
        expect((await device.read(0, 1)).length).toBe(1);
      }));

    it("knows its protection and that it is still the same", () =>
      made.run(async () => {
        expect(await device.protectedRanges()).toEqual({ ranges: [], heldBy: "" });
        await device.checkIdentity();
      }));

    it("behaves as an array under operations by seed", () =>
      made.run(async () => {
        const random = createRandom(`model ${name}`);
        const size = 16 * unitBytes;
        const model = new Uint8Array(size).fill(0xff);
        const ops: FlashOp[] = [];
        const expected: FlashResult[] = [];
        for (let i = 0; i < 120; i++) {
          const address = random.intBelow(size - 1);
          const lengthBytes = 1 + random.intBelow(Math.min(700, size - address));
          const range = { address, lengthBytes };
          switch (random.pick(["read", "digest", "program", "program", "erase"] as const)) {
            case "read":
              ops.push({ kind: "read", ...range });
              expected.push({ kind: "read", data: model.slice(address, address + lengthBytes) });
              break;
            case "digest":
              ops.push({ kind: "digest", ...range });
              expected.push({ kind: "digest", check: blockCheck(model.subarray(address, address + lengthBytes)) });
              break;
            case "program": {
              // Only bits that are set are cleared: a chip is not asked for what it cannot do.
              const data = random.bytes(lengthBytes).map((byte, at) => byte & (model[address + at] ?? 0));
              model.set(data, address);
              ops.push({ kind: "program", address, data });
              expected.push({ kind: "program" });
              break;
            }
            case "erase": {
              const start = address - (address % unitBytes);
              model.fill(0xff, start, start + unitBytes);
              ops.push({ kind: "erase", address: start, lengthBytes: unitBytes });
              expected.push({ kind: "erase" });
            }
          }
        }
        expect(withoutSent(ops, await results(ops))).toEqual(expected);
        expect(made.peek(0, size)).toEqual(model);
      }));

    it("closes twice", () =>
      made.run(async () => {
        await device.close();
        await device.close();
        await expect(device.read(0, 1)).rejects.toMatchObject({ code: "ESHUTDOWN" });
      }));
  });
}
