/** Two protocols on one port, and sleep: the core with a script in place of a host. */
import { beforeEach, describe, expect, it } from "vitest";
import { encodeFrame, type Frame, FRAME_TYPE } from "../../firmware-protocol/frame.ts";
import { FrameDecoder } from "../../firmware-protocol/frame-decoder.ts";
import { encodeHello } from "../../firmware-protocol/hello.ts";
import { encodeStep } from "../../firmware-protocol/record.ts";
import { DiaryChip } from "../sim/bridge/bench.ts";
import { randomFrom } from "../sim/client.ts";
import { AVR_HZ, AvrBoard } from "./support/avr-board.ts";
import { diaryWire } from "./support/diary-wire.ts";
import { WasmProcessor } from "./support/wasm-core.ts";

const MS = 1_000_000;
const NOP = 0x00;
const SYNC = 0x10;
const READ_ID = [0x13, 1, 0, 0, 3, 0, 0, 0x9f];
const ID = [0x06, 0x1f, 0x84, 0x01];
const { bytes: HELLO, hello } = encodeHello(randomFrom(5));

let chip: DiaryChip;
let core: WasmProcessor;

beforeEach(() => {
  chip = new DiaryChip();
  core = new WasmProcessor(chip, "small", 0);
});

/** Bytes in, some time, and what came out. */
function say(bytes: Iterable<number>, waitMs = 5): number[] {
  core.receive(Uint8Array.from(bytes));
  const untilNs = core.nowNs + waitMs * MS;
  const out: number[] = [];
  while (core.nowNs < untilNs) {
    core.runUntil(core.nowNs + MS / 10);
    out.push(...core.takeOutput());
  }
  return out;
}

function framesOf(bytes: readonly number[]): Frame[] {
  return new FrameDecoder(92).push(Uint8Array.from(bytes));
}

const frame = (type: number, payload: Uint8Array = new Uint8Array(0), offset = 0): Uint8Array =>
  encodeFrame({ type, session: hello.session, offset, ack: 0, payload });

describe("outside of a session", () => {
  it("serprog is answered", () => {
    expect(say([SYNC])).toEqual([0x15, 0x06]);
    expect(say([NOP, NOP])).toEqual([0x06, 0x06]);
    expect(say(READ_ID)).toEqual(ID);
    expect(say([0x01, 0x05, 0x7f])).toEqual([0x06, 1, 0, 0x06, 8, 0x15]);
    expect(String.fromCharCode(...say([0x03]).slice(1, 10))).toBe("norbridge");
  });

  it("serprog right behind BYE waits for the last word of the session", () => {
    say(HELLO);
    const out = say([...frame(FRAME_TYPE.bye), SYNC]);
    expect(framesOf(out).map(({ type }) => type)).toEqual([FRAME_TYPE.byeDone]);
    expect(out.slice(-2)).toEqual([0x15, 0x06]);
  });

  it("HELLO is answered, also right behind a SYNCNOP", () => {
    const out = say([SYNC, ...HELLO]);
    expect(framesOf(out).map(({ type }) => type)).toEqual([FRAME_TYPE.welcome]);
  });

  it("D5 in the data of an operation is data", () => {
    expect(say([0x13, 4, 0, 0, 2, 0, 0, 0x03, 0, 0, 0xd5])).toEqual([0x06, 0xd5, 0xd6]);
  });

  it("an operation touches the chip only when all of it is there; half of one is forgotten after two seconds", () => {
    expect(say([0x13, 4, 1, 0, 0, 0, 0, 0x02, 0, 0, 0, 1, 2, 3], 1900)).toEqual([]);
    expect(chip.windows).toEqual([]);
    expect(say([], 300)).toEqual([0x15]);
    expect(say(READ_ID)).toEqual(ID);
  });

  it("an operation that is too long is refused, and its data are no commands", () => {
    const out = say([0x13, 0x40, 1, 0, 0, 0, 0, ...new Array<number>(320).fill(SYNC)]);
    expect(out).toEqual([0x15]);
    expect(chip.windows).toEqual([]);
  });

  it("nothing is done while the pins are released", () => {
    expect(say([0x15, 0])).toEqual([0x06]);
    expect(say(READ_ID)).toEqual([0x15]);
    expect(say([0x15, 1, ...READ_ID])).toEqual([0x06, ...ID]);
  });

  it("delays add up and pass", () => {
    const started = core.nowNs;
    expect(say([0x0e, 0x10, 0x27, 0, 0, 0x0e, 0x10, 0x27, 0, 0, 0x0f], 15)).toEqual([0x06, 0x06]);
    expect(say([], 6)).toEqual([0x06]);
    expect(core.nowNs - started).toBeGreaterThan(20 * MS);
  });
});

