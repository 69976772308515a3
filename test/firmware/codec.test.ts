/**
 * The firmware's codec beside its TypeScript twin: the worked examples, and whatever the generator comes up with. The C code
 * runs as WebAssembly.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { encodeFrame, type Frame } from "../../firmware-protocol/frame.ts";
import { FrameDecoder } from "../../firmware-protocol/frame-decoder.ts";
import { chooseVersion, decodeHello, PROTOCOL_VERSION } from "../../firmware-protocol/hello.ts";
import { encodeSetting, encodeStep, readRecord, type RecordMeaning } from "../../firmware-protocol/record.ts";
import { encodeRuns, RunDecoder } from "../../firmware-protocol/run-length.ts";
import { decodeStatus } from "../../firmware-protocol/status.ts";
import type { SpiStep } from "../../firmware-protocol/step.ts";
import { pushVarint, readVarint } from "../../firmware-protocol/varint.ts";
import { effort } from "../support/effort.ts";
import { bytesOf, hex, unhex, vectors } from "../support/vectors.ts";
import { WasmCodec } from "./support/wasm-core.ts";

const codec = new WasmCodec("large");
const { exports: core } = codec;
/** Those of the large board. */
const LIMITS = { maxSendBytes: 4352, maxReceiveBytes: 1024 * 1024 };
const RUNS = effort(400, 5000);
/** Bytes with runs, ends and the values that the formats use. */
const someBytes = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc
    .array(
      fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        fc
          .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 40 }))
          .map(([v, n]) => new Uint8Array(n).fill(v)),
        fc
          .constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x10, 0x18, 0x7f, 0x80, 0x83, 0xd5, 0xff)
          .map((v) => Uint8Array.of(v)),
      ),
      { maxLength: 12 },
    )
    .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])).subarray(0, maxLength));

describe("block check", () => {
  it.each(vectors.blockCheck)("$blockCheck", (vector) => {
    const found = core.blockCheck(codec.give(bytesOf(vector, vector.bytes))) >>> 0;
    expect(found).toBe(Number.parseInt(vector.blockCheck, 16));
  });

  it("of any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(core.blockCheck(codec.give(bytes)) >>> 0).toBe(blockCheck(bytes));
      }),
      { numRuns: RUNS },
    );
  });
});

describe("crc-32", () => {
  it.each(vectors.crc32)("$crc32", (vector) => {
    expect(core.crc32(codec.give(bytesOf(vector, vector.bytes))) >>> 0).toBe(Number.parseInt(vector.crc32, 16));
  });

  it("of any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(core.crc32(codec.give(bytes)) >>> 0).toBe(crc32(bytes));
      }),
      { numRuns: RUNS },
    );
  });
});

/** What both read of a number, in one form. */
function numberOf(bytes: Uint8Array): unknown {
  const end = core.readVarint(codec.give(bytes));
  if (end === 0) return "incomplete";
  return end === 1 ? "invalid" : { value: codec.u32(0), end: end - 1 };
}

describe("varint", () => {
  it.each(vectors.varint)("$value", ({ value, bytes }) => {
    expect(numberOf(unhex(bytes))).toEqual({ value, end: bytes.length / 2 });
    expect(hex(codec.get(core.writeVarint(value)))).toBe(bytes);
  });

  it.each(vectors.varintInvalid)("%s is refused", (bytes) => {
    expect(numberOf(unhex(bytes))).toBe("invalid");
  });

  it("any bytes read alike, any number is written alike", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 7 }), fc.nat({ max: 0xffffffff }), (bytes, value) => {
        expect(numberOf(bytes)).toEqual(readVarint(bytes, 0));
        const out: number[] = [];
        pushVarint(out, value);
        expect([...codec.get(core.writeVarint(value))]).toEqual(out);
      }),
      { numRuns: RUNS },
    );
  });
});

function encoded(bytes: Uint8Array, pieceBytes: number): string {
  return hex(codec.get(core.encodeRuns(codec.give(bytes), pieceBytes)));
}

describe("run-length code", () => {
  it.each(vectors.runLength)("$coded", (vector) => {
    expect(encoded(bytesOf(vector, vector.decoded), 7)).toBe(vector.coded);
  });

  it("any bytes are coded alike, in pieces of any size", () => {
    fc.assert(
      fc.property(someBytes(400), fc.integer({ min: 1, max: 50 }), (bytes, pieceBytes) => {
        expect(encoded(bytes, pieceBytes)).toBe(hex(encodeRuns(bytes)));
      }),
      { numRuns: RUNS },
    );
  });
});

