/** The simulated native bridge against PROTOCOL.md: sessions, steps, polls, lost pieces, timing and line rates. */
import { describe, expect, it } from "vitest";
import { FRAME_TYPE, readU32 } from "../../../firmware-protocol/frame.ts";
import { decodeWelcome } from "../../../firmware-protocol/hello.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import { Bench, MS, pollStep, RDID, readStep, stream, US, WREN } from "./bench.ts";

const { data, status, noSession } = FRAME_TYPE;
const u32 = (value: number): Uint8Array => Uint8Array.from([0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff));
const PAGE = { kind: "transfer", send: new Uint8Array(260).map((_, i) => i & 255), receiveBytes: 0 } as const;

describe("beginning", () => {
  it("answers HELLO with what the board is", () => {
    const bench = new Bench();
    bench.receive(bench.hello());
    const [welcome] = bench.of(FRAME_TYPE.welcome);
    expect(welcome).toMatchObject({ session: bench.session, offset: 0, ack: 0 });
    expect(decodeWelcome(welcome!.payload)).toMatchObject({
      version: 1,
      bootNumber: 1,
      stepBufferBytes: 800,
      resultBufferBytes: 512,
      maxFrameUnits: 68,
      maxSendBytes: 272,
      spiClockMaxHz: 8_000_000,
      features: 0b1_0011_0110,
      slotCount: 4,
      slotBytes: 16,
      boardName: "norbridge-sim small",
    });
  });

  it("only answers again when the same HELLO comes once more before any DATA", () => {
    const bench = new Bench();
    const hello = bench.hello();
    bench.receive(hello);
    bench.receive(hello);
    expect(bench.of(FRAME_TYPE.welcome)).toHaveLength(2);
    bench.push(stream(1, RDID));
    bench.wait(5 * MS);
    bench.receive(hello);
    bench.data(0, stream(1, RDID));
    bench.wait(5 * MS);
    // After DATA the same HELLO starts again, so the same offsets are run again.
    expect(bench.chip.windows).toHaveLength(2);
  });

  it.each([
    ["DATA", data],
    ["PING", FRAME_TYPE.ping],
    ["a type of later", 0x2e],
  ])("answers %s without a session with NO SESSION and the boot number", (_, type) => {
    const bench = new Bench({ bootNumber: 0x01020304 });
    bench.session = 0x44;
    bench.send(type, { offset: 513, payload: Uint8Array.of(1) });
    expect(bench.frames).toMatchObject([{ type: noSession, session: 0, offset: 513 }]);
    expect(readU32(bench.frames[0]!.payload, 0)).toBe(0x01020304);
  });

  it("answers BYE without a session", () => {
    const bench = new Bench();
    bench.session = 0x44;
    bench.send(FRAME_TYPE.bye, { offset: 9 });
    expect(bench.frames).toMatchObject([{ type: FRAME_TYPE.byeDone, session: 0x44, offset: 9 }]);
  });

  it("answers what it does not know, and pings, with the tag", () => {
    const bench = new Bench().open();
    bench.send(0x2e, { offset: 77 });
    bench.send(FRAME_TYPE.ping, { offset: 78, payload: Uint8Array.of(1, 2, 3) });
    bench.send(FRAME_TYPE.welcome);
    expect(bench.frames).toMatchObject([
      { type: FRAME_TYPE.unknownType, offset: 77, payload: Uint8Array.of(0x2e) },
      { type: FRAME_TYPE.pong, offset: 78, payload: Uint8Array.of(1, 2, 3) },
    ]);
  });

  it("does nothing for a frame of another session but say so", () => {
    const bench = new Bench().open();
    bench.session ^= 1;
    bench.push(stream(1, RDID));
    bench.wait(5 * MS);
    expect(bench.frames.map(({ type }) => type)).toEqual([noSession]);
    expect(bench.chip.windows).toEqual([]);
  });
});

