/**
 * Every worked example of vectors.json, both ways. Steps, results and frames are also written by a second, slow and
 * obvious encoder in this file, so that a mistake in both directions of the codec would still show.
 */
import { crc32 as zlibCrc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { blockCheck, blockCheckOfFill } from "../../firmware-protocol/block-check.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { decodeFrame, encodeFrame } from "../../firmware-protocol/frame.ts";
import { decodeHello, decodeWelcome, encodeWelcome } from "../../firmware-protocol/hello.ts";
import { encodeSetting, encodeStep, readRecord } from "../../firmware-protocol/record.ts";
import { encodeResult, type Expected, ResultReader, type WireResult } from "../../firmware-protocol/result.ts";
import { encodeRuns, RunDecoder } from "../../firmware-protocol/run-length.ts";
import type { SpiStep } from "../../firmware-protocol/step.ts";
import { decodeStatus, encodeStatus } from "../../firmware-protocol/status.ts";
import { pushVarint, readVarint } from "../../firmware-protocol/varint.ts";
import { bytesOf, hex, unhex, vectors } from "../support/vectors.ts";

const LIMITS = { maxSendBytes: 65_536, maxReceiveBytes: 65_536 };

describe("crc-32", () => {
  it.each(vectors.crc32)("$crc32", (vector) => {
    const bytes = bytesOf(vector, vector.bytes);
    expect(crc32(bytes).toString(16).padStart(8, "0")).toBe(vector.crc32);
    expect(crc32(bytes)).toBe(zlibCrc32(bytes));
  });

  it("goes on from a previous value", () => {
    const bytes = unhex("313233343536373839");
    expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926);
  });
});

describe("block check", () => {
  it.each(vectors.blockCheck)("$blockCheck", (vector) => {
    const bytes = bytesOf(vector, vector.bytes);
    expect(blockCheck(bytes).toString(16).padStart(8, "0")).toBe(vector.blockCheck);
  });

  it("goes on from a previous value and sums fills like bytes", () => {
    const bytes = unhex("313233343536373839");
    const fill = new Uint8Array(300).fill(0xff);
    expect(blockCheck(bytes.subarray(4), blockCheck(bytes.subarray(0, 4)))).toBe(blockCheck(bytes));
    expect(blockCheckOfFill(0xff, 300, blockCheck(bytes))).toBe(blockCheck(Uint8Array.from([...bytes, ...fill])));
  });
});

describe("varint", () => {
  it.each(vectors.varint)("$value", ({ value, bytes }) => {
    const out: number[] = [];
    pushVarint(out, value);
    expect(hex(Uint8Array.from(out))).toBe(bytes);
    expect(readVarint(unhex(bytes), 0)).toEqual({ value, end: bytes.length / 2 });
    for (let length = 0; length < bytes.length / 2; length++) {
      expect(readVarint(unhex(bytes).subarray(0, length), 0)).toBe("incomplete");
    }
  });

  it.each(vectors.varintInvalid)("%s is refused", (bytes) => {
    expect(readVarint(unhex(bytes), 0)).toBe("invalid");
  });
});

describe("run-length code", () => {
  it.each(vectors.runLength)("$coded", (vector) => {
    const decoded = bytesOf(vector, vector.decoded);
    expect(hex(encodeRuns(decoded))).toBe(vector.coded);
    const decoder = new RunDecoder(decoded.length);
    expect(decoder.take(unhex(vector.coded), 0)).toBe(vector.coded.length / 2);
    expect(decoder.done).toBe(true);
    expect(hex(decoder.bytes)).toBe(hex(decoded));
  });

  it.each(vectors.runLengthInvalid)("$coded for $length bytes is refused", ({ length, coded }) => {
    const decoder = new RunDecoder(length);
    const end = decoder.take(unhex(coded), 0);
    expect(end === "invalid" || !decoder.done || end < coded.length / 2).toBe(true);
  });
});

