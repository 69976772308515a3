/** The codec at its limits: the last value that is taken and the first that is not, by the tables of PROTOCOL.md. */
import { crc32 as zlibCrc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  decodeFrame,
  describeFrame,
  encodeFrame,
  FRAME_TYPE,
  MAX_FRAME_UNITS,
  maxPayloadBytes,
  MIN_FRAME_UNITS,
  offsetDistance,
  promisedLength,
  readU32,
  writeU32,
} from "../../firmware-protocol/frame.ts";
import { FrameDecoder } from "../../firmware-protocol/frame-decoder.ts";
import {
  chooseVersion,
  decodeHello,
  decodeWelcome,
  encodeHello,
  encodeWelcome,
  FEATURE_BITS,
  featureNames,
} from "../../firmware-protocol/hello.ts";
import { encodeSetting, encodeStep, readRecord, RECORD } from "../../firmware-protocol/record.ts";
import { encodeResult, ResultReader } from "../../firmware-protocol/result.ts";
import { encodeRuns, RunDecoder } from "../../firmware-protocol/run-length.ts";
import type { SpiStep } from "../../firmware-protocol/step.ts";
import { decodeStatus, encodeStatus, MAX_STRETCHES } from "../../firmware-protocol/status.ts";
import { pushVarint, readVarint } from "../../firmware-protocol/varint.ts";
import { unhex, vectors } from "../support/vectors.ts";

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** A frame with these bytes after the marker and in front of a CRC that fits. */
function sealed(...head: number[]): Uint8Array {
  const bytes = new Uint8Array(1 + head.length + 4);
  bytes.set([0xd5, ...head]);
  new DataView(bytes.buffer).setUint32(bytes.length - 4, zlibCrc32(bytes.subarray(0, -4)), true);
  return bytes;
}

describe("frame", () => {
  it.each([0, 1, 2, 3, 4, 5, 355, 356])("a payload of %d bytes comes back, in whole units", (length) => {
    const payload = new Uint8Array(length).map((_, index) => (index * 13) & 0xff);
    const frame = { type: FRAME_TYPE.ping, session: 0xfe, offset: 0xfedc, ack: 0x1234, payload };
    const bytes = encodeFrame(frame);
    expect(bytes.length % 4).toBe(0);
    expect(bytes.length).toBe(12 + Math.ceil(length / 4) * 4);
    expect(promisedLength(bytes, 0, MAX_FRAME_UNITS)).toBe(bytes.length);
    expect(decodeFrame(bytes)).toEqual(frame);
  });

  it("a payload of 357 bytes is refused by its length", () => {
    const frame = { type: FRAME_TYPE.data, session: 0x20, offset: 0, ack: 0, payload: new Uint8Array(357) };
    expect(() => encodeFrame(frame)).toThrow(new RangeError("payload of 357 bytes"));
  });

  it.each([
    [3, 0],
    [4, 4],
    [92, 356],
  ])("of %d units carries %d bytes", (units, most) => {
    expect(maxPayloadBytes(units)).toBe(most);
  });

  it("offset and acknowledgement are taken mod 65,536", () => {
    const frame = { type: FRAME_TYPE.data, session: 0x20, offset: 0x12345, ack: 0xabcde, payload: bytesOf(1) };
    expect(decodeFrame(encodeFrame(frame))).toEqual({ ...frame, offset: 0x2345, ack: 0xbcde });
  });

  it.each([
    [bytesOf(0xd5, 0x82), undefined],
    [bytesOf(0xd5, 0x83), 12],
    [bytesOf(0xd5, 0x80 + 10), 40],
    [bytesOf(0xd5, 0x80 + 11), undefined],
    [bytesOf(0xd5, 0x03), undefined],
    [bytesOf(0xd4, 0x83), undefined],
    [bytesOf(0xd5), undefined],
  ])("%j promises %s bytes to a side that takes ten units", (bytes, length) => {
    expect(promisedLength(bytes, 0, 10)).toBe(length);
    expect(promisedLength(bytesOf(0xd5, 0x84, ...bytes), 2, 10)).toBe(length);
  });

  it("padding that reaches into the header is refused, although the CRC fits", () => {
    const withPadding = (padding: number, ...rest: number[]): Uint8Array =>
      sealed(0x83, (FRAME_TYPE.bye << 2) | padding, 0x21, 7, 0, 5, 0, ...rest);
    expect(decodeFrame(withPadding(0))).toMatchObject({ type: FRAME_TYPE.bye, offset: 7, ack: 5 });
    for (const padding of [1, 2, 3]) expect(decodeFrame(withPadding(padding))).toBeUndefined();
    expect(decodeFrame(withPadding(3, 9, 0x55, 0x55, 0x55))?.payload).toEqual(bytesOf(9));
  });

  it.each([
    [0, 0, 0],
    [0, 1, 1],
    [1, 0, -1],
    [0xffff, 0, 1],
    [0, 0xffff, -1],
    [0, 0x7fff, 0x7fff],
    [0, 0x8000, -0x8000],
    [0x9000, 0x1000, -0x8000],
    [0x9001, 0x1000, 0x7fff],
  ])("from %d to %d it is %d", (from, to, distance) => {
    expect(offsetDistance(from, to)).toBe(distance);
  });

  it("numbers of 32 bits are unsigned, little-endian, and missing bytes are 0", () => {
    const bytes = new Uint8Array(6);
    writeU32(bytes, 1, 0x1_f1e2_d3c4);
    expect(hex(bytes)).toBe("00c4d3e2f100");
    expect(readU32(bytes, 1)).toBe(0xf1e2d3c4);
    expect([readU32(bytes, 3), readU32(bytes, 4), readU32(bytes, 5), readU32(bytes, 9)]).toEqual([
      0x00f1e2, 0x00f1, 0, 0,
    ]);
  });

  it("is described by its name, or by its number", () => {
    const frame = { type: FRAME_TYPE.data, session: 0xab, offset: 7, ack: 9, payload: new Uint8Array(3) };
    expect(describeFrame(frame)).toBe("data session abh offset 7 ack 9 payload 3");
    expect(describeFrame({ ...frame, type: 0x3e })).toBe("type 3eh session abh offset 7 ack 9 payload 3");
  });
});