describe("steps", () => {
  it("spends the time of the bytes on SPI and no more", () => {
    const bench = new Bench({ stepOverheadNs: 5 * US }).open();
    bench.push(stream(1, WREN, PAGE, RDID));
    bench.wait(5 * MS);
    // BEGIN takes 5 us, then every step 5 us and 1 us a byte at 8 MHz.
    expect(bench.chip.windows.map(({ startNs, endNs }) => [startNs / US, endNs / US])).toEqual([
      [10, 11],
      [16, 276],
      [281, 285],
    ]);
    const [, , id] = bench.readWith([
      { kind: "transfer", receiveBytes: 0 },
      { kind: "transfer", receiveBytes: 0 },
      { kind: "transfer", receiveBytes: 3 },
    ]);
    expect(id).toEqual({ kind: "transfer", received: Uint8Array.of(0x1f, 0x84, 1) });
  });

  it("runs no record before all of it is there", () => {
    const bench = new Bench().open();
    const bytes = stream(1, PAGE);
    bench.push(bytes.subarray(0, 200));
    bench.wait(1000 * MS);
    expect(bench.chip.windows).toEqual([]);
    bench.push(bytes.subarray(200));
    bench.wait(1 * MS);
    expect(bench.chip.windows).toMatchObject([{ sent: [...PAGE.send] }]);
  });

  it("sums a digest over all pieces", () => {
    const bench = new Bench().open();
    bench.push(stream(1, { kind: "digest", send: Uint8Array.of(3, 0, 0, 0), lengthBytes: 10_000 }));
    bench.wait(20 * MS);
    const bytes = new Uint8Array(10_000).map((_, i) => i & 255);
    expect(bench.read("digest")).toEqual([{ kind: "digest", check: blockCheck(bytes) }]);
    expect(bench.chip.windows).toHaveLength(1);
  });

  it("keeps steps in slots and runs them again", () => {
    const bench = new Bench().open();
    bench.push(stream(1, Uint8Array.of(0x10, 1, 1, 0, 6), Uint8Array.of(0x18), Uint8Array.of(0x18)));
    bench.wait(5 * MS);
    expect(bench.chip.windows.map(({ sent }) => sent)).toEqual([[6], [6], [6]]);
  });

  it("waits with chip select high", () => {
    const bench = new Bench().open();
    bench.push(stream(1, { kind: "delay", durationUs: 3000 }, WREN));
    bench.wait(10 * MS);
    expect(bench.chip.windows[0]!.startNs).toBe(5 * US + 5 * US + 3 * MS + 5 * US);
    expect(bench.read("delay", "transfer")).toEqual([
      { kind: "delay" },
      { kind: "transfer", received: new Uint8Array() },
    ]);
  });

  it.each([
    ["8 MHz or faster is 8 MHz", 30_000_000, 8_000_000],
    ["7 MHz is 4 MHz", 7_000_000, 4_000_000],
    ["nothing slower than the slowest", 1000, 62_500],
  ])("sets the SPI clock: %s", (_, wish, set) => {
    const bench = new Bench().open();
    bench.push(stream(1, Uint8Array.of(6, ...u32(wish)), WREN));
    bench.wait(5 * MS);
    expect(bench.read("spi-clock")).toEqual([{ kind: "spi-clock", clockHz: set }]);
    const [window] = bench.chip.windows;
    expect(window!.endNs - window!.startNs).toBe(Math.round(8e9 / set));
  });

  it("sets pins it has, and none if one is missing", () => {
    const bench = new Bench().open();
    bench.push(stream(1, Uint8Array.of(7, 0b110, 0b100), Uint8Array.of(7, 0b001, 0)));
    bench.wait(5 * MS);
    expect(bench.chip.pins).toEqual({ wp: false, hold: true });
    expect(bench.read("setting", "setting")).toEqual([
      { kind: "setting" },
      { kind: "failed", reason: "not-supported", status: 0 },
    ]);
  });
});