describe("frames", () => {
  it.each(vectors.frames)("$name", ({ type, session, offset, ack, payload, bytes }) => {
    const frame = { type, session, offset, ack, payload: unhex(payload) };
    expect(hex(encodeFrame(frame))).toBe(bytes);
    expect(decodeFrame(unhex(bytes))).toEqual(frame);
    expect(hex(naiveFrame(frame))).toBe(bytes);
  });

  it("a HELLO is harmless to serprog bridges, modems and shells, and means what it says", () => {
    const bytes = unhex(vectors.hello.bytes);
    for (const byte of bytes) expect(byte >= 0x20 && byte !== 0x7f).toBe(true);
    const frame = decodeFrame(bytes);
    const { session, nonce, lowestVersion, highestVersion, maxFrameUnits } = vectors.hello;
    expect(frame && decodeHello(frame)).toEqual({ session, nonce, lowestVersion, highestVersion, maxFrameUnits });
  });

  it("a WELCOME comes back whole, and any shorter one is refused", () => {
    const { payload, ...welcome } = vectors.welcome;
    expect(hex(encodeWelcome(welcome))).toBe(payload);
    expect(decodeWelcome(unhex(payload))).toEqual(welcome);
    expect(decodeWelcome(unhex(`${payload}aabb`))).toEqual(welcome);
    for (let length = 0; length < payload.length / 2; length++) {
      expect(decodeWelcome(unhex(payload).subarray(0, length))).toBeUndefined();
    }
  });

  it.each(vectors.status)("STATUS $payload", ({ payload, ...status }) => {
    expect(hex(encodeStatus(status))).toBe(payload);
    expect(decodeStatus(unhex(payload))).toEqual(status);
    for (let length = 0; length < payload.length / 2; length++) {
      expect(decodeStatus(unhex(payload).subarray(0, length))).toBeUndefined();
    }
  });
});

describe("step stream", () => {
  it.each(vectors.steps)("$kind $bytes", ({ bytes, send, ...rest }) => {
    const step = send === undefined ? rest : { ...rest, send: unhex(send) };
    expect(hex(encodeStep(step as SpiStep))).toBe(bytes);
    expect(readRecord(unhex(bytes), 0, LIMITS)).toEqual({ meaning: { kind: "step", step }, end: bytes.length / 2 });
    for (let length = 0; length < bytes.length / 2; length++) {
      expect(readRecord(unhex(bytes).subarray(0, length), 0, LIMITS)).toBe("incomplete");
    }
  });

  it.each(vectors.settings)("$kind $bytes", ({ bytes, ...setting }) => {
    expect(hex(encodeSetting(setting))).toBe(bytes);
    expect(readRecord(unhex(bytes), 0, LIMITS)).toEqual({ meaning: setting, end: bytes.length / 2 });
  });

  it("keeps short records in slots", () => {
    const [define, use] = vectors.slots;
    expect(readRecord(unhex(define!.bytes), 0, LIMITS)).toMatchObject({ defineSlot: 0, end: 5 });
    expect(readRecord(unhex(use!.bytes), 0, LIMITS)).toEqual({ meaning: { kind: "use", slot: 1 }, end: 1 });
  });

  it.each(vectors.invalidRecords)("%s is not a record", (bytes) => {
    const padded = new Uint8Array(40);
    padded.set(unhex(bytes));
    expect(readRecord(padded, 0, { maxSendBytes: 1024, maxReceiveBytes: 65_536 })).toBe("invalid");
  });
});

describe("result stream", () => {
  it.each(vectors.results)("$kind $bytes", ({ bytes, received, ...rest }) => {
    const result = received === undefined ? rest : { ...rest, received: unhex(received) };
    expect(hex(encodeResult(result as WireResult))).toBe(bytes);
    const isStep = result.kind !== "failed" && result.kind !== "skipped";
    const expected = isStep ? { kind: result.kind, receiveBytes: (received ?? "").length / 2 } : { kind: "delay" };
    for (const chunk of [1, 2, 1000]) {
      const reader = new ResultReader();
      const all = unhex(bytes);
      let answer: unknown = "incomplete";
      for (let at = 0; at < all.length; at += chunk) {
        expect(answer).toBe("incomplete");
        reader.push(all.subarray(at, at + chunk));
        answer = reader.next(expected as Expected);
      }
      expect(answer).toEqual(result);
      expect(reader.hasPending).toBe(false);
    }
  });
});

/** The frame of PROTOCOL.md section 2, written field by field with nothing shared with the codec. */
function naiveFrame(frame: {
  type: number;
  session: number;
  offset: number;
  ack: number;
  payload: Uint8Array;
}): Uint8Array {
  const padding = (4 - (frame.payload.length % 4)) % 4;
  const total = 8 + frame.payload.length + padding + 4;
  const view = new DataView(new ArrayBuffer(total));
  view.setUint8(0, 0xd5);
  view.setUint8(1, 0x80 + total / 4);
  view.setUint8(2, frame.type * 4 + padding);
  view.setUint8(3, frame.session);
  view.setUint16(4, frame.offset, true);
  view.setUint16(6, frame.ack, true);
  for (const [index, byte] of frame.payload.entries()) view.setUint8(8 + index, byte);
  for (let i = 0; i < padding; i++) view.setUint8(8 + frame.payload.length + i, 0x55);
  const bytes = new Uint8Array(view.buffer);
  view.setUint32(total - 4, zlibCrc32(bytes.subarray(0, total - 4)), true);
  return bytes;
}
