/** CBOR as JSON: the examples of RFC 8949, appendix A, and bytes that are none. */
import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/bytes.ts";
import { createRandom } from "../../src/sim/random.ts";
import { decodeCbor } from "../../src/storage/cbor.ts";
import { effort } from "../support/effort.ts";

function decoded(hex: string): string {
  const result = decodeCbor(fromHex(hex)!);
  return result.kind === "value" ? JSON.stringify(result.value) : `invalid: ${result.reason}`;
}

describe("the examples of the RFC", () => {
  it.each([
    ["00", "0"],
    ["17", "23"],
    ["1818", "24"],
    ["1903e8", "1000"],
    ["1a000f4240", "1000000"],
    ["1b000000e8d4a51000", "1000000000000"],
    ["1bffffffffffffffff", '"18446744073709551615"'],
    ["c249010000000000000000", '{"tag":2,"value":"010000000000000000"}'],
    ["3bffffffffffffffff", '"-18446744073709551616"'],
    ["20", "-1"],
    ["3903e7", "-1000"],
    ["f90000", "0"],
    ["f98000", "0"],
    ["f93c00", "1"],
    ["fb3ff199999999999a", "1.1"],
    ["f97bff", "65504"],
    ["fa47c35000", "100000"],
    ["f90001", "5.960464477539063e-8"],
    ["f90400", "0.00006103515625"],
    ["f9c400", "-4"],
    ["f97c00", '"Infinity"'],
    ["f97e00", '"NaN"'],
    ["faff800000", '"-Infinity"'],
    ["f4", "false"],
    ["f5", "true"],
    ["f6", "null"],
    ["f7", "null"],
    ["f0", '{"simple":16}'],
    ["f8ff", '{"simple":255}'],
    ["c074323031332d30332d32315432303a30343a30305a", '{"tag":0,"value":"2013-03-21T20:04:00Z"}'],
    ["40", '""'],
    ["4401020304", '"01020304"'],
    ["60", '""'],
    ["6449455446", '"IETF"'],
    ["62c3bc", '"ü"'],
    ["80", "[]"],
    ["8301820203820405", "[1,[2,3],[4,5]]"],
    [
      "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
      JSON.stringify(Array.from({ length: 25 }, (_, i) => i + 1)),
    ],
    ["a0", "{}"],
    ["a201020304", "[[1,2],[3,4]]"],
    ["a26161016162820203", '{"a":1,"b":[2,3]}'],
    ["5f42010243030405ff", '"0102030405"'],
    ["7f657374726561646d696e67ff", '"streaming"'],
    ["9fff", "[]"],
    ["9f018202039f0405ffff", "[1,[2,3],[4,5]]"],
    ["bf61610161629f0203ffff", '{"a":1,"b":[2,3]}'],
    ["826161bf61626163ff", '["a",{"b":"c"}]'],
    // A name of all objects stays a name; a name twice loses nothing.
    ["a1695f5f70726f746f5f5f01", '{"__proto__":1}'],
    ["a2616101616102", '[["a",1],["a",2]]'],
  ])("%s is %s", (hex, json) => {
    expect(decoded(hex)).toBe(json);
  });
});

describe("what is no CBOR", () => {
  it.each([
    ["", "after the data"],
    ["18", "after the data"],
    ["44010203", "after the data"],
    ["9b7fffffffffffffff", "after the data"],
    ["5b7fffffffffffffff00", "after the data"],
    ["a161", "after the data"],
    ["1c", "reserved length 28"],
    ["ff", "break"],
    ["81ff", "break"],
    ["a1ff", "break"],
    ["bf01ff", "break"],
    ["5f6161ff", "another type"],
    ["9f01", "after the data"],
    ["81".repeat(40) + "00", "more than 32 levels"],
    ["c1".repeat(40) + "00", "more than 32 levels"],
  ])("%s: %s", (hex, reason) => {
    expect(decoded(hex)).toMatch(new RegExp(`^invalid: .*${reason}`));
  });

  it("ends on any bytes", () => {
    const random = createRandom("cbor");
    let values = 0;
    for (let round = 0; round < effort(3000, 100_000); round++) {
      const result = decodeCbor(random.bytes(random.intBelow(200)));
      if (result.kind === "value") values++;
      else expect(result.reason).not.toBe("");
      if (result.kind === "value") JSON.stringify(result.value);
    }
    expect(values).toBeGreaterThan(100);
  });

  it("deep and wide bytes cost no more than their length", () => {
    for (const byte of [0x81, 0xa1, 0x9f, 0xbf, 0xd8, 0x5f, 0x7f, 0xc0]) {
      expect(decodeCbor(new Uint8Array(1 << 16).fill(byte)).kind).toBe("invalid");
    }
  });
});