describe("polls", () => {
  it("ends with the byte that matched", () => {
    const bench = new Bench().open();
    bench.chip.busyUntilNs = 1 * MS;
    bench.push(stream(1, pollStep(15)));
    bench.wait(10 * MS);
    expect(bench.read("poll")).toEqual([{ kind: "poll", status: 0 }]);
    const last = bench.chip.windows.at(-1)!;
    expect(last.endNs).toBeGreaterThan(1 * MS);
    expect(last.endNs).toBeLessThan(1 * MS + 20 * US);
  });

  it.each([0, 3, 100, 999, 5000])("leaves out windows without changing when it ends: interval %i us", (intervalUs) => {
    const ends = [true, false].map((pollsEveryWindow) => {
      const bench = new Bench({ pollsEveryWindow }).open();
      bench.chip.busyUntilNs = 7_654_321;
      bench.push(stream(1, pollStep(100, intervalUs)));
      bench.wait(50 * MS);
      const last = bench.chip.windows.at(-1)!;
      return { startNs: last.startNs, windows: bench.chip.windows.length, results: [...bench.results] };
    });
    expect(ends[1]).toMatchObject({ startNs: ends[0]!.startNs, results: ends[0]!.results });
    expect(ends[1]!.windows).toBeLessThanOrEqual(3);
  });

  it.each([
    [10, 0, 10],
    [10, 4000, 10],
    [10, 1_000_000, 10],
  ])("fails after %i ms, pausing %i us", (timeoutMs, intervalUs, expectedMs) => {
    const bench = new Bench().open();
    bench.chip.busyUntilNs = Number.POSITIVE_INFINITY;
    bench.push(stream(1, pollStep(timeoutMs, intervalUs), RDID));
    bench.wait(100 * MS);
    expect(bench.read("poll", "transfer")).toEqual([
      { kind: "failed", reason: "timeout", status: 1 },
      { kind: "skipped" },
    ]);
    const { startNs } = bench.chip.windows[0]!;
    expect(bench.chip.windows.at(-1)!.endNs - startNs).toBeGreaterThanOrEqual(expectedMs * MS);
    expect(bench.chip.windows.at(-1)!.endNs - startNs).toBeLessThan((expectedMs + 0.1) * MS);
  });
});

describe("failures", () => {
  it("skips the rest of the run, and BEGIN forgets", () => {
    const bench = new Bench().open();
    bench.push(stream(1, Uint8Array.of(0x85, 2, 9, 9), WREN, Uint8Array.of(0x11, 5, 0), Uint8Array.of(0x19)));
    bench.push(stream(2, Uint8Array.of(0x19), RDID));
    bench.wait(10 * MS);
    expect(bench.read("setting", "transfer", "delay", "delay", "delay")).toEqual([
      { kind: "failed", reason: "not-supported", status: 0 },
      { kind: "skipped" },
      { kind: "skipped" },
      { kind: "skipped" },
      { kind: "delay" },
    ]);
    expect(bench.chip.windows.map(({ sent }) => sent)).toEqual([[0x9f]]);
  });

  it.each([
    ["a code that is none", Uint8Array.of(0x0a)],
    ["the digest by CRC-32 of firmware 1.0", Uint8Array.of(0x04, 1, 3, 1)],
    ["a slot beyond the last", Uint8Array.of(0x14, 5, 0)],
    ["a record too long for a slot", Uint8Array.of(0x10, 1, 20, 0, ...new Uint8Array(20))],
    ["an empty slot", Uint8Array.of(0x1a)],
    ["a send longer than promised", Uint8Array.of(1, 0xff, 0x10, 0)],
  ])("ends the session on %s", (_, record) => {
    const bench = new Bench().open();
    bench.push(stream(1, record));
    bench.wait(5 * MS);
    expect(bench.model.hasSession).toBe(false);
    expect(bench.model.violations.map(({ rule }) => rule)).toEqual(["invalid-record"]);
    bench.status();
    expect(bench.frames.at(-1)).toMatchObject({ type: noSession });
  });

  it("ignores the CANCEL of another run", () => {
    const bench = new Bench().open();
    bench.push(stream(5, { kind: "delay", durationUs: 10_000 }, WREN));
    bench.wait(1 * MS);
    bench.send(FRAME_TYPE.cancel, { offset: 4 });
    bench.wait(50 * MS);
    expect(
      bench.read("delay", "transfer").map((result) => (typeof result === "string" ? result : result.kind)),
    ).toEqual(["delay", "transfer"]);
  });

  it("aborts the running run on CANCEL", () => {
    const bench = new Bench().open();
    const slow: SpiStep = { kind: "delay", durationUs: 10_000 };
    bench.push(stream(5, slow, Uint8Array.of(0x10, 5, 1), WREN, RDID));
    bench.wait(1 * MS);
    bench.send(FRAME_TYPE.cancel, { offset: 5 });
    bench.wait(50 * MS);
    expect(bench.read("delay", "delay", "transfer", "transfer")).toEqual([
      { kind: "delay" },
      { kind: "failed", reason: "aborted", status: 0 },
      { kind: "skipped" },
      { kind: "skipped" },
    ]);
    expect(bench.statuses().some(({ cancelled }) => cancelled)).toBe(true);
    bench.push(stream(6, RDID));
    bench.wait(5 * MS);
    expect(bench.chip.windows).toHaveLength(1);
  });
});

