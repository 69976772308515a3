/**
 * Frames found in a noisy byte stream: a fault costs only the frame that it touches, and no damaged frame is
 * accepted.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameDecoder } from "../../firmware-protocol/frame-decoder.ts";
import { encodeFrame, FRAME_TYPE, type Frame, MAX_FRAME_UNITS } from "../../firmware-protocol/frame.ts";
import { effort } from "../support/effort.ts";

const SESSION = 0x42;

function data(offset: number, length: number, fill = offset): Frame {
  const payload = new Uint8Array(length).map((_, index) => (fill * 31 + index * 7) & 0xff);
  return { type: FRAME_TYPE.data, session: SESSION, offset, ack: 0, payload };
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function decodeAll(bytes: Uint8Array, chunk = bytes.length): Frame[] {
  const decoder = new FrameDecoder(MAX_FRAME_UNITS);
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += chunk) frames.push(...decoder.push(bytes.subarray(at, at + chunk)));
  for (let i = 0; i < 400 && decoder.holdsPart; i++) frames.push(...decoder.giveUpPart());
  return frames;
}

describe("frame decoder", () => {
  const three = [data(0, 40), data(40, 256), data(296, 5)];
  const wire = join(...three.map(encodeFrame));

  it.each([1, 2, 3, 4, 5, 64, 1000])("finds frames in chunks of %i bytes", (chunk) => {
    expect(decodeAll(wire, chunk)).toEqual(three);
  });

  it.each([
    ["boot log", "ready.\r\n"],
    ["modem manager", "AT+GCAP\r"],
    ["markers", "\xd5\xd5\xd5"],
    ["a header that promises more", "\xd5\xdc\xc8\x42\x00\x00"],
    ["zeros", "\0\0\0\0\0\0\0"],
  ])("passes over %s before and between frames", (_, text) => {
    const noise = new Uint8Array(Buffer.from(text, "latin1"));
    const [a, b, c] = three.map(encodeFrame) as [Uint8Array, Uint8Array, Uint8Array];
    expect(decodeAll(join(noise, a, noise, b, c, noise))).toEqual(three);
  });

  it("loses no frame but the one that a dropped, doubled or flipped byte touches, at every byte", () => {
    const middle = encodeFrame(three[1] as Frame).length;
    const from = encodeFrame(three[0] as Frame).length;
    for (let at = from; at < from + middle; at++) {
      const dropped = join(wire.subarray(0, at), wire.subarray(at + 1));
      const doubled = join(wire.subarray(0, at + 1), wire.subarray(at));
      const flipped = wire.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      for (const [kind, bytes] of Object.entries({ dropped, doubled, flipped })) {
        const frames = decodeAll(bytes);
        // Doubling its first or last byte leaves a whole frame.
        const intact = kind === "doubled" && (at === from || at === from + middle - 1);
        expect(frames, `${kind} at ${at}`).toEqual(intact ? three : [three[0], three[2]]);
      }
    }
  });

  it("knows where frames lie in the grid of units", () => {
    const decoder = new FrameDecoder(MAX_FRAME_UNITS);
    decoder.push(wire);
    expect(decoder.shift).toBe(0);
    decoder.push(join(new Uint8Array(3), encodeFrame(data(0, 8))));
    expect(decoder.shift).toBe(3);
    decoder.push(join(new Uint8Array(1), encodeFrame(data(0, 8))));
    expect(decoder.shift).toBe(0);
  });

  it("holds no more than one frame of any stream", () => {
    const decoder = new FrameDecoder(MAX_FRAME_UNITS);
    for (let i = 0; i < 1000; i++) decoder.push(new Uint8Array(1024).fill(0x11));
    expect(decoder.holdsPart).toBe(false);
    expect(decoder.noiseBytes).toBe(1000 * 1024);
  });

  it("takes no damaged frame: thousands with 1 to 8 flips, a drop or a doubled byte", { timeout: 60_000 }, () => {
    const seed = 0x5eed;
    let state = seed;
    const next = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const good = encodeFrame(data(7, 256));
    let accepted = 0;
    for (let i = 0; i < effort(20_000, 200_000); i++) {
      const bytes = good.slice();
      const kind = i % 4;
      let broken: Uint8Array = bytes;
      if (kind < 2) {
        const flips = new Set(Array.from({ length: 1 + next(8) }, () => next(bytes.length * 8)));
        for (const bit of flips) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      } else {
        const at = next(bytes.length);
        broken = kind === 2 ? join(bytes.subarray(0, at), bytes.subarray(at + 1)) : bytes;
        if (kind === 3) bytes.set(bytes.subarray(0, at).slice(), 1);
      }
      if (broken.every((byte, index) => byte === good[index]) && broken.length === good.length) continue;
      const decoder = new FrameDecoder(MAX_FRAME_UNITS);
      accepted += decoder.push(broken).length;
    }
    expect(accepted, `seed ${seed}`).toBe(0);
  });

  it("finds all frames of any mix of frames and noise that holds no marker, whatever the chunks", () => {
    const piece = fc.oneof(
      fc.record({ offset: fc.nat(0xffff), length: fc.integer({ min: 1, max: 356 }) }),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.map((byte) => (byte === 0xd5 ? 0 : byte))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 500 }), (pieces, chunk) => {
        const frames = pieces.flatMap((p) => (p instanceof Uint8Array ? [] : [data(p.offset, p.length)]));
        const bytes = join(...pieces.map((p) => (p instanceof Uint8Array ? p : encodeFrame(data(p.offset, p.length)))));
        expect(decodeAll(bytes, chunk)).toEqual(frames);
      }),
      { numRuns: 300 },
    );
  });
});