describe("frame decoder", () => {
  const frame = { type: FRAME_TYPE.data, session: 0x42, offset: 0, ack: 0, payload: bytesOf(1, 2, 3, 4, 5) };
  const good = encodeFrame(frame);

  function fed(...chunks: Uint8Array[]): { frames: number; noise: number; damaged: number; part: boolean } {
    const decoder = new FrameDecoder(MAX_FRAME_UNITS);
    const frames = chunks.reduce((count, chunk) => count + decoder.push(chunk).length, 0);
    const { noiseBytes, damagedFrames, holdsPart } = decoder;
    return { frames, noise: noiseBytes, damaged: damagedFrames, part: holdsPart };
  }

  it("counts every byte that belongs to no frame, and what only looked like one", () => {
    const wrong = good.slice();
    wrong[9] = 0;
    const none = { frames: 0, noise: 0, damaged: 0, part: false };
    expect(fed(good)).toEqual({ ...none, frames: 1 });
    expect(fed(bytesOf(1, 2, 3), good, bytesOf(4))).toEqual({ ...none, frames: 1, noise: 4 });
    expect(fed(bytesOf(1, 2, 3, ...good, 4))).toEqual({ ...none, frames: 1, noise: 4 });
    expect(fed(wrong)).toEqual({ ...none, noise: good.length, damaged: 1 });
    expect(fed(wrong, good)).toEqual({ ...none, frames: 1, noise: good.length, damaged: 1 });
    // A size that no frame has is noise, and no damage.
    expect(fed(bytesOf(0xd5, 0x82, 0xd5, 0x01))).toEqual({ ...none, noise: 4 });
    expect(fed(bytesOf(0xd5))).toEqual({ ...none, part: true });
    expect(fed(bytesOf(7, 0xd5))).toEqual({ ...none, noise: 1, part: true });
    expect(fed(good.subarray(0, -1))).toEqual({ ...none, part: true });
    expect(fed(good.subarray(0, -1), good.subarray(-1))).toEqual({ ...none, frames: 1 });
    expect(fed(new Uint8Array(0))).toEqual(none);
  });

  it("takes no frame above its limit", () => {
    const units = good.length / 4;
    expect(new FrameDecoder(units).push(good)).toEqual([frame]);
    const strict = new FrameDecoder(units - 1);
    expect(strict.push(good)).toEqual([]);
    expect([strict.noiseBytes, strict.damagedFrames, strict.holdsPart]).toEqual([good.length, 0, false]);
  });

  it("gives up a part: the marker is noise, the stretch is damage, and what lies behind is found", () => {
    const decoder = new FrameDecoder(MAX_FRAME_UNITS);
    expect(decoder.giveUpPart()).toEqual([]);
    expect(decoder.damagedFrames).toBe(0);
    // A header that promises 40 bytes, with a whole frame among what comes.
    expect(decoder.push(bytesOf(0xd5, 0x8a, 1, 2, ...good))).toEqual([]);
    expect(decoder.holdsPart).toBe(true);
    expect(decoder.giveUpPart()).toEqual([frame]);
    expect([decoder.noiseBytes, decoder.damagedFrames, decoder.holdsPart]).toEqual([4, 1, false]);
    expect(decoder.shift).toBe(0);
  });

  it("keeps no hold of the bytes it is given", () => {
    const decoder = new FrameDecoder(MAX_FRAME_UNITS);
    const first = good.slice(0, 6);
    decoder.push(first);
    first.fill(0);
    const second = good.slice(6);
    expect(decoder.push(second)).toEqual([frame]);
  });

  it("says where in the grid of units the last frame began, over any number of pieces", () => {
    for (let shift = 0; shift < 4; shift++) {
      const decoder = new FrameDecoder(MAX_FRAME_UNITS);
      for (let i = 0; i < shift; i++) decoder.push(bytesOf(0));
      for (const byte of [...good, ...good]) decoder.push(bytesOf(byte));
      expect(decoder.shift).toBe(shift);
      // A damaged one does not count.
      decoder.push(bytesOf(0xd5, 0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
      expect(decoder.shift).toBe(shift);
      decoder.push(good);
      expect(decoder.shift).toBe((shift + 1) % 4);
    }
  });
});

/** Returns these numbers in turn, then counts on from the last. */
function drawing(...numbers: number[]): () => number {
  let at = 0;
  return () => numbers[at++] ?? (numbers.at(-1) ?? 0) + at;
}

describe("hello", () => {
  const payload = bytesOf(0x4e, 0x4f, 0x52, 0x42, 0x81, 0x81, 0x80 + 92, 0x80, 1, 2, 3, 4);
  const frame = { type: FRAME_TYPE.hello, session: 0x20, offset: 0, ack: 0, payload };
  const changed = (at: number, value: number): Uint8Array =>
    payload.map((byte, index) => (index === at ? value : byte));

  it("is drawn until every byte of it is harmless, whatever comes from the generator", () => {
    let redrawn = 0;
    for (let seed = 0; seed < 400; seed++) {
      let draws = 0;
      let state = seed * 0x9e3779b9;
      const { bytes, hello } = encodeHello(() => {
        draws++;
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        // As it comes from anywhere: signed as well.
        return state;
      });
      if (draws > 2) redrawn++;
      expect([...bytes].filter((byte) => byte < 0x20 || byte === 0x7f)).toEqual([]);
      const decoded = decodeFrame(bytes);
      expect(decoded).toMatchObject({ type: FRAME_TYPE.hello, offset: 0x5555, ack: 0x5555, session: hello.session });
      expect(decoded && decodeHello(decoded)).toEqual(hello);
      expect(hello.session).toBeGreaterThanOrEqual(0x20);
      expect(hello.session).toBeLessThanOrEqual(0xfe);
      expect(hello.session).not.toBe(0x7f);
      expect(((hello.nonce & 0x80808080) >>> 0).toString(16)).toBe("80808080");
      expect(hello).toMatchObject({ lowestVersion: 1, highestVersion: 1, maxFrameUnits: 92 });
    }
    expect(redrawn).toBeGreaterThan(50);
  });

  it.each([
    [0, 0x20],
    [0xde, 0xfe],
    [0xdf, 0x20],
  ])("a draw of %d gives session %d", (draw, session) => {
    let taken = 0;
    for (let nonce = 0; nonce < 0x7f7f; nonce += 0x101) {
      const { hello } = encodeHello(drawing(nonce, draw, nonce + 1, draw, nonce + 2, draw, nonce + 3, draw));
      if (hello.nonce !== (nonce | 0x80808080) >>> 0) continue;
      taken++;
      expect(hello.session).toBe(session);
    }
    // The others were drawn again.
    expect(taken).toBeGreaterThan(20);
  });

  it("with one byte of its tag changed is none, and one byte short is none", () => {
    expect(decodeHello(frame)).toEqual({
      session: 0x20,
      lowestVersion: 1,
      highestVersion: 1,
      maxFrameUnits: 92,
      nonce: 0x04030201,
    });
    for (const at of [0, 1, 2, 3]) expect(decodeHello({ ...frame, payload: changed(at, 0x20) })).toBeUndefined();
    expect(decodeHello({ ...frame, payload: payload.subarray(0, 11) })).toBeUndefined();
    expect(decodeHello({ ...frame, payload: bytesOf(...payload, 1, 2) })).toEqual(decodeHello(frame));
    expect(decodeHello({ ...frame, payload: changed(7, 0xff) })).toEqual(decodeHello(frame));
  });

  it("needs a session that can be one, and room for the smallest frame", () => {
    expect(decodeHello({ ...frame, session: 0x1f })).toBeUndefined();
    expect(decodeHello({ ...frame, payload: changed(6, 0x80 + MIN_FRAME_UNITS - 1) })).toBeUndefined();
    expect(decodeHello({ ...frame, payload: changed(6, 0x80 + MIN_FRAME_UNITS) })?.maxFrameUnits).toBe(3);
    expect(decodeHello({ ...frame, payload: changed(6, 0xff) })?.maxFrameUnits).toBe(92);
    expect(decodeHello({ ...frame, payload: changed(4, 0x85) })?.lowestVersion).toBe(5);
    expect(decodeHello({ ...frame, payload: changed(5, 0x89) })?.highestVersion).toBe(9);
  });

  it.each([
    [1, 1, 1, 1, 1],
    [1, 3, 2, 5, 3],
    [2, 5, 1, 3, 3],
    [1, 2, 3, 4, 0],
    [3, 4, 1, 2, 0],
    [1, 3, 3, 4, 3],
    [3, 4, 1, 3, 3],
  ])("of versions %d to %d and %d to %d comes %d", (lowest, highest, low, high, chosen) => {
    expect(chooseVersion({ lowest, highest }, { lowest: low, highest: high })).toBe(chosen);
  });
});

describe("welcome", () => {
  const welcome = decodeWelcome(unhex(vectors.welcome.payload));
  if (welcome === undefined) throw new Error("the vector is no WELCOME");

  it("cuts names to 32 characters and shows foreign bytes as ?", () => {
    const long = "x".repeat(40);
    const again = decodeWelcome(
      encodeWelcome({ ...welcome, boardName: long, firmwareVersion: " ~", serialNumber: "\x1f\x7f\u00e9" }),
    );
    expect(again).toEqual({ ...welcome, boardName: "x".repeat(32), firmwareVersion: " ~", serialNumber: "???" });
    const empty = { ...welcome, boardName: "", firmwareVersion: "", serialNumber: "" };
    expect(encodeWelcome(empty)).toHaveLength(51);
    expect(decodeWelcome(encodeWelcome(empty))).toEqual(empty);
  });

  it("is refused with a name of more than 32, or one that ends behind it", () => {
    const bytes = encodeWelcome({ ...welcome, boardName: "", firmwareVersion: "", serialNumber: "" });
    const named = (length: number, behind: number): Uint8Array => {
      const named = new Uint8Array(bytes.length + behind);
      named.set(bytes);
      named[50] = length;
      return named;
    };
    expect(decodeWelcome(named(32, 32))?.serialNumber).toBe("?".repeat(32));
    expect(decodeWelcome(named(33, 33))).toBeUndefined();
    expect(decodeWelcome(named(4, 4))?.serialNumber).toBe("????");
    expect(decodeWelcome(named(5, 4))).toBeUndefined();
  });

  it("names the features that it knows, and no others", () => {
    for (const [name, bit] of Object.entries(FEATURE_BITS)) expect(featureNames(2 ** bit)).toEqual([name]);
    expect(featureNames(0)).toEqual([]);
    expect(featureNames(0xffffffff)).toEqual(Object.keys(FEATURE_BITS));
    expect(featureNames(0x80000000)).toEqual([]);
  });
});

describe("record", () => {
  const LIMITS = { maxSendBytes: 300, maxReceiveBytes: 5000 };
  const read = (...bytes: number[]): unknown => readRecord(bytesOf(...bytes), 0, LIMITS);
  const transfer = (send: Uint8Array, receiveBytes: number): SpiStep => ({ kind: "transfer", send, receiveBytes });

  it("nothing is incomplete, codes of no meaning are invalid", () => {
    expect(read()).toBe("incomplete");
    expect(readRecord(bytesOf(1, 2, 3), 3, LIMITS)).toBe("incomplete");
    for (const code of [0x09, 0x0a, 0x0f, 0x20, 0x7f])
      expect(read(code, 0, 0, 0, 0), code.toString(16)).toBe("invalid");
  });

  it("the settings end where their table says", () => {
    expect(read(0x00)).toBe("incomplete");
    expect(read(0x00, 9)).toEqual({ meaning: { kind: "begin", run: 9 }, end: 2 });
    expect(read(0x06, 1, 2, 3)).toBe("incomplete");
    expect(read(0x06, 1, 2, 3, 4, 5)).toEqual({ meaning: { kind: "spi-clock", clockHz: 0x04030201 }, end: 5 });
    expect(read(0x07, 3)).toBe("incomplete");
    expect(read(0x07, 3, 1)).toEqual({ meaning: { kind: "pins", mask: 3, level: 1 }, end: 3 });
    expect(read(0x08)).toBe("incomplete");
    expect(read(0x08, 2)).toEqual({ meaning: { kind: "chip-select", index: 2 }, end: 2 });
    for (const setting of [
      { kind: "begin", run: 200 },
      { kind: "spi-clock", clockHz: 0xfedcba98 },
      { kind: "pins", mask: 15, level: 8 },
      { kind: "chip-select", index: 7 },
    ] as const) {
      const bytes = encodeSetting(setting);
      expect(readRecord(bytes, 0, LIMITS)).toEqual({ meaning: setting, end: bytes.length });
    }
  });

  it("slots are eight, and hold transfers, polls and pauses only", () => {
    for (let slot = 0; slot < 8; slot++) {
      expect(read(RECORD.use + slot)).toEqual({ meaning: { kind: "use", slot }, end: 1 });
      expect(read(RECORD.define + slot, 5, 7)).toEqual({
        meaning: { kind: "step", step: { kind: "delay", durationUs: 7 } },
        end: 3,
        defineSlot: slot,
      });
    }
    expect(read(RECORD.define)).toBe("incomplete");
    expect(read(RECORD.define, 1, 1, 0, 6)).toMatchObject({ defineSlot: 0, end: 5 });
    expect(read(RECORD.define, 1, 1, 0)).toBe("incomplete");
    expect(read(RECORD.define, 3, 1, 5, 1, 0, 0, 9)).toMatchObject({ defineSlot: 0, end: 8 });
    for (const kept of [0, 2, 6, 7, 8, 9, 0x10, 0x18, 0x80]) {
      expect(read(RECORD.define, kept, 1, 1, 1, 1, 1, 1, 1), String(kept)).toBe("invalid");
    }
    expect(read(RECORD.define, 3, 0)).toBe("invalid");
  });

  it.each([
    ["send", transfer(new Uint8Array(300), 0), "ok"],
    [
      "send",
      transfer(
        new Uint8Array(300).map((_, i) => i & 0xff),
        0,
      ),
      "ok",
    ],
    ["send", transfer(new Uint8Array(301), 0), "invalid"],
    ["receive", transfer(bytesOf(3), 5000), "ok"],
    ["receive", transfer(bytesOf(3), 5001), "invalid"],
  ] as const)("limits hold to the byte: %s", (_, step, what) => {
    const bytes = encodeStep(step);
    const reading = readRecord(bytes, 0, LIMITS);
    if (what === "ok") expect(reading).toEqual({ meaning: { kind: "step", step }, end: bytes.length });
    else expect(reading).toBe("invalid");
  });

  it("a transfer that is not coded is taken as it is, runs and all", () => {
    expect(read(1, 5, 2, 9, 9, 9, 9, 8)).toEqual({
      meaning: { kind: "step", step: transfer(bytesOf(9, 9, 9, 9, 8), 2) },
      end: 8,
    });
    expect(read(1, 4, 0, 9, 9, 9, 1)).toMatchObject({ end: 7 });
  });

  it("a transfer is coded where that is shorter, and only there", () => {
    const code = (send: number[]): number | undefined => encodeStep(transfer(bytesOf(...send), 2))[0];
    expect(code([1, 1, 1, 1])).toBe(RECORD.transfer);
    expect(code([1, 1, 1, 1, 1])).toBe(RECORD.transferCoded);
    expect(code([1, 1, 1, 1, 2])).toBe(RECORD.transfer);
    expect(code([1, 2, 3, 4, 5])).toBe(RECORD.transfer);
    expect(code([1, 1, 1, 2, 2, 2])).toBe(RECORD.transfer);
    expect(hex(encodeStep(transfer(bytesOf(1, 1, 1, 1, 1), 2)))).toBe("02050201010102");
  });

  it("polls send 1 to 8 bytes, digests 1 to 16", () => {
    const poll = (length: number): SpiStep => ({
      kind: "poll",
      send: new Uint8Array(length).map((_, i) => i + 5),
      mask: 0x80,
      value: 0x81,
      intervalUs: 300,
      timeoutMs: 70_000,
    });
    const digest = (length: number): SpiStep => ({
      kind: "digest",
      send: new Uint8Array(length).map((_, i) => i + 3),
      lengthBytes: 0xffffffff,
    });
    for (const step of [poll(1), poll(8), digest(1), digest(16)]) {
      const bytes = encodeStep(step);
      expect(readRecord(bytesOf(...bytes, 0x77), 0, LIMITS)).toEqual({
        meaning: { kind: "step", step },
        end: bytes.length,
      });
      expect(readRecord(bytesOf(0x77, ...bytes), 1, LIMITS)).toMatchObject({ end: bytes.length + 1 });
      for (let cut = 0; cut < bytes.length; cut++)
        expect(readRecord(bytes.subarray(0, cut), 0, LIMITS)).toBe("incomplete");
    }
    for (const step of [poll(0), poll(9), digest(0), digest(17)]) {
      expect(readRecord(encodeStep(step), 0, LIMITS)).toBe("invalid");
      expect(readRecord(encodeStep(step).subarray(0, 2), 0, LIMITS)).toBe("invalid");
    }
  });

  it("numbers that are no numbers make any record invalid", () => {
    const endless = [0x80, 0x80, 0x80, 0x80, 0x80];
    expect(read(1, ...endless)).toBe("invalid");
    expect(read(1, 1, ...endless)).toBe("invalid");
    expect(read(3, 1, 5, 1, 0, ...endless)).toBe("invalid");
    expect(read(3, 1, 5, 1, 0, 0, ...endless)).toBe("invalid");
    expect(read(9, 1, 3, ...endless)).toBe("invalid");
    expect(read(5, ...endless)).toBe("invalid");
    expect(read(0x80, ...endless)).toBe("invalid");
  });

  it("records of later versions are passed over up to 1,024 bytes", () => {
    const later = (code: number, length: number, present = length): unknown => {
      const head = [code];
      pushVarint(head, length);
      return readRecord(bytesOf(...head, ...new Uint8Array(present)), 0, LIMITS);
    };
    expect(later(0x80, 0)).toEqual({ meaning: { kind: "later", code: 0x80 }, end: 2 });
    expect(later(0xff, 1024)).toEqual({ meaning: { kind: "later", code: 0xff }, end: 1 + 2 + 1024 });
    expect(later(0xff, 1025)).toBe("invalid");
    expect(later(0x90, 10, 9)).toBe("incomplete");
    expect(later(0x90, 10, 11)).toMatchObject({ end: 12 });
    expect(read(0x80)).toBe("incomplete");
  });

  it("a coded transfer that leaves its length is invalid, one that is not all there incomplete", () => {
    // Four bytes promised, three equal ones and two more of them.
    expect(read(2, 4, 0, 9, 9, 9, 2)).toBe("invalid");
    expect(read(2, 5, 0, 9, 9, 9, 2)).toEqual({
      meaning: { kind: "step", step: transfer(new Uint8Array(5).fill(9), 0) },
      end: 7,
    });
    expect(read(2, 5, 0, 9, 9, 9)).toBe("incomplete");
    expect(read(2, 5, 0, 9, 9)).toBe("incomplete");
    expect(read(1, 2, 0, 9)).toBe("incomplete");
    expect(read(1, 2)).toBe("incomplete");
    expect(read(1)).toBe("incomplete");
  });
});

describe("run-length code", () => {
  it("is itself for runs of one and two, and marks every run of three and more", () => {
    for (let run = 1; run <= 140; run++) {
      const data = bytesOf(7, ...new Uint8Array(run).fill(8), 9);
      const coded = encodeRuns(data);
      const count: number[] = [];
      if (run >= 3) pushVarint(count, run - 3);
      expect([...coded]).toEqual([7, ...new Uint8Array(Math.min(run, 3)).fill(8), ...count, 9]);
      for (const chunk of [1, 2, coded.length]) {
        const decoder = new RunDecoder(data.length);
        for (let at = 0; at < coded.length; at += chunk) {
          expect(decoder.done).toBe(false);
          const piece = coded.subarray(at, at + chunk);
          expect(decoder.take(piece, 0)).toBe(piece.length);
        }
        expect(decoder.done).toBe(true);
        expect(hex(decoder.bytes)).toBe(hex(data));
      }
    }
  });

  it("takes nothing beyond what was promised", () => {
    const decoder = new RunDecoder(2);
    expect(decoder.take(bytesOf(0, 5, 6, 7), 1)).toBe(3);
    expect(decoder.done).toBe(true);
    expect(decoder.take(bytesOf(1, 2), 0)).toBe(0);
    expect(hex(decoder.bytes)).toBe("0506");
    expect(new RunDecoder(0).done).toBe(true);
    expect(encodeRuns(new Uint8Array(0))).toHaveLength(0);
  });

  it("a run at the very end waits for its count, which has to fit", () => {
    const decoder = new RunDecoder(3);
    expect(decoder.take(bytesOf(1, 1, 1), 0)).toBe(3);
    expect(decoder.done).toBe(false);
    expect(decoder.take(bytesOf(0), 0)).toBe(1);
    expect(decoder.done).toBe(true);
    expect(new RunDecoder(3).take(bytesOf(1, 1, 1, 1), 0)).toBe("invalid");
    expect(new RunDecoder(9).take(bytesOf(1, 1, 1, 0x80, 0), 0)).toBe("invalid");
  });

  it("after a run the count of equal bytes begins anew", () => {
    const decoder = new RunDecoder(8);
    expect(decoder.take(bytesOf(4, 4, 4, 0, 4, 4, 5, 5, 6), 0)).toBe(9);
    expect(hex(decoder.bytes)).toBe("0404040404050506");
  });

  it("what triples blow up still fits", () => {
    const data = new Uint8Array(30_000).map((_, i) => Math.floor(i / 3) & 0xff);
    const coded = encodeRuns(data);
    expect(coded).toHaveLength(40_000);
    const decoder = new RunDecoder(data.length);
    expect(decoder.take(coded, 0)).toBe(coded.length);
    expect(Buffer.compare(decoder.bytes, data)).toBe(0);
  });
});

describe("result", () => {
  const next = (expected: Parameters<ResultReader["next"]>[0], ...bytes: number[]): unknown => {
    const reader = new ResultReader();
    reader.push(bytesOf(...bytes));
    return reader.next(expected);
  };

  it("failures carry their reason and the last status, and no other reasons are taken", () => {
    const reasons = ["timeout", "aborted", "not-supported"] as const;
    for (const [index, reason] of reasons.entries()) {
      expect(hex(encodeResult({ kind: "failed", reason, status: 0xa5 }))).toBe(`010${index + 1}a5`);
      expect(hex(encodeResult({ kind: "failed", reason }))).toBe(`010${index + 1}00`);
      expect(next({ kind: "poll" }, 1, index + 1, 0xa5)).toEqual({ kind: "failed", reason, status: 0xa5 });
    }
    expect(next({ kind: "poll" }, 1, 0, 0)).toBe("invalid");
    expect(next({ kind: "poll" }, 1, 4, 0)).toBe("invalid");
    expect(next({ kind: "poll" }, 1, 1)).toBe("incomplete");
    expect(next({ kind: "poll" }, 3)).toBe("invalid");
    expect(next({ kind: "poll" }, 2)).toEqual({ kind: "skipped" });
    expect(next({ kind: "poll" })).toBe("incomplete");
  });

  it("every kind waits for all of its bytes, and leaves the rest", () => {
    const reader = new ResultReader();
    expect(reader.hasPending).toBe(false);
    reader.push(bytesOf(0));
    expect(reader.next({ kind: "poll" })).toBe("incomplete");
    reader.push(bytesOf(0x33, 0, 1, 2, 3));
    expect(reader.next({ kind: "poll" })).toEqual({ kind: "poll", status: 0x33 });
    expect(reader.next({ kind: "digest" })).toBe("incomplete");
    expect(reader.next({ kind: "spi-clock" })).toBe("incomplete");
    reader.push(bytesOf(4, 0, 0xff, 0xff, 0xff, 0xff, 0));
    expect(reader.next({ kind: "digest" })).toEqual({ kind: "digest", check: 0x04030201 });
    expect(reader.next({ kind: "spi-clock" })).toEqual({ kind: "spi-clock", clockHz: 0xffffffff });
    expect(reader.hasPending).toBe(true);
    expect(reader.next({ kind: "setting" })).toEqual({ kind: "setting" });
    expect(reader.hasPending).toBe(false);
  });

  it("keeps no hold of the bytes it is given", () => {
    const reader = new ResultReader();
    const piece = bytesOf(0, 7);
    reader.push(piece);
    piece.fill(1);
    expect(reader.next({ kind: "poll" })).toEqual({ kind: "poll", status: 7 });
  });

  it("a transfer that leaves its length is invalid", () => {
    expect(next({ kind: "transfer", receiveBytes: 3 }, 0, 1, 1, 1, 1)).toBe("invalid");
    expect(next({ kind: "transfer", receiveBytes: 0 }, 0)).toEqual({ kind: "transfer", received: new Uint8Array(0) });
  });
});

describe("status", () => {
  const none = {
    consumed: 0,
    busy: false,
    sendAgain: false,
    cancelled: false,
    shift: 0,
    maxFrameUnits: 0,
    stretches: [],
  };

  it("each flag is its own", () => {
    expect(decodeStatus(encodeStatus(none))).toEqual(none);
    for (const flag of ["busy", "sendAgain", "cancelled"] as const) {
      expect(decodeStatus(encodeStatus({ ...none, [flag]: true }))).toEqual({ ...none, [flag]: true });
    }
    expect(decodeStatus(encodeStatus({ ...none, shift: 7 }))?.shift).toBe(3);
  });

  it("names four stretches at most, and refuses to read five", () => {
    const stretches = [1, 2, 3, 4, 5].map((i) => ({ start: 0xfff0 + i, end: i }));
    const bytes = encodeStatus({ ...none, stretches });
    expect(bytes).toHaveLength(8 + 4 * MAX_STRETCHES);
    expect(decodeStatus(bytes)?.stretches).toEqual(stretches.slice(0, 4));
    const five = new Uint8Array(28);
    five[7] = 5;
    expect(decodeStatus(five)).toBeUndefined();
    five[7] = 4;
    expect(decodeStatus(five)?.stretches).toHaveLength(4);
    expect(decodeStatus(new Uint8Array(7))).toBeUndefined();
  });
});

describe("varint", () => {
  it.each([0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x1fffff, 0x200000, 0xfffffff, 0x10000000, 0xffffffff])(
    "%d comes back from anywhere, and from no less than all of it",
    (value) => {
      const out = [0x55];
      pushVarint(out, value);
      expect(readVarint(bytesOf(...out, 0x11), 1)).toEqual({ value, end: out.length });
      for (let cut = 1; cut < out.length; cut++)
        expect(readVarint(bytesOf(...out.slice(0, cut)), 1)).toBe("incomplete");
    },
  );

  it("more than 32 bits, a sixth byte and leading zeros are refused", () => {
    expect(readVarint(bytesOf(0x80, 0x80, 0x80, 0x80, 0x10), 0)).toBe("invalid");
    expect(readVarint(bytesOf(0xff, 0xff, 0xff, 0xff, 0x0f), 0)).toEqual({ value: 0xffffffff, end: 5 });
    expect(readVarint(bytesOf(0x80, 0x80, 0x80, 0x80, 0x80, 1), 0)).toBe("invalid");
    expect(readVarint(bytesOf(0x81, 0x00), 0)).toBe("invalid");
    expect(readVarint(bytesOf(0x00), 0)).toEqual({ value: 0, end: 1 });
  });
});