describe("streams", () => {
  const bytes = stream(1, PAGE, WREN, RDID);
  const pieces = [0, 60, 120, 180, 240].map((start) => ({ start, piece: bytes.subarray(start, start + 60) }));

  it.each([0, 1, 2, 3, 4])("runs everything once when piece %i is lost and sent again", (lost) => {
    const bench = new Bench().open();
    for (const [index, { start, piece }] of pieces.entries()) if (index !== lost) bench.data(start, piece);
    bench.wait(3 * MS);
    expect(bench.chip.windows).toEqual([]);
    const told = bench.statuses().at(-1)!;
    expect(told.ack).toBe(lost * 60);
    expect(told.stretches).toEqual(lost === 4 ? [] : [{ start: lost * 60 + 60, end: bytes.length }]);
    bench.data(pieces[lost]!.start, pieces[lost]!.piece);
    bench.wait(3 * MS);
    expect(bench.chip.windows.map(({ sent }) => sent[0])).toEqual([0, 6, 0x9f]);
    expect(bench.statuses().at(-1)).toMatchObject({ consumed: bytes.length, stretches: [] });
  });

  it("takes pieces in any order, doubled and cut anew", () => {
    const bench = new Bench().open();
    for (const { start, piece } of [...pieces].reverse()) bench.data(start, piece);
    for (const { start, piece } of pieces) bench.data(start, piece);
    for (let at = 0; at < bytes.length; at += 7) bench.data(at, bytes.subarray(at, at + 7));
    bench.wait(5 * MS);
    expect(bench.chip.windows).toHaveLength(3);
    expect(bench.model.violations).toEqual([]);
  });

  it("asks again at once on a gap, but once a millisecond", () => {
    const bench = new Bench().open();
    for (const { start, piece } of pieces.slice(1)) bench.data(start, piece);
    expect(bench.statuses().map(({ sendAgain, atNs }) => [sendAgain, atNs])).toEqual([[true, 0]]);
    bench.wait(0.999 * MS);
    expect(bench.statuses()).toHaveLength(1);
    bench.wait(0.001 * MS);
    expect(bench.statuses().at(-1)).toMatchObject({ sendAgain: true, atNs: 1 * MS });
  });

  it("answers at once what brings nothing new", () => {
    const bench = new Bench().open();
    bench.data(0, bytes.subarray(0, 60));
    bench.data(0, bytes.subarray(0, 60));
    expect(bench.statuses()).toMatchObject([{ ack: 60, sendAgain: false, atNs: 0 }]);
  });

  it("says what it has and what is free within 2 ms", () => {
    const bench = new Bench().open();
    bench.data(0, bytes.subarray(0, 60));
    bench.wait(1.999 * MS);
    expect(bench.frames).toEqual([]);
    bench.wait(0.001 * MS);
    expect(bench.statuses()).toMatchObject([{ ack: 60, consumed: 2, atNs: 2 * MS }]);
  });

  it("says so at once when a quarter of the buffer has come", () => {
    const bench = new Bench().open();
    bench.data(0, bytes.subarray(0, 199));
    expect(bench.frames).toEqual([]);
    bench.data(199, bytes.subarray(199, 200));
    expect(bench.statuses()).toMatchObject([{ ack: 200, atNs: 0 }]);
  });

  it("records a host that sends more than its credit, and refuses the piece", () => {
    const bench = new Bench().open();
    const long = stream(1, { kind: "delay", durationUs: 1_000_000 }, PAGE, PAGE, PAGE, PAGE);
    for (let at = 0; at + 100 <= 800; at += 100) bench.data(at, long.subarray(at, at + 100));
    bench.wait(1 * MS);
    expect(bench.model.violations).toEqual([]);
    // Only BEGIN was run: two bytes are free.
    bench.data(800, long.subarray(800, 803));
    expect(bench.model.violations.map(({ rule }) => rule)).toEqual(["host-exceeds-credit"]);
    expect(bench.statuses().at(-1)!.ack).toBe(800);
    bench.data(800, long.subarray(800, 802));
    expect(bench.model.violations).toHaveLength(1);
  });

  it("asks again for a damaged frame, and for a part that waits 20 ms", () => {
    const bench = new Bench().open();
    const frame = bench.frame(data, { payload: bytes.subarray(0, 60) });
    const spoilt = frame.slice();
    spoilt[20]! ^= 4;
    bench.receive(spoilt);
    expect(bench.statuses()).toMatchObject([{ sendAgain: true, ack: 0, atNs: 0 }]);
    bench.receive(frame.subarray(0, 30));
    bench.wait(20 * MS - 1);
    expect(bench.statuses()).toHaveLength(1);
    bench.wait(1);
    expect(bench.statuses()).toMatchObject([{}, { sendAgain: true, atNs: 20 * MS }]);
    bench.receive(frame);
    bench.wait(2 * MS);
    expect(bench.statuses().at(-1)!.ack).toBe(60);
  });

  it("goes on across the wrap of offsets", () => {
    const bench = new Bench().open();
    const piece = Uint8Array.from(Array.from({ length: 50 }, () => [1, 1, 0, 6]).flat());
    bench.push(Uint8Array.of(0, 1));
    const rounds = 400;
    for (let i = 0; i < rounds; i++) {
      bench.push(piece);
      bench.wait(1 * MS);
      bench.results.length = 0;
    }
    bench.wait(5 * MS);
    expect(bench.chip.windows).toHaveLength(50 * rounds);
    expect(bench.statuses().at(-1)!.consumed).toBe(2 + 200 * rounds);
    expect(bench.model.violations).toEqual([]);
  });
});

