/** Steps that repeat are sent as a slot of the bridge. A wrong slot would run the wrong command on the chip. */
import { describe, expect, it } from "vitest";
import { readRecord } from "../../../firmware-protocol/record.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import { StepEncoder } from "../../../src/bridge/native/step-encoder.ts";

const LIMITS = { maxSendBytes: 4096, maxReceiveBytes: 65_536 };

function command(...send: number[]): SpiStep {
  return { kind: "transfer", send: Uint8Array.from(send), receiveBytes: 0 };
}

/** What a bridge makes of the records: it keeps and uses slots as PROTOCOL.md section 5 says. */
class Slots {
  readonly kept = new Map<number, SpiStep>();

  run(record: Uint8Array): SpiStep {
    const reading = readRecord(record, 0, LIMITS);
    if (typeof reading === "string") throw new Error(reading);
    expect(reading.end).toBe(record.length);
    const { meaning } = reading;
    if (meaning.kind === "use") return this.kept.get(meaning.slot)!;
    if (meaning.kind !== "step") throw new Error(meaning.kind);
    if (reading.defineSlot !== undefined) this.kept.set(reading.defineSlot, meaning.step);
    return meaning.step;
  }
}

describe("a step that comes again", () => {
  it("is plain, then kept, then one byte", () => {
    const encoder = new StepEncoder(4, 16);
    const records = [1, 2, 3, 4].map(() => [...encoder.encode(command(6))]);
    expect(records).toEqual([[0x01, 1, 0, 6], [0x10, 0x01, 1, 0, 6], [0x18], [0x18]]);
  });

  it("is known by what it says, not by which object says it", () => {
    const encoder = new StepEncoder(4, 16);
    const step = command(6);
    encoder.encode(step);
    encoder.encode(command(6));
    expect([...encoder.encode(step)]).toEqual([0x18]);
    expect([...encoder.encode(command(6))]).toEqual([0x18]);
  });

  it("takes the slot that was not used for longest", () => {
    const encoder = new StepEncoder(2, 16);
    const say = (...opcodes: number[]): number[][] => opcodes.map((opcode) => [...encoder.encode(command(opcode))]);
    say(1, 1, 2, 2, 1);
    expect(say(3, 3)[1]?.[0]).toBe(0x11);
    expect(say(1, 3, 2)).toEqual([[0x18], [0x19], [0x10, 0x01, 1, 0, 2]]);
  });

  it.each([
    ["the bridge has no slots", 0, 16, command(6)],
    ["it is longer than a slot", 4, 3, command(6)],
    ["its bytes are run-length coded", 4, 64, command(...new Array<number>(20).fill(0xff))],
    ["it is a digest", 4, 64, { kind: "digest", send: Uint8Array.of(3, 0, 0, 0), lengthBytes: 5 }],
  ] as const)("stays plain when %s", (_, slots, slotBytes, step) => {
    const encoder = new StepEncoder(slots, slotBytes);
    const first = encoder.encode(step);
    for (let i = 0; i < 4; i++) expect(encoder.encode(step)).toEqual(first);
  });
});

it.each([0, 1, 2, 4, 8])("a bridge with %d slots runs what was meant, whatever the order", (slotCount) => {
  const encoder = new StepEncoder(slotCount, 12);
  const slots = new Slots();
  const steps: SpiStep[] = [
    ...Array.from({ length: 12 }, (_, i) => command(i)),
    { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 0, timeoutMs: 15 },
    { kind: "poll", send: Uint8Array.of(5), mask: 1, value: 0, intervalUs: 1_000_000, timeoutMs: 3_600_000 },
    { kind: "delay", durationUs: 60_000_000 },
    { kind: "digest", send: Uint8Array.of(3, 0, 0, 0), lengthBytes: 2 ** 32 - 1 },
    command(...Array.from({ length: 260 }, (_, i) => i & 255)),
    command(...new Array<number>(260).fill(0xff)),
    command(),
  ];
  let state = slotCount + 1;
  for (let i = 0; i < 3000; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const step = steps[Math.floor((state / 2 ** 32) ** 2 * steps.length)]!;
    expect(slots.run(encoder.encode(step)), `step ${i}`).toEqual(step);
  }
  expect(Math.max(-1, ...slots.kept.keys())).toBeLessThan(slotCount);
});
