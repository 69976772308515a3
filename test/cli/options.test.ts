import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "../../src/cli/nearest-name.ts";
import { readBaudRate, readClock, readListenAddress, readRange } from "../../src/cli/options.ts";
import { shellWords } from "../../src/cli/shell-words.ts";

describe("values of options", () => {
  it.each([
    ["0,4096", { address: 0, lengthBytes: 4096 }],
    ["0x1000,64k", { address: 0x1000, lengthBytes: 65_536 }],
    ["2M,0x10", { address: 2 ** 21, lengthBytes: 16 }],
    ["", undefined],
    ["4096", undefined],
    ["0,0", undefined],
    ["0,", undefined],
    [",1", undefined],
    ["0,1,2", undefined],
    ["0, 1", undefined],
    ["-1,4", undefined],
    ["0,4k5", undefined],
    ["9007199254740991,1", undefined],
  ])("range %j", (text, expected) => {
    expect(readRange(text)).toEqual(expected);
  });

  it.each([
    ["8MHz", 8_000_000],
    ["500kHz", 500_000],
    ["1000000Hz", 1_000_000],
    ["1.5mhz", 1_500_000],
    ["1Hz", 1],
    ["8", undefined],
    ["8M", undefined],
    ["MHz", undefined],
    ["0MHz", undefined],
    ["-8MHz", undefined],
    ["8 MHz", undefined],
    ["1e6Hz", undefined],
    ["8GHz", undefined],
    ["9999MHz", undefined],
  ])("clock %j", (text, expected) => {
    expect(readClock(text)).toBe(expected);
  });

  it.each([
    ["115200", 115_200],
    ["300", 300],
    ["20000000", 20_000_000],
    ["299", undefined],
    ["20000001", undefined],
    ["0115200", undefined],
    ["2M", undefined],
    ["0x1000", undefined],
    ["-9600", undefined],
  ])("baud %j", (text, expected) => {
    expect(readBaudRate(text)).toBe(expected);
  });

  it.each([
    ["127.0.0.1:4000", { host: "127.0.0.1", port: 4000 }],
    ["localhost:0", { host: "localhost", port: 0 }],
    ["[::1]:65535", { host: "::1", port: 65_535 }],
    ["::1:4000", undefined],
    ["127.0.0.1", undefined],
    [":4000", undefined],
    ["host:65536", undefined],
    ["host:-1", undefined],
    ["a b:1", undefined],
  ])("listen %j", (text, expected) => {
    expect(readListenAddress(text)).toEqual(expected);
  });
});

describe("nearest name", () => {
  const names = ["read", "write", "verify", "erase", "blank-check"];
  it.each([
    ["wirte", "write"],
    ["writ", "write"],
    ["WRITE", "write"],
    ["raed", "read"],
    ["blank-chekc", "blank-check"],
    ["blankcheck", "blank-check"],
    ["help", undefined],
    ["x", undefined],
    ["", undefined],
  ])("%j -> %s", (typed, expected) => {
    expect(nearestName(typed, names)).toBe(expected);
  });

  it.each([
    ["", "", 0],
    ["abc", "", 3],
    ["abc", "acb", 1],
    ["kitten", "sitting", 3],
    ["a", "aaaaaaaaaaaa", 12],
  ])("distance of %j and %j is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

it.each([
  [["norbridge", "write", "a.bin"], "norbridge write a.bin"],
  [["--port", "sim:AT25SF041?file=a b"], "--port 'sim:AT25SF041?file=a b'"],
  [["it's"], `'it'\\''s'`],
  [[""], "''"],
  [["$(rm)", "`x`", ";"], "'$(rm)' '`x`' ';'"],
])("shell words %j", (words, expected) => {
  expect(shellWords(words)).toBe(expected);
});