/** What C says of a record in the words of TypeScript. */
function recordOf(bytes: Uint8Array): unknown {
  const answer = core.readRecord(codec.give(bytes));
  if (answer === 0) return "incomplete";
  if (answer === 1) return "invalid";
  const end = answer - 1;
  const [code = 0, slot = 0, isDefined = 0, first = 0, mask = 0, value = 0] = codec.get(8);
  const [sendBytes, receiveBytes, microseconds, timeoutMs, sendAt] = [8, 12, 16, 20, 24].map((at) => codec.u32(at));
  const raw = bytes.subarray(sendAt, end);
  const send = (): Uint8Array => {
    if (code !== 2) return raw.slice(0, sendBytes);
    const decoder = new RunDecoder(sendBytes!);
    decoder.take(raw, 0);
    return decoder.bytes;
  };
  const step = (fields: object): RecordMeaning => ({ kind: "step", step: fields as SpiStep });
  const meaning = (): unknown => {
    switch (code) {
      case 0:
        return { kind: "begin", run: first };
      case 1:
      case 2:
        return step({ kind: "transfer", send: send(), receiveBytes });
      case 3:
        return step({ kind: "poll", send: send(), mask, value, intervalUs: microseconds, timeoutMs });
      case 5:
        return step({ kind: "delay", durationUs: microseconds });
      case 6:
        return { kind: "spi-clock", clockHz: microseconds };
      case 7:
        return { kind: "pins", mask: first, level: value };
      case 8:
        return { kind: "chip-select", index: first };
      case 9:
        return step({ kind: "digest", send: send(), lengthBytes: receiveBytes });
      case 0x18:
        return { kind: "use", slot };
      default:
        return { kind: "later", code: bytes[0] };
    }
  };
  return { meaning: meaning(), end, ...(isDefined === 1 ? { defineSlot: slot } : {}) };
}

const someStep: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .tuple(someBytes(300), fc.nat({ max: LIMITS.maxReceiveBytes + 5 }))
    .map(([send, receiveBytes]) => encodeStep({ kind: "transfer", send, receiveBytes })),
  fc
    .tuple(
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.nat(255),
      fc.nat(255),
      fc.nat(0xffffffff),
      fc.nat(0xffffffff),
    )
    .map(([send, mask, value, intervalUs, timeoutMs]) =>
      encodeStep({ kind: "poll", send, mask, value, intervalUs, timeoutMs }),
    ),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 16 }), fc.nat(0xffffffff))
    .map(([send, lengthBytes]) => encodeStep({ kind: "digest", send, lengthBytes })),
  fc.nat(0xffffffff).map((durationUs) => encodeStep({ kind: "delay", durationUs })),
  fc.nat(0xffffffff).map((clockHz) => encodeSetting({ kind: "spi-clock", clockHz })),
  fc.tuple(fc.nat(255), fc.nat(255)).map(([mask, level]) => encodeSetting({ kind: "pins", mask, level })),
);

describe("records", () => {
  const all = [...vectors.steps, ...vectors.settings, ...vectors.slots].map(({ bytes }) => bytes);

  it.each(all)("%s", (text) => {
    const bytes = unhex(text);
    expect(recordOf(bytes)).toEqual(readRecord(bytes, 0, LIMITS));
    for (let end = 0; end < Math.min(bytes.length, 60); end++)
      expect(recordOf(bytes.subarray(0, end))).toBe("incomplete");
  });

  it.each(vectors.invalidRecords)("%s is refused", (text) => {
    expect(recordOf(unhex(text))).toBe("invalid");
  });

  it("any bytes are read alike", () => {
    fc.assert(
      fc.property(someBytes(300), (bytes) => {
        expect(recordOf(bytes)).toEqual(readRecord(bytes, 0, LIMITS));
      }),
      { numRuns: RUNS * 4 },
    );
  });

  it("sound records are read alike, whole, cut short, with a byte changed, and kept in a slot", () => {
    fc.assert(
      fc.property(someStep, fc.nat(400), fc.nat(255), fc.nat(), (record, cut, flip, slot) => {
        const changed = record.slice();
        const at = cut % record.length;
        changed[at] = changed[at]! ^ flip;
        for (const bytes of [record, record.subarray(0, at), changed, Uint8Array.of(0x10 + (slot & 7), ...record)]) {
          expect(recordOf(bytes)).toEqual(readRecord(bytes, 0, LIMITS));
        }
      }),
      { numRuns: RUNS },
    );
  });
});

