/** How the host moves a bridge to a faster line rate: each rate is proven by a pattern, or the old one comes back. */
import { describe, expect, it } from "vitest";
import { FRAME_TYPE, type Frame } from "../../../firmware-protocol/frame.ts";
import { type BaudAction, BaudClimb } from "../../../src/bridge/native/baud-climb.ts";

const { baud, baudReady, ping, pong } = FRAME_TYPE;
const PATTERN = [0x00, 0xff, 0x55, 0xaa, 0xd5, 0x2a, 0x80, 0x7f];
const PROOF = Uint8Array.from([...PATTERN, ...PATTERN, ...PATTERN, ...PATTERN]);

function frame(type: number, offset: number, payload: Uint8Array): Frame {
  return { type, session: 0x21, offset, ack: 0, payload };
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** The wish in the only answer there is. */
function wish(answers: readonly BaudAction[]): { rate: number; tag: number } {
  expect(answers).toHaveLength(1);
  const [answer] = answers;
  if (answer?.kind !== "send") throw new Error(`${answer?.kind ?? "nothing"} instead of a wish`);
  expect(answer.type).toBe(baud);
  return { rate: new DataView(answer.payload.slice().buffer).getUint32(0, true), tag: answer.tag };
}

const DONE = [{ kind: "done" }];

describe("climbing", () => {
  it("asks for the fastest rate, switches and proves it with the pattern", () => {
    const climb = new BaudClimb(115_200, 2_000_000);
    const { rate, tag } = wish(climb.tick(0));
    expect(rate).toBe(2_000_000);
    expect(climb.untilUs).toBe(100_000);
    expect(climb.onFrame(frame(baudReady, tag, u32(2_000_000)), 500)).toEqual([
      { kind: "switch", baudRate: 2_000_000 },
    ]);
    const proofs = climb.switched(true, 1000);
    expect(proofs).toMatchObject([{ kind: "send", type: ping, payload: PROOF }]);
    expect(climb.untilUs).toBe(11_000);
    expect(climb.tick(11_000)).toMatchObject([{ kind: "send", type: ping }]);
    expect(climb.onFrame(frame(pong, 2, PROOF), 12_000)).toEqual(DONE);
    expect(climb.untilUs).toBe(Number.POSITIVE_INFINITY);
  });

  it("asks for no rate above the bridge's, and for none when there is no faster one", () => {
    expect(wish(new BaudClimb(115_200, 1_500_000).tick(0)).rate).toBe(1_000_000);
    expect(new BaudClimb(2_000_000, 2_000_000).tick(0)).toEqual(DONE);
  });

  it("stays when the bridge refuses every rate", () => {
    const climb = new BaudClimb(115_200, 500_000);
    let answers = climb.tick(0);
    for (const expected of [500_000, 460_800, 250_000, 230_400]) {
      const { rate, tag } = wish(answers);
      expect(rate).toBe(expected);
      answers = climb.onFrame(frame(baudReady, tag, u32(0)), 1);
    }
    expect(answers).toEqual(DONE);
  });

  it("waits until a bridge that offered another rate is back, and asks for the next", () => {
    // Firmware 1.1.0 on an ATmega328P: 921,600 becomes 666,666.
    const climb = new BaudClimb(115_200, 1_000_000);
    const first = wish(climb.tick(0));
    climb.onFrame(frame(baudReady, first.tag, u32(1_000_000)), 0);
    expect(climb.switched(false, 0)).toEqual([{ kind: "switch", baudRate: 115_200 }]);
    climb.switched(true, 0);
    const second = wish(climb.tick(climb.untilUs));
    expect(second.rate).toBe(921_600);
    expect(climb.onFrame(frame(baudReady, second.tag, u32(666_666)), 200_000)).toEqual([]);
    expect(climb.untilUs).toBeGreaterThan(200_000 + 250_000);
    expect(wish(climb.tick(climb.untilUs)).rate).toBe(500_000);
  });

  it("stays when the bridge does not answer five times", () => {
    const climb = new BaudClimb(115_200, 2_000_000);
    for (let i = 0; i < 5; i++) wish(climb.tick(climb.untilUs));
    expect(climb.tick(climb.untilUs)).toEqual(DONE);
  });

  it("does not take the answer to an earlier wish", () => {
    const climb = new BaudClimb(115_200, 2_000_000);
    const { tag } = wish(climb.tick(0));
    wish(climb.tick(100_000));
    expect(climb.onFrame(frame(baudReady, tag, u32(2_000_000)), 100_001)).toEqual([]);
  });

  it("falls back, rests and tries the next rate when the pattern does not come back", () => {
    const climb = new BaudClimb(115_200, 2_000_000);
    const { tag } = wish(climb.tick(0));
    climb.onFrame(frame(baudReady, tag, u32(2_000_000)), 0);
    climb.switched(true, 0);
    const bent = PROOF.slice();
    bent[3] = 0xab;
    expect(climb.onFrame(frame(pong, 2, bent), 10)).toEqual([]);
    for (let now = 10_000; now < 200_000; now += 10_000) expect(climb.tick(now)).toHaveLength(1);
    expect(climb.tick(200_000)).toEqual([{ kind: "switch", baudRate: 115_200 }]);
    expect(climb.switched(true, 201_000)).toEqual([]);
    expect(climb.untilUs).toBe(301_000);
    expect(wish(climb.tick(301_000)).rate).toBe(1_000_000);
  });

  it("goes back at once when the port cannot do the rate, and gives up after four rates", () => {
    const climb = new BaudClimb(115_200, 3_000_000);
    let nowUs = 0;
    for (const expected of [3_000_000, 2_000_000, 1_000_000, 921_600]) {
      const { rate, tag } = wish(climb.tick(nowUs));
      expect(rate).toBe(expected);
      climb.onFrame(frame(baudReady, tag, u32(rate)), nowUs);
      expect(climb.switched(false, nowUs)).toEqual([{ kind: "switch", baudRate: 115_200 }]);
      climb.switched(true, nowUs);
      nowUs = climb.untilUs;
    }
    expect(climb.tick(nowUs)).toEqual(DONE);
  });

  it("does not wait for ever for a port that never says whether it switched", () => {
    const climb = new BaudClimb(115_200, 2_000_000);
    const { tag } = wish(climb.tick(0));
    climb.onFrame(frame(baudReady, tag, u32(2_000_000)), 700);
    expect(climb.untilUs).toBeLessThanOrEqual(10_000_000);
    expect(climb.tick(climb.untilUs)).toEqual([{ kind: "stuck" }]);
  });
});
