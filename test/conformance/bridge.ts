/** What every `Bridge` keeps to, whatever protocol it speaks. The chip is the one with the diary (test/sim/bridge/bench.ts). */
import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Bridge } from "../../src/bridge/bridge.ts";
import { rejectionOf } from "../support/thrown.ts";

/** A bridge with a chip that answers 9Fh with 1F 84 01, 05h with 00 and 03h with the low byte of the address. */
export interface BridgeWorld {
  readonly bridge: Bridge;
  /** Runs a job in the bridge's time. */
  run<T>(job: () => Promise<T>): Promise<T>;
  /** Lets the bridge's time pass. */
  wait(durationUs: number): Promise<void>;
  /** What was sent in each chip-select window so far. */
  windows(): readonly (readonly number[])[];
  readonly chipIsSelected: () => boolean;
  /** Rules of the wire that were broken. */
  violations(): readonly unknown[];
}

const RDID: SpiStep = { kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 };
/** Block check of 00 01 .. FF. */
const CHECK_OF_0_TO_255 = 0xab89b09e;
const ID = [0x1f, 0x84, 0x01];
/** Bit 0 of the status never rises on this chip. */
const LOST_POLL: SpiStep = { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 1, intervalUs: 100, timeoutMs: 5 };
const GOOD_POLL: SpiStep = { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 0, timeoutMs: 5 };

function read(address: number, receiveBytes = 1): SpiStep {
  return { kind: "transfer", send: Uint8Array.of(3, address >> 16, (address >> 8) & 255, address & 255), receiveBytes };
}

/** A window that the diary tells from all others. */
function numbered(index: number): SpiStep {
  return { kind: "transfer", send: Uint8Array.of(0xb0, index >> 8, index & 255), receiveBytes: 0 };
}

function reads(count: number): SpiStep[] {
  return Array.from({ length: count }, (_, address) => read(address));
}

async function all(results: AsyncIterable<StepResult>): Promise<StepResult[]> {
  const list: StepResult[] = [];
  for await (const result of results) list.push(result);
  return list;
}

