/** Byte for byte what serprog version 1 demands; the vectors were written by hand from its text. */
import { describe, expect, it } from "vitest";
import {
  answerBytesOf,
  CommandMap,
  commandMap,
  limitOf,
  nameBytes,
  nameOf,
} from "../../firmware-protocol/serprog/answer.ts";
import {
  delay,
  littleEndian,
  OPCODE,
  parameterBytesOf,
  plainCommand,
  setBusType,
  setPinState,
  setSpiClock,
  spiOperation,
} from "../../firmware-protocol/serprog/command.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("a command", () => {
  it.each([
    ["NOP", plainCommand(OPCODE.nop), "00"],
    ["SYNCNOP", plainCommand(OPCODE.syncNop), "10"],
    ["S_BUSTYPE of SPI", setBusType(8), "1208"],
    ["S_SPI_FREQ of 8 MHz", setSpiClock(8_000_000), "1400127a00"],
    ["S_SPI_FREQ of the largest number", setSpiClock(0xffffffff), "14ffffffff"],
    ["S_PIN_STATE", setPinState(true), "1501"],
    ["S_PIN_STATE that releases", setPinState(false), "1500"],
    ["O_DELAY of 700 us", delay(700), "0ebc020000"],
    ["O_SPIOP that asks for the ID", spiOperation(Uint8Array.of(0x9f), 3), "130100000300009f"],
    ["O_SPIOP of nothing", spiOperation(new Uint8Array(0), 0), "13000000000000"],
    ["O_SPIOP that receives 65,536", spiOperation(Uint8Array.of(3, 1, 2, 3), 65_536), "1304000000000103010203"],
  ])("%s", (_, bytes, expected) => {
    expect(hex(bytes)).toBe(expected);
  });

  it("has as many parameters as are written", () => {
    for (const bytes of [setBusType(8), setSpiClock(1), setPinState(true), delay(1)]) {
      expect(parameterBytesOf(bytes[0]!)).toBe(bytes.length - 1);
    }
    expect(parameterBytesOf(OPCODE.spiOperation)).toBe(6);
    expect(parameterBytesOf(OPCODE.syncNop)).toBe(0);
  });

  it("of a length that 24 bits do not hold is refused", () => {
    expect(() => spiOperation(new Uint8Array(0), 0x1000000)).toThrow(RangeError);
    expect(() => spiOperation(new Uint8Array(0), -1)).toThrow(RangeError);
  });
});

describe("an answer", () => {
  it("has the length that its command fixes", () => {
    const lengths = Object.entries(OPCODE).map(([name, opcode]) => [name, answerBytesOf(opcode)]);
    expect(Object.fromEntries(lengths)).toEqual({
      nop: 0,
      queryInterface: 2,
      queryCommandMap: 32,
      queryName: 16,
      querySerialBuffer: 2,
      queryBusTypes: 1,
      queryOperationBuffer: 2,
      queryMaxSend: 3,
      initOperations: 0,
      delay: 0,
      execute: 0,
      syncNop: 0,
      queryMaxReceive: 3,
      setBusType: 0,
      spiOperation: 0,
      setSpiClock: 4,
      setPinState: 0,
    });
  });

  it("map: bit n of byte n/8 stands for command n", () => {
    const bytes = commandMap([OPCODE.nop, OPCODE.querySerialBuffer, OPCODE.spiOperation]);
    expect(hex(bytes)).toBe(`110008${"00".repeat(29)}`);
    const map = new CommandMap(bytes);
    expect([0, 1, 4, 0x13, 0x14].map((opcode) => map.has(opcode))).toEqual([true, false, true, true, false]);
  });

  it("limit: 0 stands for 2^24", () => {
    expect(limitOf(Uint8Array.of(0, 0, 0))).toBe(0xffffff);
    expect(limitOf(Uint8Array.of(0xff, 0x07, 0))).toBe(2047);
  });

  it("name: up to the NUL, and nothing that a terminal would act on", () => {
    expect(nameOf(nameBytes("frser-duino"))).toBe("frser-duino");
    expect(nameOf(Uint8Array.of(0x1b, 0x5b, 0x41, 0, 0x42))).toBe("?[A");
    expect(nameOf(new Uint8Array(16).fill(0x41))).toBe("A".repeat(16));
  });

  it("numbers are little-endian", () => {
    expect(littleEndian(Uint8Array.of(1, 2, 3, 0x84), 0, 4)).toBe(0x84030201);
  });
});

describe("at the limits", () => {
  it("names: printable from space to tilde, up to the first NUL, sixteen bytes and no more", () => {
    expect(nameOf(Uint8Array.of(0x20, 0x7e, 0x1f, 0x7f, 0x80, 0xff))).toBe(" ~????");
    expect(nameOf(Uint8Array.of(0, 0x41))).toBe("");
    expect(nameOf(Uint8Array.of(0x41, 0, 0x42))).toBe("A");
    expect(hex(nameBytes("0123456789abcdefXYZ"))).toBe(Buffer.from("0123456789abcdef").toString("hex"));
    expect(hex(nameBytes("ab"))).toBe(`6162${"00".repeat(14)}`);
    expect(nameBytes("0123456789abcdefXYZ")).toHaveLength(16);
  });

  it("operations: 24 bits of either length, and not one more", () => {
    expect(hex(spiOperation(new Uint8Array(0), 0xffffff))).toBe("13000000ffffff");
    expect(spiOperation(new Uint8Array(0xffffff), 0).subarray(0, 7)).toEqual(
      Uint8Array.of(0x13, 255, 255, 255, 0, 0, 0),
    );
    const refusal = new RangeError("an SPI operation sends and receives 0 to 16777215 bytes");
    expect(() => spiOperation(new Uint8Array(0x1000000), 0)).toThrow(refusal);
    expect(() => spiOperation(new Uint8Array(0), 0x1000000)).toThrow(refusal);
    expect(() => spiOperation(new Uint8Array(0), -1)).toThrow(refusal);
  });

  it("numbers: as many bytes as are asked for, those that are missing as 0", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5);
    expect([
      littleEndian(bytes, 0, 1),
      littleEndian(bytes, 1, 2),
      littleEndian(bytes, 3, 4),
      littleEndian(bytes, 0, 0),
    ]).toEqual([1, 0x0302, 0x0504, 0]);
  });
});
