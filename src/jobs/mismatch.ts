/** What bytes that are not as they should be say about the cause, and what to type next. Pure. */
import { type Advice, advice } from "../advice.ts";
import { isFilledWith, sameBytes } from "../bytes.ts";

export type MismatchKind =
  | "unsteady"
  | "all-ff"
  | "all-00"
  | "shifted"
  | "wrapped"
  | "stuck-at-0"
  | "stuck-at-1"
  | "other-bytes";

export interface Mismatch {
  readonly kind: MismatchKind;
  /** The end of a sentence: "reads FF throughout". */
  readonly text: string;
  /** What to do now. */
  readonly next: Advice;
}

export interface MismatchEvidence {
  readonly expected: Uint8Array;
  /** The same bytes as read, and once more. */
  readonly found: Uint8Array;
  readonly again: Uint8Array;
  /** What should be `distance` bytes further up (or down); undefined if the image has nothing there. */
  readonly expectedAt: (distance: number) => Uint8Array | undefined;
}

/** Fewer bytes than this fit by chance. */
const MIN_BYTES = 16;
/** Bytes by which a read may have slipped. */
const MAX_SLIP_BYTES = 4;
/** Address bits that may be stuck, missing or one too many: pages of 256 bytes to chips of 64 MiB. */
const ADDRESS_BITS = Array.from({ length: 19 }, (_, index) => 8 + index);
const CHECK_WIRING = advice("Check the wiring, or lower the SPI clock.", "check-wiring");

/** Names the cause that explains all of the bytes; the more particular one first. */
export function classifyMismatch({ expected, found, again, expectedAt }: MismatchEvidence): Mismatch {
  if (!sameBytes(found, again)) {
    return { kind: "unsteady", text: "repeated reads return different bytes", next: CHECK_WIRING };
  }
  if (isFilledWith(found, 0xff)) {
    const next = advice(
      "Write the image. If it still reads FF, the chip ignores program commands: check its supply and WP#.",
      "write-image",
    );
    return { kind: "all-ff", text: "it reads FF throughout: erased, never programmed, or no chip responds", next };
  }
  if (isFilledWith(found, 0x00)) {
    const next = advice("Write the image. If it still reads 00, check the wiring.", "write-image", "check-wiring");
    return { kind: "all-00", text: "it reads 00 throughout: an interrupted erase, or MISO is held low", next };
  }
  return shifted(expected, found, expectedAt) ?? wrapped(found, expectedAt) ?? stuck(expected, found) ?? OTHER;
}

const OTHER: Mismatch = {
  kind: "other-bytes",
  text: "it holds other bytes",
  next: advice("Write the image again if it is the one you want.", "show-differences", "write-image"),
};

/** By a few bits, or a few bytes. */
function shifted(
  expected: Uint8Array,
  found: Uint8Array,
  expectedAt: MismatchEvidence["expectedAt"],
): Mismatch | undefined {
  // Bytes that are all alike fit any shift of themselves.
  if (found.length < MIN_BYTES || isUniform(found)) return undefined;
  for (let bits = 1; bits < 8; bits++) {
    if (isEqualButEnds(found, later(expected, bits))) return shift(`${bits} bit${bits === 1 ? "" : "s"} late`);
    if (isEqualButEnds(found, earlier(expected, bits))) return shift(`${bits} bit${bits === 1 ? "" : "s"} early`);
  }
  for (let bytes = 1; bytes <= MAX_SLIP_BYTES; bytes++) {
    for (const [distance, word] of [[-bytes, "late"] as const, [bytes, "early"] as const]) {
      const there = expectedAt(distance);
      if (there !== undefined && sameBytes(there, found))
        return shift(`${bytes} byte${bytes === 1 ? "" : "s"} ${word}`);
    }
  }
  return undefined;
}

function shift(text: string): Mismatch {
  return {
    kind: "shifted",
    text: `all data is ${text}: bits are sampled at the wrong time, or bytes were lost`,
    next: CHECK_WIRING,
  };
}

function later(bytes: Uint8Array, bits: number): Uint8Array {
  return bytes.map((byte, i) => (byte >> bits) | (((bytes[i - 1] ?? 0) << (8 - bits)) & 0xff));
}

function earlier(bytes: Uint8Array, bits: number): Uint8Array {
  return bytes.map((byte, i) => ((byte << bits) & 0xff) | ((bytes[i + 1] ?? 0) >> (8 - bits)));
}

/** What was before the first byte and comes after the last is not known. */
function isEqualButEnds(a: Uint8Array, b: Uint8Array): boolean {
  const end = a.length - 1;
  return sameBytes(a.subarray(1, end), b.subarray(1, end));
}

function isUniform(bytes: Uint8Array): boolean {
  return isFilledWith(bytes, bytes[0] ?? 0);
}

/** It holds what belongs elsewhere: an address bit is ignored or always set. */
function wrapped(found: Uint8Array, expectedAt: MismatchEvidence["expectedAt"]): Mismatch | undefined {
  if (found.length < MIN_BYTES || isUniform(found)) return undefined;
  for (const bit of ADDRESS_BITS) {
    for (const distance of [2 ** bit, -(2 ** bit)]) {
      const there = expectedAt(distance);
      if (there === undefined || !sameBytes(there, found)) continue;
      return {
        kind: "wrapped",
        text: `it holds the data that belongs 0x${(2 ** bit).toString(16)} bytes ${distance > 0 ? "higher" : "lower"}: addresses wrap around there`,
        next: advice(
          "Compare the detected size with that of the part. Specify the part, or its size.",
          "show-chip",
          "set-part",
          "set-chip-size",
        ),
      };
    }
  }
  return undefined;
}

/** One bit of every byte, or of one, that is always the same. */
function stuck(expected: Uint8Array, found: Uint8Array): Mismatch | undefined {
  let low = 0;
  let high = 0;
  found.forEach((byte, i) => {
    low |= (expected[i] ?? 0) & ~byte;
    high |= byte & ~(expected[i] ?? 0);
  });
  if (high === 0 && low !== 0) {
    const next = advice(
      "Write the image again. If the bits stay at 0, the cells are worn out or defective.",
      "write-image",
    );
    return { kind: "stuck-at-0", text: `bits 0x${low.toString(16).padStart(2, "0")} read 0 and should be 1`, next };
  }
  if (low === 0 && high !== 0) {
    const next = advice(
      "Write the image again. If the bits stay at 1, the chip does not program them: check its supply.",
      "write-image",
    );
    return { kind: "stuck-at-1", text: `bits 0x${high.toString(16).padStart(2, "0")} read 1 and should be 0`, next };
  }
  return undefined;
}