function kinds(results: readonly StepResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) {
    const name = result.kind === "failed" ? `failed ${result.reason}` : result.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export interface ConformanceOptions {
  /** Part of the long tests that is done: an emulated processor takes its time. Default 1. */
  readonly share?: number;
  /** Only these groups, such as "results". Default all. */
  readonly groups?: readonly string[] | undefined;
  /** How long one test may take, milliseconds: an emulated processor on a busy machine is slow. Default that of all tests. */
  readonly deadlineMs?: number | undefined;
}

export function bridgeConformance(
  name: string,
  open: () => Promise<BridgeWorld>,
  { share = 1, groups, deadlineMs }: ConformanceOptions = {},
): void {
  const asked = new Set(groups);
  const group = (title: string, body: () => void): void => {
    if (groups === undefined || asked.delete(title)) describe(title, body);
  };
  describe(`${name} as a bridge`, deadlineMs === undefined ? {} : { timeout: deadlineMs }, () => {
    let world: BridgeWorld;
    let bridge: Bridge;
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);

    beforeEach(async () => {
      rejections.length = 0;
      process.on("unhandledRejection", onRejection);
      world = await open();
      ({ bridge } = world);
    });

    afterEach(async () => {
      await world.run(() => bridge.close());
      await new Promise((resolve) => setImmediate(resolve));
      process.off("unhandledRejection", onRejection);
      expect(rejections).toEqual([]);
      expect(world.violations()).toEqual([]);
      expect(world.chipIsSelected()).toBe(false);
    });

    /** The bridge still does what it is told. */
    async function isWell(): Promise<void> {
      expect(await all(bridge.run([RDID]))).toEqual([{ kind: "transfer", received: Uint8Array.from(ID) }]);
    }

    it("says what it is", () => {
      const { info } = bridge;
      expect(info.boardName).toMatch(/^[ -~]{1,32}$/);
      expect(info.maxSendBytes).toBeGreaterThanOrEqual(16);
      expect(info.maxReceiveBytes).toBeGreaterThanOrEqual(16);
      expect(info.spiClockMinHz).toBeLessThanOrEqual(info.spiClockMaxHz);
    });

    group("results", () => {
      it("come in the order of the steps, one each", async () => {
        const results = await world.run(() => all(bridge.run(reads(1000))));
        expect(results.map((result) => (result.kind === "transfer" ? result.received[0] : result))).toEqual(
          Array.from({ length: 1000 }, (_, i) => i & 255),
        );
      });

      it("of every kind of step", async () => {
        const steps: SpiStep[] = [
          { kind: "delay", durationUs: 1500 },
          RDID,
          GOOD_POLL,
          { kind: "digest", send: Uint8Array.of(3, 0, 0, 0), lengthBytes: 256 },
          { kind: "transfer", send: new Uint8Array(0), receiveBytes: 0 },
        ];
        expect(await world.run(() => all(bridge.run(steps)))).toEqual([
          { kind: "delay" },
          { kind: "transfer", received: Uint8Array.from(ID) },
          { kind: "poll", status: 0 },
          { kind: "digest", check: CHECK_OF_0_TO_255 },
          { kind: "transfer", received: new Uint8Array(0) },
        ]);
      });

      it("of no steps are none", async () => {
        await world.run(async () => {
          expect(await all(bridge.run([]))).toEqual([]);
          await isWell();
        });
      });

      it("come while the stream of steps waits for them", async () => {
        await world.run(async () => {
          let answer: (byte: number) => void = () => undefined;
          async function* asking(): AsyncGenerator<SpiStep> {
            for (let address = 1; address < 200; ) {
              const answered = new Promise<number>((resolve) => (answer = resolve));
              yield read(address);
              address += (await answered) === (address & 255) ? 7 : 1000;
            }
          }
          let count = 0;
          for await (const result of bridge.run(asking())) {
            count++;
            if (result.kind === "transfer") answer(result.received[0]!);
          }
          expect(count).toBe(29);
        });
      });

      it("are one each also of a stream that yields in bursts", async () => {
        async function* bursts(): AsyncGenerator<SpiStep> {
          for (let i = 0; i < 300; i++) {
            if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
            yield read(i);
          }
        }
        expect(kinds(await world.run(() => all(bridge.run(bursts()))))).toEqual({ transfer: 300 });
      });
    });

    group("after a failed step", () => {
      it.each([0, 1, 5, 77, 400])("the rest is skipped: %d steps before, 1500 behind", async (before) => {
        await world.run(async () => {
          const behind = Array.from({ length: 1500 }, (_, i) => numbered(i));
          const results = await all(bridge.run([...reads(before), LOST_POLL, ...behind]));
          expect(results.slice(0, before).every(({ kind }) => kind === "transfer")).toBe(true);
          expect(results[before]).toEqual({ kind: "failed", reason: "timeout", status: 0 });
          expect(kinds(results.slice(before + 1))).toEqual({ skipped: 1500 });
          expect(world.windows().filter(([opcode]) => opcode === 0xb0)).toEqual([]);
          await isWell();
        });
      });

      it("the rest of a stream that waits is skipped too", async () => {
        await world.run(async () => {
          async function* steps(): AsyncGenerator<SpiStep> {
            yield LOST_POLL;
            for (let i = 0; i < 40; i++) {
              await new Promise((resolve) => setImmediate(resolve));
              yield numbered(i);
            }
          }
          expect(kinds(await all(bridge.run(steps())))).toEqual({ "failed timeout": 1, skipped: 40 });
          await isWell();
        });
      });

      it("an endless stream ends when the consumer has seen enough", async () => {
        await world.run(async () => {
          let pulled = 0;
          function* endless(): Generator<SpiStep> {
            yield LOST_POLL;
            for (;;) yield numbered(pulled++);
          }
          let skipped = 0;
          for await (const { kind } of bridge.run(endless())) {
            if (kind === "skipped" && ++skipped === 10_000) break;
          }
          expect(pulled).toBeLessThan(30_000);
          await isWell();
        });
      });

      it("kept records are what they were", async () => {
        await world.run(async () => {
          const often = [1, 2, 3].flatMap(() => [GOOD_POLL, RDID, numbered(1), numbered(2), numbered(3), numbered(4)]);
          await all(bridge.run([...often, LOST_POLL, ...often, ...reads(3).flatMap((step) => [step, step, step])]));
          const { length } = world.windows();
          await all(bridge.run([...often, read(0), read(0), read(1), read(1), read(2)]));
          const again = world.windows().slice(length);
          const sent = [...often, read(0), read(0), read(1), read(1), read(2)].flatMap((step) =>
            "send" in step ? [[...step.send]] : [],
          );
          expect(again).toEqual(sent);
        });
      });
    });

    group("a stream of steps", () => {
      it.each(["at once", "later"])("without end that answers %s is pulled only as there is room", async (when) => {
        await world.run(async () => {
          let pulled = 0;
          let closed = 0;
          function* endless(): Generator<SpiStep> {
            try {
              for (;;) yield read(pulled++);
            } finally {
              closed++;
            }
          }
          async function* later(): AsyncGenerator<SpiStep> {
            await Promise.resolve();
            yield* endless();
          }
          let taken = 0;
          for await (const result of bridge.run(when === "at once" ? endless() : later())) {
            expect(result.kind).toBe("transfer");
            taken++;
            // A slow consumer: what is pulled must not run away from what is taken.
            if (taken % 500 === 0) for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
            expect(pulled - taken).toBeLessThan(20_000);
            if (taken === Math.ceil(3000 * share)) break;
          }
          expect(closed).toBe(1);
          await isWell();
        });
      });

      it.each([1, 4, 4096])("a consumer may rest for ten seconds: reads of %d bytes", async (receiveBytes) => {
        await world.run(async () => {
          let pulled = 0;
          function* endless(): Generator<SpiStep> {
            for (;;)
              yield read(pulled++ & 0xffff, Math.min(Math.ceil(receiveBytes * share), bridge.info.maxReceiveBytes));
          }
          const enough = Math.ceil(share * (receiveBytes === 4096 ? 1400 : 9000));
          let taken = 0;
          for await (const result of bridge.run(endless())) {
            if (result.kind !== "transfer" || result.received[0] !== (taken & 255)) throw new Error(`result ${taken}`);
            if (++taken === 1) await world.wait(share * 10_000_000);
            if (taken === 1) expect(pulled).toBeLessThan(20_000);
            if (taken === enough) break;
          }
          expect(taken).toBe(enough);
          await isWell();
        });
      });

      it("that throws: its error comes after the results", async () => {
        await world.run(async () => {
          function* broken(): Generator<SpiStep> {
            yield* reads(20);
            throw new Error("the file ended");
          }
          const seen: StepResult[] = [];
          const job = async (): Promise<void> => {
            for await (const result of bridge.run(broken())) seen.push(result);
          };
          expect(await rejectionOf(job())).toMatchObject({ message: "the file ended" });
          expect(kinds(seen)).toEqual({ transfer: 20 });
          await isWell();
        });
      });

      it("that rejects: its error comes after the results", async () => {
        await world.run(async () => {
          async function* broken(): AsyncGenerator<SpiStep> {
            yield* reads(20);
            await Promise.resolve();
            throw new Error("the file ended");
          }
          expect(await rejectionOf(all(bridge.run(broken())))).toMatchObject({ message: "the file ended" });
          await isWell();
        });
      });

      it("whose consumer stops early: what was handed over is run to its end", async () => {
        await world.run(async () => {
          let pulled = 0;
          function* steps(): Generator<SpiStep> {
            while (pulled < 5000) yield numbered(pulled++);
          }
          for await (const result of bridge.run(steps())) {
            expect(result.kind).toBe("transfer");
            break;
          }
          const run = world.windows().map(([, high = 0, low = 0]) => high * 256 + low);
          expect(run).toEqual(Array.from({ length: run.length }, (_, i) => i));
          expect(pulled - run.length).toBeLessThanOrEqual(1);
          await isWell();
        });
      });
    });

    group("abort", () => {
      it.each(["at once", "later"])("before the run: nothing is begun (steps %s)", async (when) => {
        await world.run(async () => {
          async function* later(): AsyncGenerator<SpiStep> {
            await Promise.resolve();
            for (let i = 0; i < 50; i++) yield numbered(i);
          }
          const steps = Array.from({ length: 50 }, (_, i) => numbered(i));
          const results = await all(bridge.run(when === "at once" ? steps : later(), { signal: AbortSignal.abort() }));
          expect(kinds(results)).toEqual({ "failed aborted": 1, skipped: 49 });
          expect(results[0]?.kind).toBe("failed");
          expect(world.windows()).toEqual([]);
          await isWell();
        });
      });

      it.each([1, 2, 50, 333])("after %d results: one aborted, the rest skipped, in order", async (after) => {
        await world.run(async () => {
          const stop = new AbortController();
          const steps = Array.from({ length: 3000 }, (_, i) => numbered(i));
          const results: StepResult[] = [];
          for await (const result of bridge.run(steps, { signal: stop.signal })) {
            results.push(result);
            if (results.length === after) stop.abort();
          }
          const done = results.findIndex(({ kind }) => kind !== "transfer");
          expect(done).toBeGreaterThanOrEqual(after);
          expect(results[done]).toMatchObject({ kind: "failed", reason: "aborted" });
          expect(kinds(results)).toEqual({ transfer: done, "failed aborted": 1, skipped: 3000 - done - 1 });
          expect(world.windows()).toHaveLength(done);
          await isWell();
        });
      });

      it("during the last step: it ends as it would", async () => {
        await world.run(async () => {
          const stop = new AbortController();
          const steps: SpiStep[] = [RDID, { kind: "delay", durationUs: 300_000 }];
          const results: StepResult[] = [];
          for await (const result of bridge.run(steps, { signal: stop.signal })) {
            results.push(result);
            stop.abort();
          }
          expect(kinds(results)).toEqual({ transfer: 1, delay: 1 });
          await isWell();
        });
      });

      it("leaves no listener behind on a signal that serves many runs", async () => {
        await world.run(async () => {
          const { signal } = new AbortController();
          for (let i = 0; i < 20; i++) await all(bridge.run([RDID], { signal }));
          for await (const result of bridge.run([RDID, RDID], { signal })) {
            expect(result.kind).toBe("transfer");
            break;
          }
          expect(getEventListeners(signal, "abort")).toEqual([]);
        });
      });

      it("after the run changes nothing", async () => {
        await world.run(async () => {
          const stop = new AbortController();
          await all(bridge.run([RDID], { signal: stop.signal }));
          stop.abort();
          await isWell();
          expect(await bridge.setSpiClockHz(1_000_000)).toBeLessThanOrEqual(1_000_000);
        });
      });
    });

    group("one run at a time", () => {
      it("300 runs, one after the other", async () => {
        await world.run(async () => {
          for (let i = 0; i < 300; i++) await isWell();
          expect(world.windows()).toHaveLength(300);
        });
      });

      it("a second one is refused and the first goes on", async () => {
        await world.run(async () => {
          let refused: unknown;
          const results: StepResult[] = [];
          for await (const result of bridge.run(reads(100))) {
            refused ??= await rejectionOf(all(bridge.run([RDID])));
            results.push(result);
          }
          expect(refused).toBeInstanceOf(Error);
          expect(kinds(results)).toEqual({ transfer: 100 });
          await isWell();
        });
      });
    });

    group("the longest steps", () => {
      it("are run", async () => {
        await world.run(async () => {
          const { maxSendBytes, maxReceiveBytes } = bridge.info;
          const send = new Uint8Array(maxSendBytes).map((_, i) => (i * 37 + (i >> 8)) & 255);
          const [sent, received] = await all(
            bridge.run([{ kind: "transfer", send, receiveBytes: 0 }, read(0, maxReceiveBytes)]),
          );
          expect(sent).toEqual({ kind: "transfer", received: new Uint8Array(0) });
          expect(world.windows()[0]).toEqual([...send]);
          const bytes = received?.kind === "transfer" ? received.received : new Uint8Array(0);
          expect(
            Buffer.compare(
              bytes,
              new Uint8Array(maxReceiveBytes).map((_, i) => i & 255),
            ),
          ).toBe(0);
        });
      });

      it("one behind the other: few bytes up, many bytes down", async () => {
        await world.run(async () => {
          const { maxReceiveBytes } = bridge.info;
          const count = Math.ceil(40 * share);
          const steps = Array.from({ length: count }, (_, i) => read(i * 4096, Math.min(maxReceiveBytes, 65_536)));
          expect(kinds(await all(bridge.run(steps)))).toEqual({ transfer: count });
        });
      });

      const poll = (changed: object): SpiStep => ({ ...(GOOD_POLL as SpiStep & { kind: "poll" }), ...changed });
      it.each<[string, (bridge: Bridge) => SpiStep]>([
        ["a send", ({ info }) => ({ kind: "transfer", send: new Uint8Array(info.maxSendBytes + 1), receiveBytes: 0 })],
        ["a receive", ({ info }) => read(0, info.maxReceiveBytes + 1)],
        ["a negative receive", () => read(0, -1)],
        ["half a byte", () => read(0, 1.5)],
        ["the command of a poll", () => poll({ send: new Uint8Array(9) })],
        ["a poll without a command", () => poll({ send: new Uint8Array(0) })],
        ["the pause of a poll", () => poll({ intervalUs: 1_000_001 })],
        ["the time of a poll", () => poll({ timeoutMs: 3_600_001 })],
        ["a mask", () => poll({ mask: 256 })],
        ["a digest", () => ({ kind: "digest", send: Uint8Array.of(3, 0, 0, 0), lengthBytes: 2 ** 32 })],
        ["a digest of nothing", () => ({ kind: "digest", send: Uint8Array.of(3, 0, 0, 0), lengthBytes: 0 })],
        ["the command of a digest", () => ({ kind: "digest", send: new Uint8Array(17), lengthBytes: 1 })],
        ["a delay", () => ({ kind: "delay", durationUs: 60_000_001 })],
      ])("beyond what a bridge takes: %s is refused, after the results before it", async (_, makeStep) => {
        await world.run(async () => {
          for (const later of [false, true]) {
            async function* slow(): AsyncGenerator<SpiStep> {
              yield RDID;
              await Promise.resolve();
              yield makeStep(bridge);
            }
            const seen: StepResult[] = [];
            const job = async (): Promise<void> => {
              for await (const result of bridge.run(later ? slow() : [RDID, makeStep(bridge)])) seen.push(result);
            };
            expect(await rejectionOf(job())).toMatchObject({ code: "EINVAL" });
            expect(kinds(seen)).toEqual({ transfer: 1 });
            await isWell();
          }
        });
      });
    });

    group("the SPI clock", () => {
      it("is set at or below the wish", async () => {
        await world.run(async () => {
          const { spiClockMinHz, spiClockMaxHz } = bridge.info;
          for (const wish of [spiClockMaxHz, 3_000_000, 1_000_000, Math.max(250_000, spiClockMinHz)]) {
            const set = await bridge.setSpiClockHz(wish);
            expect(set).toBeLessThanOrEqual(wish);
            expect(set).toBeGreaterThan(wish / 4);
            await isWell();
          }
        });
      });

      it("is not set during a run", async () => {
        await world.run(async () => {
          let refused: unknown;
          for await (const result of bridge.run(reads(10))) {
            expect(result.kind).toBe("transfer");
            refused ??= await rejectionOf(bridge.setSpiClockHz(1_000_000));
          }
          expect(refused).toBeInstanceOf(Error);
          await isWell();
        });
      });

      it("asked for twice at once: each is answered or refused", async () => {
        await world.run(async () => {
          const [first, second] = await Promise.all([
            bridge.setSpiClockHz(4_000_000),
            rejectionOf(bridge.setSpiClockHz(1_000_000)),
          ]);
          expect(first).toBeLessThanOrEqual(4_000_000);
          expect(second === "resolved" || second instanceof Error).toBe(true);
          await isWell();
        });
      });

      it("can be set after a run that failed or was aborted", async () => {
        await world.run(async () => {
          await all(bridge.run([LOST_POLL, RDID]));
          const set = await bridge.setSpiClockHz(1_000_000);
          expect(set).toBeLessThanOrEqual(1_000_000);
          expect(set).toBeGreaterThan(500_000);
          await all(bridge.run([RDID], { signal: AbortSignal.abort() }));
          expect(await bridge.setSpiClockHz(2_000_000)).toBeLessThanOrEqual(2_000_000);
          await isWell();
        });
      });
    });

    group("close", () => {
      it("twice is as good as once, and all that comes later is refused", async () => {
        await world.run(async () => {
          await Promise.all([bridge.close(), bridge.close()]);
          await bridge.close();
          expect(await rejectionOf(all(bridge.run([RDID])))).toMatchObject({ code: "ESHUTDOWN" });
          expect(await rejectionOf(bridge.setSpiClockHz(1_000_000))).toMatchObject({ code: "ESHUTDOWN" });
        });
      });

      it("during a run ends it with an error, after the results so far", async () => {
        await world.run(async () => {
          const results: StepResult[] = [];
          const job = async (): Promise<void> => {
            for await (const result of bridge.run(reads(5000))) {
              results.push(result);
              if (results.length === 20) void bridge.close();
            }
          };
          expect(await rejectionOf(job())).toMatchObject({ code: "ESHUTDOWN" });
          expect(results.length).toBeGreaterThanOrEqual(20);
          expect(Object.keys(kinds(results))).toEqual(["transfer"]);
          await bridge.close();
        });
      });

      it("while the stream of steps waits for ever", async () => {
        await world.run(async () => {
          async function* waiting(): AsyncGenerator<SpiStep> {
            yield RDID;
            await new Promise(() => undefined);
          }
          const job = async (): Promise<void> => {
            for await (const result of bridge.run(waiting())) {
              expect(result.kind).toBe("transfer");
              void bridge.close();
            }
          };
          expect(await rejectionOf(job())).toMatchObject({ code: "ESHUTDOWN" });
        });
      });

      it("while a run is opened but no result was requested", async () => {
        await world.run(async () => {
          const run = bridge.run([RDID]);
          await bridge.close();
          expect(await rejectionOf(all(run))).toMatchObject({ code: "ESHUTDOWN" });
        });
      });
    });

    it("counts what went over the line", async () => {
      await world.run(async () => {
        const before = bridge.statistics;
        await all(bridge.run(reads(100)));
        const after = bridge.statistics;
        expect(after.bytesSent).toBeGreaterThan(before.bytesSent + 100);
        expect(after.bytesReceived).toBeGreaterThan(before.bytesReceived + 100);
        expect(after.roundTrips).toBeGreaterThanOrEqual(before.roundTrips + 1);
        expect(after.framesDamaged).toBe(0);
      });
    });
    if (asked.size > 0) throw new Error(`no such groups: ${[...asked].join(", ")}`);
  });
}