describe("results", () => {
  it("cuts a frame when it has nothing more to add", () => {
    const bench = new Bench().open();
    bench.push(stream(1, RDID, { kind: "delay", durationUs: 50_000 }));
    bench.wait(60 * MS);
    // RDID ended at 14 us; a millisecond later its answer leaves although a step is under way.
    expect(bench.of(data).map(({ atNs, payload }) => [atNs, payload.length])).toEqual([
      [14 * US + 1 * MS, 4],
      [14 * US + 5 * US + 50 * MS, 1],
    ]);
  });

  it("codes runs across pieces", () => {
    const bench = new Bench().open();
    bench.push(stream(1, { kind: "transfer", send: Uint8Array.of(0x0b), receiveBytes: 5000 }));
    bench.wait(20 * MS);
    expect(bench.results).toEqual([0, 0xff, 0xff, 0xff, 0x85, 0x27]);
  });

  it("stops in the middle of a window without acknowledgements, and continues", () => {
    const bench = new Bench().open();
    bench.acknowledges = false;
    bench.push(stream(1, readStep(0, 3000), WREN));
    bench.wait(400 * MS);
    const sent = bench.of(data).reduce((sum, { payload }) => Math.max(sum, payload.length), 0);
    expect(sent).toBeGreaterThan(0);
    expect(bench.chip.isSelected).toBe(true);
    expect(bench.chip.windows[0]!.received).toBeLessThanOrEqual(512);
    bench.acknowledges = true;
    for (let i = 0; i < 100; i++) {
      bench.status({ sendAgain: true });
      bench.wait(10 * MS);
    }
    expect(bench.chip.windows).toHaveLength(2);
    const [read] = bench.readWith([{ kind: "transfer", receiveBytes: 3000 }]);
    expect(read).toEqual({ kind: "transfer", received: new Uint8Array(3000).map((_, i) => i & 255) });
  });

  it("sends again what a later piece has overtaken", () => {
    const bench = new Bench().open();
    bench.acknowledges = false;
    bench.push(stream(1, readStep(0, 480)));
    bench.wait(3 * MS);
    const first = bench.of(data);
    expect(first.map(({ offset, payload }) => [offset, payload.length])).toEqual([
      [0, 260],
      [260, 221],
    ]);
    bench.status({ stretches: [{ start: 260, end: 481 }] });
    const again = bench.of(data).slice(2);
    expect(again.map(({ offset, payload }) => [offset, payload.length])).toEqual([[0, 260]]);
    expect(again[0]!.payload).toEqual(first[0]!.payload);
  });

  it("cuts pieces anew when the host wants smaller frames", () => {
    const bench = new Bench().open();
    bench.acknowledges = false;
    bench.push(stream(1, readStep(0, 480)));
    bench.wait(3 * MS);
    bench.status({ maxFrameUnits: 16, stretches: [{ start: 260, end: 481 }] });
    expect(
      bench
        .of(data)
        .slice(2)
        .map(({ offset, payload }) => [offset, payload.length]),
    ).toEqual([
      [0, 52],
      [52, 52],
      [104, 52],
      [156, 52],
      [208, 52],
    ]);
  });

  it("sends again ever more seldom when nothing is heard, until the host is given up", () => {
    const bench = new Bench().open();
    bench.acknowledges = false;
    bench.push(stream(1, RDID));
    bench.wait(5000 * MS);
    const times = bench.of(data).map(({ atNs }) => Math.round(atNs / MS));
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    expect(pauses.slice(0, 4)).toEqual([75, 150, 300, 500]);
    expect(Math.max(...pauses)).toBe(500);
    expect(bench.model.hasSession).toBe(false);
  });

  it("believes no acknowledgement of what was never sent", () => {
    const bench = new Bench().open();
    bench.ack = 100;
    bench.status();
    expect(bench.model.violations.map(({ rule }) => rule)).toEqual(["host-acknowledges-unsent"]);
  });
});

