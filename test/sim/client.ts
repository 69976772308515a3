/** What the tests of simulated ports do with a bridge: identify, write and read back, over any duplex. */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Bridge } from "../../src/bridge/bridge.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import type { Clock } from "../../src/clock.ts";
import type { ByteDuplex } from "../../src/transport/byte-duplex.ts";

/** 32 random bits at a call, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
}

/** Opens with random numbers from a seed, so that a run can be repeated. */
export function open(duplex: ByteDuplex, clock: Clock, seed = 1): Promise<Bridge> {
  return openBridge(duplex, { clock, protocol: "native", random: randomFrom(seed) });
}

export async function resultsOf(bridge: Bridge, steps: Iterable<SpiStep>): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for await (const result of bridge.run(steps)) results.push(result);
  return results;
}

export async function readId(bridge: Bridge): Promise<number[]> {
  const [id] = await resultsOf(bridge, [{ kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 }]);
  return id?.kind === "transfer" ? [...id.received] : [];
}

/** Reads in pieces of 4 KiB. */
export async function readRange(bridge: Bridge, lengthBytes: number): Promise<Uint8Array> {
  const steps = Array.from({ length: lengthBytes / 4096 }, (_, i): SpiStep => {
    return { kind: "transfer", send: Uint8Array.of(3, i >> 4, (i << 4) & 255, 0), receiveBytes: 4096 };
  });
  const results = await resultsOf(bridge, steps);
  return Uint8Array.from(results.flatMap((result) => (result.kind === "transfer" ? [...result.received] : [])));
}

/** Write enable, page program, poll, for pages of 256 bytes. */
export function* programSteps(image: Uint8Array): Generator<SpiStep> {
  for (let at = 0; at < image.length; at += 256) {
    yield { kind: "transfer", send: Uint8Array.of(6), receiveBytes: 0 };
    const send = Uint8Array.of(2, at >> 16, (at >> 8) & 255, 0, ...image.subarray(at, at + 256));
    yield { kind: "transfer", send, receiveBytes: 0 };
    yield { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 0, timeoutMs: 30 };
  }
}

/** Bytes that no coding makes shorter. */
export function noise(lengthBytes: number): Uint8Array {
  let state = 12_345;
  return new Uint8Array(lengthBytes).map(() => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
}
