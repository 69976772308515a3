/**
 * Answers cut out of a byte stream without checksums, and when the bytes prove that an answer is complete and in
 * place.
 */
import { describe, expect, it } from "vitest";
import { OPCODE } from "../../../firmware-protocol/serprog/command.ts";
import { type Answer, AnswerReader } from "../../../src/bridge/serprog/answer-reader.ts";
import { command, FENCE, plain } from "../../../src/bridge/serprog/command.ts";

const NOP = plain(OPCODE.nop);
const READ_4 = command(Uint8Array.of(OPCODE.spiOperation), 0, 4);

function readerOf(...commands: readonly (typeof NOP)[]): { reader: AnswerReader; answers: Answer[] } {
  const reader = new AnswerReader();
  const answers: Answer[] = [];
  for (const each of commands) reader.expect({ command: each, settle: (answer) => void answers.push(answer) });
  return { reader, answers };
}

const data = (...bytes: number[]): Answer => ({ kind: "done", data: Uint8Array.from(bytes) });

describe("answers", () => {
  it.each([1, 2, 3, 5, 100])("are cut out of chunks of %d bytes", (size) => {
    const { reader, answers } = readerOf(NOP, READ_4, FENCE, READ_4, NOP);
    const bytes = [6, 6, 6, 0x15, 6, 9, 0x15, 6, 6, 1, 2, 3, 4, 6];
    for (let at = 0; at < bytes.length; at += size) {
      expect(reader.push(Uint8Array.from(bytes.slice(at, at + size)))).toBeUndefined();
    }
    expect(answers).toEqual([data(), data(6, 0x15, 6, 9), data(6), data(1, 2, 3, 4), data()]);
    expect(reader.outstanding).toBe(0);
  });

  it("may be a refusal", () => {
    const { reader, answers } = readerOf(READ_4, NOP);
    reader.push(Uint8Array.of(0x15, 6));
    expect(answers).toEqual([{ kind: "refused" }, data()]);
  });

  it("that begin with anything else are not told apart any more", () => {
    const { reader, answers } = readerOf(NOP, NOP);
    expect(reader.push(Uint8Array.of(6, 0x16))).toEqual({ kind: "wrong-start", byte: 0x16 });
    expect(answers).toHaveLength(1);
  });

  it("that were not requested are noticed", () => {
    const { reader } = readerOf(NOP);
    expect(reader.push(Uint8Array.of(6, 6))).toEqual({ kind: "unasked" });
  });

  it("an ACK is no answer to a SYNCNOP", () => {
    const { reader } = readerOf(FENCE);
    expect(reader.push(Uint8Array.of(6))).toEqual({ kind: "wrong-start", byte: 6 });
  });
});

describe("an answer is proven", () => {
  it("when the next has begun as it must, and a SYNCNOP by itself", () => {
    const { reader } = readerOf(READ_4, NOP, FENCE);
    const counts = [];
    for (const byte of [6, 1, 2, 3, 4, 6, 0x15, 6]) {
      reader.push(Uint8Array.of(byte));
      counts.push([reader.settledCount, reader.confirmedCount]);
    }
    expect(counts).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 0],
      [2, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it("not when a byte was doubled in it", () => {
    const { reader } = readerOf(READ_4, FENCE);
    expect(reader.push(Uint8Array.of(6, 1, 1, 2, 3, 4, 0x15, 6))).toEqual({ kind: "wrong-start", byte: 4 });
    expect([reader.settledCount, reader.confirmedCount]).toEqual([1, 0]);
  });

  it("not when a byte of it was lost", () => {
    const { reader } = readerOf(READ_4, FENCE);
    expect(reader.push(Uint8Array.of(6, 1, 2, 3, 0x15, 6))).toEqual({ kind: "wrong-start", byte: 6 });
    expect(reader.confirmedCount).toBe(0);
  });
});