/** Frames that C finds in chunks, and whether it waits for the rest of one. */
function framesOf(chunks: readonly Uint8Array[], givesUp: boolean): { frames: Frame[]; holdsPart: boolean } {
  const frames: Frame[] = [];
  let holdsPart = false;
  core.decoderReset();
  const take = (answer: number): void => {
    holdsPart = answer < 0 || answer >= 2 ** 31;
    const bytes = codec.get(answer & 0x7fffffff);
    for (let at = 0; at < bytes.length; ) {
      const [low = 0, high = 0, type = 0, session = 0, o0 = 0, o1 = 0, a0 = 0, a1 = 0] = bytes.subarray(at);
      const end = at + 8 + low + high * 256;
      const payload = bytes.slice(at + 8, end);
      frames.push({ type, session, offset: o0 + o1 * 256, ack: a0 + a1 * 256, payload });
      at = end;
    }
  };
  for (const chunk of chunks) take(core.decode(codec.give(chunk), 0));
  const isWaiting = (): boolean => givesUp && holdsPart;
  for (let i = 0; isWaiting() && i < 400; i++) take(core.decode(0, 1));
  return { frames, holdsPart };
}

const someFrame = fc
  .tuple(fc.nat(63), fc.nat(255), fc.nat(65_535), fc.nat(65_535), someBytes(356))
  .map(([type, session, offset, ack, payload]) => encodeFrame({ type, session, offset, ack, payload }));

/** Frames, noise, damage, cut at random places. */
const someLine = fc
  .tuple(
    fc.array(fc.oneof(someFrame, someBytes(40), fc.tuple(someFrame, fc.nat(), fc.nat(255)).map(damaged)), {
      maxLength: 6,
    }),
    fc.array(fc.nat(), { maxLength: 8 }),
  )
  .map(([parts, cuts]) => cutAt(Uint8Array.from(parts.flatMap((part) => [...part])), cuts));

function damaged([frame, where, flip]: [Uint8Array, number, number]): Uint8Array {
  const bytes = frame.slice();
  bytes[where % bytes.length]! ^= flip;
  return flip % 3 === 0 ? bytes.subarray(1) : bytes;
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

describe("frames", () => {
  it.each(vectors.frames)("$name", (vector) => {
    const { frames } = framesOf([unhex(vector.bytes)], false);
    const { type, session, offset, ack } = vector;
    expect(frames).toEqual([{ type, session, offset, ack, payload: unhex(vector.payload) }]);
  });

  it("are found alike among noise and damage, however the line cuts them", () => {
    fc.assert(
      fc.property(someLine, fc.boolean(), (chunks, givesUp) => {
        const decoder = new FrameDecoder(92);
        const frames = chunks.flatMap((chunk) => decoder.push(chunk));
        for (let i = 0; givesUp && decoder.holdsPart && i < 400; i++) frames.push(...decoder.giveUpPart());
        expect(framesOf(chunks, givesUp)).toEqual({ frames, holdsPart: decoder.holdsPart });
      }),
      { numRuns: RUNS * 2 },
    );
  });
});

describe("HELLO and STATUS", () => {
  it("that of the vectors", () => {
    const [frame] = framesOf([unhex(vectors.hello.bytes)], false).frames;
    expect(core.readHello(frame!.session, codec.give(frame!.payload))).toBe(1);
    expect(codec.u32(0)).toBe(vectors.hello.nonce);
  });

  it("any HELLO is read alike", () => {
    const payload = fc
      .tuple(fc.boolean(), fc.uint8Array({ maxLength: 20 }))
      .map(([isTagged, bytes]) => (isTagged ? Uint8Array.of(0x4e, 0x4f, 0x52, 0x42, ...bytes) : bytes));
    fc.assert(
      fc.property(fc.nat(255), payload, (session, bytes) => {
        const hello = decodeHello({ type: 0x30, session, offset: 0, ack: 0, payload: bytes });
        const isHello = core.readHello(session, codec.give(bytes)) === 1;
        expect(isHello).toBe(hello !== undefined);
        if (hello === undefined) return;
        const [lowest, highest, units, version] = codec.get(8).subarray(4);
        expect(codec.u32(0)).toBe(hello.nonce);
        expect([lowest, highest, units]).toEqual([
          hello.lowestVersion & 255,
          hello.highestVersion & 255,
          hello.maxFrameUnits,
        ]);
        if (hello.lowestVersion < 0 || hello.highestVersion < 0) return;
        expect(version).toBe(
          chooseVersion(PROTOCOL_VERSION, { lowest: hello.lowestVersion, highest: hello.highestVersion }),
        );
      }),
      { numRuns: RUNS },
    );
  });

  it("any STATUS is read alike", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), fc.nat(6), (bytes, stretches) => {
        if (bytes.length > 7) bytes[7] = stretches;
        const status = decodeStatus(bytes);
        expect(core.readStatus(codec.give(bytes))).toBe(status === undefined ? 0 : 1);
        if (status === undefined) return;
        const { sendAgain, shift, maxFrameUnits } = status;
        expect([...codec.get(4)]).toEqual([sendAgain ? 1 : 0, shift, maxFrameUnits, status.stretches.length]);
      }),
      { numRuns: RUNS },
    );
  });
});