describe("in a session that its host has left", () => {
  beforeEach(() => {
    expect(framesOf(say(HELLO)).map(({ type }) => type)).toEqual([FRAME_TYPE.welcome]);
  });

  it("a lone SYNCNOP is a serprog host that wants in: the session ends", () => {
    expect(say([SYNC], 40)).toEqual([0x15, 0x06]);
    expect(say(READ_ID)).toEqual(ID);
    expect(framesOf(say(frame(FRAME_TYPE.ping))).map(({ type }) => type)).toEqual([FRAME_TYPE.noSession]);
  });

  it("so are the NOPs that flashrom begins with", () => {
    say(new Array<number>(8).fill(NOP), 1000);
    expect(say([SYNC], 40)).toEqual([0x15, 0x06]);
  });

  it("anything else between frames is noise, whatever it looks like", () => {
    expect(say([...READ_ID, SYNC], 40)).toEqual([]);
    expect(say([SYNC, 0xff], 40)).toEqual([]);
    expect(chip.windows).toEqual([]);
    expect(framesOf(say(frame(FRAME_TYPE.ping))).map(({ type }) => type)).toEqual([FRAME_TYPE.pong]);
  });

  it("not while there is something to do", () => {
    const delay = encodeStep({ kind: "delay", durationUs: 500_000 });
    say(frame(FRAME_TYPE.data, Uint8Array.of(0, 1, ...delay)), 50);
    expect(framesOf(say([SYNC], 60)).every(({ type }) => type === FRAME_TYPE.status)).toBe(true);
    expect(framesOf(say(frame(FRAME_TYPE.ping))).some(({ type }) => type === FRAME_TYPE.pong)).toBe(true);
  });

  it("three seconds of silence with steps to do end it, with chip select high", () => {
    const read = encodeStep({ kind: "transfer", send: Uint8Array.of(3, 0, 0, 0), receiveBytes: 60_000 });
    say(frame(FRAME_TYPE.data, Uint8Array.of(0, 1, ...read)), 2900);
    // The results are not taken, so it stands in the middle of the read.
    expect(chip.isSelected).toBe(true);
    say([], 300);
    expect(chip.isSelected).toBe(false);
    expect(framesOf(say(frame(FRAME_TYPE.ping))).at(-1)?.type).toBe(FRAME_TYPE.noSession);
  });
});

describe("the ATmega328P", () => {
  it("sleeps while the line is silent, before a session and in one", () => {
    const board = new AvrBoard(diaryWire(new DiaryChip()));
    const sleepsFrom = (): number => {
      const { cycles, sleptCycles } = board;
      board.runUntil(board.nowNs + 1000 * MS);
      return (board.sleptCycles - sleptCycles) / (board.cycles - cycles);
    };
    board.runUntil(100 * MS);
    expect(sleepsFrom()).toBeGreaterThan(0.98);
    board.receive(HELLO);
    board.runUntil(board.nowNs + 50 * MS);
    expect(framesOf([...board.takeOutput()]).map(({ type }) => type)).toEqual([FRAME_TYPE.welcome]);
    expect(sleepsFrom()).toBeGreaterThan(0.98);
    expect(board.cycles).toBeGreaterThan(AVR_HZ);
  });
});
