/** Values of options as they are typed, the nearest name for a typing error, and words quoted for a shell. */
import { describe, expect, it } from "vitest";
import { formatRange, formatSize, parseSize } from "../../../src/bytes.ts";
import { editDistance, nearestName } from "../../../src/cli/arguments/nearest-name.ts";
import { readBaudRate, readClock, readListenAddress, readRange } from "../../../src/cli/options/options.ts";
import { shellWords } from "../../../src/cli/output/shell-words.ts";

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
    ["0x1000..0x1fff", { address: 0x1000, lengthBytes: 0x1000 }],
    ["0x001000..0x001000", { address: 0x1000, lengthBytes: 1 }],
    ["0..0", { address: 0, lengthBytes: 1 }],
    ["0x1000..0xfff", undefined],
    ["0x1000...0x1fff", undefined],
    ["0x1000..", undefined],
    ["64 KiB,4 KiB", { address: 65_536, lengthBytes: 4096 }],
  ])("range %j", (text, expected) => {
    expect(readRange(text)).toEqual(expected);
  });

  it.each([
    ["4096", 4096],
    ["64k", 65_536],
    ["64K", 65_536],
    ["64kB", 65_536],
    ["64 KiB", 65_536],
    ["512KiB", 524_288],
    ["1MB", 1_048_576],
    ["1 MiB", 1_048_576],
    ["1G", 2 ** 30],
    ["1 byte", 1],
    ["100 bytes", 100],
    ["0x1000", 4096],
    ["0x1000k", undefined],
    ["1 k", 1024],
    ["1  k", undefined],
    ["1MBit", undefined],
    ["1.5M", undefined],
    ["1 ki", undefined],
    ["bytes", undefined],
    [" 1", undefined],
  ])("size %j", (text, expected) => {
    expect(parseSize(text)).toBe(expected);
  });

  it.each([1, 100, 1024, 4096, 528 * 1024, 2 ** 20, 3 * 2 ** 30])("what is printed for %d can be typed", (bytes) => {
    expect(parseSize(formatSize(bytes))).toBe(bytes);
    expect(readRange(formatRange({ address: bytes, lengthBytes: bytes }).replace(/ .*/, ""))).toEqual({
      address: bytes,
      lengthBytes: bytes,
    });
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
    ["8 MHz", 8_000_000],
    ["8  MHz", undefined],
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
  expect(shellWords(words, "linux")).toBe(expected);
  expect(shellWords(words, "macos")).toBe(expected);
});

it.each([
  [["norbridge", "write", "C:\\a.bin", "--offset", "0x10"], "norbridge write C:\\a.bin --offset 0x10"],
  [["--port", "sim:AT25SF041?file=C:\\a b.bin&seed=1"], '--port "sim:AT25SF041?file=C:\\a b.bin&seed=1"'],
  [["it's"], `"it's"`],
  [[""], '""'],
  // A backslash before a quote would make it a part of the word.
  [["C:\\my files\\"], '"C:\\my files\\\\"'],
  [['say "so"', 'a\\"b'], '"say \\"so\\"" "a\\\\\\"b"'],
])("shell words of Windows %j", (words, expected) => {
  expect(shellWords(words, "windows")).toBe(expected);
});
