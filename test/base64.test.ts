/** Base64 and the words for bytes that run everywhere, against Node's Buffer. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "../src/base64.ts";
import { compareBytes, indexOfBytes, latin1Text, sameBytes } from "../src/bytes.ts";

const bytes = fc.uint8Array({ maxLength: 40 });

describe("base64", () => {
  it("is that of Node.js, both ways", () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const text = Buffer.from(data).toString("base64");
        expect(encodeBase64(data)).toBe(text);
        expect(decodeBase64(text)).toEqual(data);
      }),
    );
  });

  it("refuses every text that it would not have made", () => {
    const digits = Array.from("ABab09+/=- \u0141");
    const text = fc.array(fc.constantFrom(...digits), { maxLength: 9 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (typed) => {
        const isOwn = Buffer.from(typed, "base64").toString("base64") === typed;
        expect(decodeBase64(typed) !== undefined).toBe(isOwn);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("bytes", () => {
  it("compare as Buffer does, wherever the two lie in memory", () => {
    const place = fc.nat({ max: 5 });
    fc.assert(
      fc.property(
        bytes,
        place,
        place,
        fc.option(fc.tuple(fc.nat(), fc.nat({ max: 255 }))),
        (data, from, to, change) => {
          const a = new Uint8Array(from + data.length).subarray(from);
          const b = new Uint8Array(to + data.length).subarray(to);
          a.set(data);
          b.set(data);
          if (change !== null && b.length > 0) b[change[0] % b.length] = change[1];
          expect(sameBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
          expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        },
      ),
    );
  });

  it("are found as Buffer finds them", () => {
    const few = fc.array(fc.nat({ max: 2 }), { maxLength: 30 }).map((values) => Uint8Array.from(values));
    const wanted = fc
      .array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 4 })
      .map((values) => Uint8Array.from(values));
    fc.assert(
      fc.property(few, wanted, fc.nat({ max: 31 }), (data, sought, from) => {
        expect(indexOfBytes(data, sought, from)).toBe(Buffer.from(data).indexOf(sought, from));
      }),
    );
  });

  it("are one character each in latin1", () => {
    const all = Uint8Array.from({ length: 10_000 }, (_, index) => index & 0xff);
    expect(latin1Text(all)).toBe(Buffer.from(all).toString("latin1"));
  });
});