describe("time", () => {
  it("beats every 200 ms while a step is under way, and is silent after", () => {
    const bench = new Bench().open();
    bench.push(stream(1, { kind: "delay", durationUs: 1_000_000 }));
    for (let i = 0; i < 10; i++) {
      bench.wait(100 * MS);
      bench.status();
    }
    const beats = bench.statuses().filter(({ busy }) => busy);
    expect(beats.map(({ atNs }) => Math.round(atNs / MS))).toEqual([2, 202, 402, 602, 802]);
    bench.wait(10 * MS);
    bench.status();
    const before = bench.frames.length;
    bench.wait(10_000 * MS);
    expect(bench.frames).toHaveLength(before);
    expect(bench.model.hasSession).toBe(true);
  });

  it("drops the session after 3 s of silence in work; chip select is high", () => {
    const bench = new Bench().open();
    bench.acknowledges = false;
    bench.push(stream(1, readStep(0, 60_000)));
    bench.wait(2999 * MS);
    expect([bench.model.hasSession, bench.chip.isSelected]).toEqual([true, true]);
    bench.wait(1 * MS);
    expect([bench.model.hasSession, bench.chip.isSelected]).toEqual([false, false]);
  });

  it("lets a page go out whole when a new host comes in the middle of it", () => {
    const bench = new Bench().open();
    bench.push(stream(1, PAGE, WREN));
    bench.wait(100 * US);
    expect(bench.chip.isSelected).toBe(true);
    bench.receive(bench.hello(9));
    bench.push(stream(1, RDID));
    bench.wait(5 * MS);
    expect(bench.chip.windows.map(({ sent }) => sent.length)).toEqual([260, 1]);
    expect(bench.chip.windows[1]!.startNs).toBeGreaterThan(bench.chip.windows[0]!.endNs);
    expect(bench.model.violations).toEqual([]);
  });

  it("answers BYE when the page is out, and releases the pins", () => {
    const bench = new Bench().open();
    bench.push(stream(1, Uint8Array.of(7, 0b010, 0), PAGE, WREN));
    bench.wait(100 * US);
    bench.send(FRAME_TYPE.bye, { offset: 3 });
    expect(bench.of(FRAME_TYPE.byeDone)).toEqual([]);
    bench.wait(1 * MS);
    expect(bench.of(FRAME_TYPE.byeDone)).toMatchObject([{ offset: 3, atNs: bench.chip.windows[0]!.endNs }]);
    expect(bench.chip.windows).toHaveLength(1);
    expect(bench.chip.pins).toEqual({ wp: true, hold: true });
  });

  it("a reset cuts the window at the byte it has reached", () => {
    const bench = new Bench().open();
    bench.push(stream(1, PAGE));
    bench.wait(10 * US + 100_500);
    bench.model.reset(bench.nowNs, 20 * MS);
    expect(bench.chip.windows).toMatchObject([{ sent: { length: 100 }, endNs: 110_500 }]);
    expect([bench.model.hasSession, bench.model.bootNumber]).toEqual([false, 2]);
    bench.status();
    expect(bench.of(noSession)).toEqual([]);
    bench.wait(20 * MS);
    bench.status();
    expect(readU32(bench.of(noSession)[0]!.payload, 0)).toBe(2);
  });
});

