/** Other programs that read the same formats, each as a function from a file to segments. */
import { execFileSync, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../../../src/bytes.ts";

/** Segments as `0x30: 02337a`, sorted, joined where they touch; undefined: the file is refused. */
export type Listing = readonly string[] | undefined;

/** Formats of the inputs. */
export type PeerFormat = "hex" | "srec" | "elf";

export interface Peer {
  readonly name: string;
  /** Why it is not here; undefined if it is. */
  readonly missing: string | undefined;
  readonly formats: readonly PeerFormat[];
  /** The end of the addresses that it knows. */
  readonly endAddress: number;
  read(contents: Uint8Array, format: PeerFormat, folder: string): Listing;
}

function missingProgram(name: string, from: string): string | undefined {
  const { error } = spawnSync(name, ["--version"]);
  return error === undefined ? undefined : `${name} of ${from} is not installed`;
}

/** Runs a program that writes S-records; what they hold. */
function converted(program: string, words: (input: string, output: string) => readonly string[]) {
  return (contents: Uint8Array, folder: string): Listing => {
    const [input, output] = [join(folder, "peer.in"), join(folder, "peer.out")];
    writeFileSync(input, contents);
    rmSync(output, { force: true });
    try {
      execFileSync(program, words(input, output), { stdio: "ignore", timeout: 20_000 });
    } catch {
      return undefined;
    }
    return srecListing(readFileSync(output, "latin1"));
  };
}

const SREC_CAT_NAMES = { hex: "-intel", srec: "-motorola", elf: "" } as const;
const OBJCOPY_NAMES = { hex: ["-I", "ihex"], srec: ["-I", "srec"], elf: [] } as const;

const srecCat: Peer = {
  name: "srec_cat",
  missing: missingProgram("srec_cat", "srecord"),
  formats: ["hex", "srec"],
  endAddress: 2 ** 32,
  read: (contents, format, folder) =>
    converted("srec_cat", (input, output) => [
      ...[input, SREC_CAT_NAMES[format], "-o", output, "-motorola", "-address-length=4"],
    ])(contents, folder),
};

const objcopy: Peer = {
  name: "objcopy",
  missing: missingProgram("objcopy", "binutils"),
  formats: ["hex", "srec", "elf"],
  endAddress: 2 ** 32,
  read: (contents, format, folder) =>
    converted("objcopy", (input, output) => [
      ...OBJCOPY_NAMES[format],
      ...["-O", "srec", "--srec-forceS3", input, output],
    ])(contents, folder),
};

/** As far as it is used here: `MemoryMap.fromHex(text)`. */
interface NrfModule {
  fromHex(text: string): Iterable<readonly [address: number, bytes: Uint8Array]>;
}

function nrfModule(): NrfModule | undefined {
  try {
    const loaded: unknown = createRequire(import.meta.url)("nrf-intel-hex");
    return isNrfModule(loaded) ? loaded : undefined;
  } catch {
    return undefined;
  }
}

function isNrfModule(value: unknown): value is NrfModule {
  return typeof value === "function" && "fromHex" in value;
}

const nrf = nrfModule();
const nrfIntelHex: Peer = {
  name: "nrf-intel-hex",
  missing: nrf === undefined ? "nrf-intel-hex is not installed" : undefined,
  formats: ["hex"],
  endAddress: 2 ** 31,
  read(contents) {
    try {
      const parts = [...(nrf?.fromHex(Buffer.from(contents).toString("latin1")) ?? [])];
      return listingOf(
        parts.flatMap(([address, bytes]) => [...bytes].map((byte, at) => [address + at, byte] as const)),
      );
    } catch {
      return undefined;
    }
  },
};

/** All that the conformance is measured with. */
export const PEERS: readonly Peer[] = [srecCat, objcopy, nrfIntelHex];

/** Segments of single bytes, the last one of an address first. */
export function listingOf(bytes: Iterable<readonly [address: number, byte: number]>): Listing {
  const cells = new Map(bytes);
  const lines: string[] = [];
  let next = -1;
  for (const address of [...cells.keys()].sort((a, b) => a - b)) {
    const byte = toHex(Uint8Array.of(cells.get(address) ?? 0));
    const last = lines.length - 1;
    if (address === next) lines[last] = `${lines[last] ?? ""}${byte}`;
    else lines.push(`0x${address.toString(16)}: ${byte}`);
    next = address + 1;
  }
  return lines.length === 0 ? undefined : lines;
}

/** S-records of a peer: nothing is checked, the peer has made them. */
function srecListing(text: string): Listing {
  const bytes: (readonly [number, number])[] = [];
  for (const line of text.split(/\r?\n/)) {
    const type = Number(line[1]);
    if (!(type >= 1 && type <= 3)) continue;
    const digits = 4 + 2 * (type - 1);
    const address = Number.parseInt(line.slice(4, 4 + digits), 16);
    const data = Buffer.from(line.slice(4 + digits, -2), "hex");
    for (const [at, byte] of data.entries()) bytes.push([address + at, byte]);
  }
  return listingOf(bytes);
}
