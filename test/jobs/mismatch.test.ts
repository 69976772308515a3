/** Bytes that came out wrong, each in a way that has a cause. */
import { describe, expect, it } from "vitest";
import { classifyMismatch, type MismatchKind } from "../../src/jobs/mismatch.ts";
import { createRandom } from "../../src/sim/random.ts";

const image = createRandom("mismatch").bytes(4096);
const AT = 1024;
const SIZE = 256;
const expected = image.slice(AT, AT + SIZE);
const expectedAt = (distance: number): Uint8Array | undefined =>
  AT + distance < 0 || AT + distance + SIZE > image.length
    ? undefined
    : image.slice(AT + distance, AT + distance + SIZE);

function kindOf(found: Uint8Array, again = found): MismatchKind {
  return classifyMismatch({ expected, found, again, expectedAt }).kind;
}

/** The whole as one number of bits, moved. */
function moved(bytes: Uint8Array, bits: number): Uint8Array {
  const text = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const shifted =
    bits > 0 ? `${"1".repeat(bits)}${text}`.slice(0, text.length) : `${text}${"1".repeat(-bits)}`.slice(-bits);
  return new Uint8Array(bytes.length).map((_, i) => Number.parseInt(shifted.slice(8 * i, 8 * i + 8), 2));
}

describe("classified", () => {
  it.each<[MismatchKind, Uint8Array]>([
    ["all-ff", new Uint8Array(SIZE).fill(0xff)],
    ["all-00", new Uint8Array(SIZE)],
    ["shifted", moved(expected, 1)],
    ["shifted", moved(expected, 7)],
    ["shifted", moved(expected, -1)],
    ["shifted", image.slice(AT + 1, AT + 1 + SIZE)],
    ["shifted", image.slice(AT - 3, AT - 3 + SIZE)],
    ["wrapped", image.slice(AT + 256, AT + 256 + SIZE)],
    ["wrapped", image.slice(AT - 1024, AT - 1024 + SIZE)],
    ["stuck-at-0", expected.map((byte) => byte & 0xf7)],
    ["stuck-at-0", expected.map((byte, i) => (i === 9 ? byte & 0x00 : byte))],
    ["stuck-at-1", expected.map((byte) => byte | 0x20)],
    ["other-bytes", createRandom("else").bytes(SIZE)],
  ])("%s", (kind, found) => {
    expect(kindOf(found)).toBe(kind);
  });

  it("unsteady before anything else: what is read twice must be the same to be judged", () => {
    expect(kindOf(new Uint8Array(SIZE), expected)).toBe("unsteady");
  });

  it("a few bytes fit nothing by chance", () => {
    const few = { expected: Uint8Array.of(0x12, 0x34), found: Uint8Array.of(0x09, 0x9a) };
    expect(classifyMismatch({ ...few, again: few.found, expectedAt: () => few.found }).kind).toBe("other-bytes");
  });

  it("says which, and what to do next", () => {
    const look = (found: Uint8Array, again = found): string => {
      const { text, next } = classifyMismatch({ expected, found, again, expectedAt });
      return `${text}; ${next.remedies.map((one) => (typeof one === "string" ? one : one.kind)).join(" ")}`;
    };
    expect(look(new Uint8Array(SIZE), expected)).toMatch(/repeated reads return different bytes; check-wiring/);
    expect(look(new Uint8Array(SIZE).fill(0xff))).toMatch(/FF throughout.*; write-image/);
    expect(look(new Uint8Array(SIZE))).toMatch(/00 throughout.*; write-image/);
    expect(look(moved(expected, 1))).toMatch(/all data is 1 bit late:.*; check-wiring/);
    expect(look(moved(expected, 2))).toMatch(/all data is 2 bits late:/);
    expect(look(moved(expected, -1))).toMatch(/all data is 1 bit early:/);
    expect(look(moved(expected, -7))).toMatch(/all data is 7 bits early:/);
    expect(look(image.slice(AT + 1, AT + 1 + SIZE))).toMatch(/all data is 1 byte early:/);
    expect(look(image.slice(AT - 4, AT - 4 + SIZE))).toMatch(/all data is 4 bytes late:/);
    expect(look(image.slice(AT + 256, AT + 256 + SIZE))).toMatch(
      /belongs 0x100 bytes higher:.*; show-chip set-part set-chip-size/,
    );
    expect(look(image.slice(AT - 512, AT - 512 + SIZE))).toMatch(/belongs 0x200 bytes lower:/);
    expect(look(expected.map((byte) => byte & 0xfb))).toMatch(/bits 0x04 read 0 and should be 1; write-image/);
    expect(look(expected.map((byte) => byte | 0x40))).toMatch(/bits 0x40 read 1 and should be 0; write-image/);
    expect(look(createRandom("else").bytes(SIZE))).toMatch(/other bytes; show-differences/);
  });

  it("sixteen bytes are enough for a pattern, fifteen are not; bytes that are all alike fit none", () => {
    const kind = (count: number): MismatchKind => {
      const found = moved(expected, 1).slice(0, count);
      return classifyMismatch({
        ...{ expected: expected.slice(0, count), found, again: found },
        expectedAt: () => undefined,
      }).kind;
    };
    expect([kind(16), kind(15)]).toEqual(["shifted", "other-bytes"]);
    const alike = new Uint8Array(SIZE).fill(0x77);
    const same = { expected: new Uint8Array(SIZE).fill(0xee), found: alike, again: alike };
    expect(classifyMismatch({ ...same, expectedAt: () => alike.slice() }).kind).toBe("other-bytes");
  });
});
