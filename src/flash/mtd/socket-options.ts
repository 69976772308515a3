/**
 * The option string of a socket, in both forms:
 *
 * - names: `window=64k,base=0x1000,size=256k,chip=AT25SF041,clock=8MHz`; each may be left out;
 * - places, as a QNX driver takes them after `-s`: `base,windowsize,arrayoffset,arraysize,unitsize,buswidth,interleave`.
 *   Fields at the end may be left out, and an empty one counts as left out. `chip=` and `clock=` may follow.
 */
import { parseSize, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";

/** Which part of a chip belongs to a socket, and how to open it. */
export interface SocketOptions {
  /**
   * Bytes that `page` brings within reach at a time: a power of two, at least an erase block. (On chips with pages of 264
   * bytes: 1, 2, 4, 8 ... erase blocks.) If left out, up to 64 KiB.
   */
  readonly windowBytes?: number | undefined;
  /** First address of the chip that belongs to the socket (QNX: arrayoffset). */
  readonly baseAddress?: number | undefined;
  /** Bytes from there on; up to the end of the chip if left out (QNX: arraysize, 0 for unknown). */
  readonly sizeBytes?: number | undefined;
  /** Size of an erase block (QNX: unitsize, 0 for unknown); the smallest of the chip if left out. */
  readonly unitBytes?: number | undefined;
  /** Address of the window in the memory of a processor (QNX: base). Kept, but without effect: a SPI chip is not mapped. */
  readonly physicalBase?: number | undefined;
  /** Name of the part, as for `openFlash`; found by its ID if left out. */
  readonly chip?: string | undefined;
  /** SPI clock, Hz; the fastest that chip and bridge allow if left out. */
  readonly spiClockHz?: number | undefined;
}

type Mutable = { -readonly [K in keyof SocketOptions]: SocketOptions[K] };

const CLOCK = /^([0-9]+(?:\.[0-9]+)?)(k|M)Hz$/;

/** Fields of the form by places, in their order. */
const PLACES: readonly {
  readonly name: string;
  readonly set: (options: Mutable, value: number, word: string) => void;
}[] = [
  { name: "base", set: (options, value) => (options.physicalBase = value) },
  {
    name: "windowsize",
    set(options, value, word) {
      if (!isPowerOfTwo(value)) throw refuseSocketOption(`windowsize ${word}`, "it must be a power of two");
      options.windowBytes = value;
    },
  },
  { name: "arrayoffset", set: (options, value) => (options.baseAddress = value) },
  { name: "arraysize", set: (options, value) => (options.sizeBytes = unlessUnknown(value)) },
  { name: "unitsize", set: (options, value) => (options.unitBytes = unlessUnknown(value)) },
  { name: "buswidth", set: (_, value, word) => mustBeOne("buswidth", value, word, "a SPI chip is one byte wide") },
  {
    name: "interleave",
    set: (_, value, word) => mustBeOne("interleave", value, word, "one SPI chip is not interleaved"),
  },
];

/**
 * Reads an option string; a leading `-s` is passed over. Throws EINVAL that names the option and what it takes, also for one
 * that is given twice.
 */
export function parseSocketOptions(text: string): SocketOptions {
  const words = text.replace(/^-s\s*/, "").split(",");
  const options: Mutable = {};
  const firstName = words.findIndex((word) => word.includes("="));
  const places = firstName === -1 ? words : words.slice(0, firstName);
  places.forEach((word, index) => readPlace(options, word, index, places.length));
  const seen = new Set<string>();
  for (const word of words.slice(places.length).filter((one) => one !== "")) readName(options, word, seen);
  return options;
}

function readPlace(options: Mutable, word: string, index: number, count: number): void {
  if (word === "") return;
  const place = PLACES[index];
  if (place === undefined) {
    throw refuseSocketOption(
      word,
      `there are at most ${PLACES.length} fields: ${PLACES.map(({ name }) => name).join(",")}`,
    );
  }
  const value = parseSize(word);
  if (value === undefined) {
    // One word without "=" is more likely a name that lacks its value than a base address.
    const how = count === 1 ? NAMES : `${place.name} takes a number or a size such as 4096, 0x1000, 64k or 2M`;
    throw refuseSocketOption(word, how);
  }
  place.set(options, value, word);
}

const NAMES = "options are window=, base=, size=, chip= and clock=";

function readName(options: Mutable, word: string, seen: Set<string>): void {
  const equals = word.indexOf("=");
  const [name, value] = [word.slice(0, Math.max(0, equals)), word.slice(equals + 1)];
  if (seen.has(name)) throw refuseSocketOption(word, `${name}= is given twice`);
  seen.add(name);
  const mustBeNew = (isSet: boolean): void => {
    if (isSet) throw refuseSocketOption(word, "a field before it specifies this already");
  };
  switch (name) {
    case "window":
      mustBeNew(options.windowBytes !== undefined);
      options.windowBytes = sizeOf(word, value, 1);
      return;
    case "base":
      mustBeNew(options.baseAddress !== undefined);
      options.baseAddress = sizeOf(word, value, 0);
      return;
    case "size":
      mustBeNew(options.sizeBytes !== undefined);
      // As arraysize: 0 is unknown.
      options.sizeBytes = unlessUnknown(sizeOf(word, value, 0));
      return;
    case "chip":
      options.chip = value;
      return;
    case "clock":
      options.spiClockHz = clockOf(word, value);
      return;
    default:
      throw refuseSocketOption(word, NAMES);
  }
}

function unlessUnknown(value: number): number | undefined {
  return value === 0 ? undefined : value;
}

function mustBeOne(name: string, value: number, word: string, why: string): void {
  if (value > 1) throw refuseSocketOption(`${name} ${word}`, `${why}: it must be 1, or 0 for unknown`);
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && Number.isInteger(Math.log2(value));
}

function sizeOf(word: string, value: string, least: number): number {
  const size = parseSize(value);
  if (size === undefined || size < least) {
    throw refuseSocketOption(word, "it takes a size such as 4096, 0x1000, 64k or 2M");
  }
  return size;
}

function clockOf(word: string, value: string): number {
  const match = CLOCK.exec(value);
  const hertz = Number(match?.[1]) * (match?.[2] === "M" ? 1e6 : 1e3);
  if (match === null || !(hertz > 0)) throw refuseSocketOption(word, "it takes a clock such as 8MHz or 500kHz");
  return Math.round(hertz);
}

/** @internal The error for an option that cannot be used. */
export function refuseSocketOption(word: string, why: string): NorbridgeError {
  return new NorbridgeError("EINVAL", `socket option ${printable(word)}: ${why}`, { operation: "open socket" });
}
