/** Into step with whatever is there, in bounded time, and never with a 00: see what a page program would make of it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SyncAnswer, Synchroniser } from "../../../src/bridge/serprog/synchroniser.ts";
import { effort } from "../../support/effort.ts";

const OPTIONS = { limitUs: 3_000_000, pads: true, usPerByte: 5, drainsFirst: true };

/** Drives a synchroniser against something that answers each byte; returns how it ended and all that was sent. */
function drive(
  answer: (byte: number, nowUs: number) => readonly number[],
  noise: (nowUs: number) => readonly number[] = () => [],
): { end: SyncAnswer; sent: number[]; nowUs: number } {
  let nowUs = 0;
  const sync = new Synchroniser(OPTIONS, nowUs);
  const sent: number[] = [];
  const waiting: number[][] = [];
  for (;;) {
    nowUs += 1000;
    const heard = [...noise(nowUs), ...(waiting.shift() ?? [])];
    const next = heard.length > 0 ? sync.onBytes(Uint8Array.from(heard), nowUs) : sync.tick(nowUs);
    if (next.kind === "send") {
      sent.push(...next.bytes);
      waiting.push([...next.bytes].flatMap((byte) => [...answer(byte, nowUs)]));
    }
    if (next.kind === "synced" || next.kind === "fail") return { end: next, sent, nowUs };
    if (nowUs > 10_000_000) throw new Error("it takes for ever");
  }
}

const idle = (byte: number): readonly number[] => (byte === 0x10 ? [0x15, 0x06] : [0x15]);

describe("a bridge", () => {
  it("that waits for a command is in step within two turns", () => {
    const { end, sent, nowUs } = drive(idle);
    expect(end.kind).toBe("synced");
    expect(sent).toEqual([0x10, 0x10]);
    expect(nowUs).toBeLessThan(50_000);
  });

  it.each([1, 6, 60, 256, 1013, 4096])("that waits for %d bytes of an operation gets FF and never 00", (missing) => {
    let left = missing;
    const toChip: number[] = [];
    const { end, sent } = drive((byte) => {
      if (left === 0) return idle(byte);
      left--;
      toChip.push(byte);
      return left === 0 ? [0x06] : [];
    });
    expect(end.kind).toBe("synced");
    expect(sent).not.toContain(0);
    // The probes are the only other bytes that the chip may see.
    expect(toChip.filter((byte) => byte !== 0xff && byte !== 0x10)).toEqual([]);
  });

  it("that is deaf for two seconds is waited for", () => {
    const { end, nowUs } = drive((byte, now) => (now < 2_000_000 ? [] : idle(byte)));
    expect(end.kind).toBe("synced");
    expect(nowUs).toBeGreaterThan(2_000_000);
  });

  it("that has still much to say is listened to first", () => {
    const { end, sent } = drive(idle, (now) => (now < 500_000 ? [0x41, 0x42] : []));
    expect(end.kind).toBe("synced");
    expect(sent.length).toBeLessThan(4);
  });

  it("that never stops is given up, and said so", () => {
    const { end, nowUs } = drive(idle, () => [0x41, 0x42, 0x43]);
    expect(end).toMatchObject({ kind: "fail", failure: { code: "BRIDGE_PROTOCOL" } });
    expect(JSON.stringify(end)).toContain("does not stop sending");
    expect(nowUs).toBeLessThanOrEqual(3_001_000);
  });

  it("that says nothing is given up", () => {
    const { end, nowUs } = drive(() => []);
    expect(end).toMatchObject({ kind: "fail", failure: { code: "BRIDGE_SILENT" } });
    expect(nowUs).toBeLessThanOrEqual(3_001_000);
  });

  it("an echo is told from a bridge", () => {
    const { end } = drive((byte) => [byte]);
    expect(JSON.stringify(end)).toContain("only echoes");
  });
});

it("whatever answers, it ends in time and sends nothing but SYNCNOP and FF", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(255), { maxLength: 6 }), { minLength: 1, maxLength: 40 }), (answers) => {
      let turn = 0;
      const { sent, nowUs } = drive(() => answers[turn++ % answers.length] ?? []);
      expect(sent.every((byte) => byte === 0x10 || byte === 0xff)).toBe(true);
      expect(nowUs).toBeLessThanOrEqual(3_001_000);
    }),
    { numRuns: effort(40, 200) },
  );
});