describe("line", () => {
  const ready = (bench: Bench): number[] => bench.of(FRAME_TYPE.baudReady).map(({ payload }) => readU32(payload, 0));

  it("changes the rate behind its answer and keeps it once a frame has come", () => {
    const bench = new Bench({ baudRate: 115_200 }).open();
    bench.send(FRAME_TYPE.baud, { offset: 5, payload: u32(1_000_000) });
    expect(bench.of(FRAME_TYPE.baudReady)).toMatchObject([{ offset: 5, payload: u32(1_000_000) }]);
    expect(bench.model.baudRate).toBe(1_000_000);
    bench.wait(249 * MS);
    bench.send(FRAME_TYPE.ping);
    bench.wait(1000 * MS);
    expect(bench.model.baudRate).toBe(1_000_000);
  });

  it("returns to the old rate when no frame comes for 250 ms", () => {
    const bench = new Bench({ baudRate: 115_200 }).open();
    bench.send(FRAME_TYPE.baud, { payload: u32(1_000_000) });
    bench.receive(Uint8Array.of(0xd5, 0x83, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    bench.wait(250 * MS - 1);
    expect(bench.model.baudRate).toBe(1_000_000);
    bench.wait(1);
    expect(bench.model.baudRate).toBe(115_200);
  });

  it.each([
    ["not above its fastest", {}, 9_000_000, 2_000_000],
    ["not while the link has no rate", { baudRate: 0, maxBaud: 0 }, 1_000_000, 0],
    ["not without the feature", { features: [] }, 1_000_000, 0],
    ["not slower than is sensible", {}, 50, 0],
  ])("%s", (_, options, wish, answered) => {
    const bench = new Bench(options).open();
    bench.send(FRAME_TYPE.baud, { payload: u32(wish) });
    expect(ready(bench)).toEqual([answered]);
  });

  it("not while steps are unrun", () => {
    const bench = new Bench().open();
    bench.push(stream(1, { kind: "delay", durationUs: 1000 }));
    bench.send(FRAME_TYPE.baud, { payload: u32(1_000_000) });
    expect(ready(bench)).toEqual([0]);
  });

  it.each([1, 2, 3])("moves its frames back onto the host's grid: shift %i", (shift) => {
    const bench = new Bench().open();
    bench.status({ shift });
    const before = bench.raw.length;
    bench.send(FRAME_TYPE.ping);
    const owed = 4 - shift;
    expect(bench.raw.slice(before, before + owed + 1)).toEqual([...Array<number>(owed).fill(0x55), 0xd5]);
    bench.send(FRAME_TYPE.ping);
    expect(bench.raw).toHaveLength(before + owed + 24);
  });

  it("speaks STATUS at once when damaged bytes hide no frame: none without a session", () => {
    const bench = new Bench();
    bench.receive(new Uint8Array(400).map(() => 0xd5));
    bench.wait(100 * MS);
    expect(bench.frames).toEqual([]);
    expect(bench.of(status)).toEqual([]);
  });
});
