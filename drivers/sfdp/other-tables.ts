/** The two tables beside the basic one that change how a chip is driven: 4-byte instructions (FF84h), sector map (FF81h). */
import { type EraseTypeFacts, hex } from "./basic-table-facts.ts";
import { bit, bits, dword } from "./dwords.ts";
import { type Parsed, refused } from "./sfdp-area.ts";

export interface FourByteFacts {
  readonly supported: readonly string[];
  readonly eraseTypes: readonly { readonly type: number; readonly sizeBytes: number; readonly opcode: string }[];
}

/** Bit by bit of dword 1. */
const FOUR_BYTE_COMMANDS = [
  ...["read 13h", "fast read 0Ch", "1-1-2 3Ch", "1-2-2 BCh", "1-1-4 6Ch", "1-4-4 ECh"],
  ...["page program 12h", "1-1-4 program 34h", "1-4-4 program 3Eh"],
  ...["erase type 1", "erase type 2", "erase type 3", "erase type 4"],
  ...["1-1-1 DTR 0Eh", "1-2-2 DTR BEh", "1-4-4 DTR EEh"],
  ...["volatile lock read E0h", "volatile lock write E1h", "nonvolatile lock read E2h", "nonvolatile lock write E3h"],
  ...["1-1-8 7Ch", "1-8-8 CCh", "1-8-8 DTR FDh", "1-1-8 program 84h", "1-8-8 program 8Eh"],
];
const FIRST_ERASE_BIT = 9;
const FOUR_BYTE_DWORDS = 2;

/** Decodes the table. An opcode counts only where its support bit is set, and FFh never. */
export function describeFourByteTable(
  dwords: readonly number[],
  eraseTypes: readonly EraseTypeFacts[],
): Parsed<FourByteFacts> {
  if (dwords.length < FOUR_BYTE_DWORDS) {
    return refused(`the 4-byte instruction table has ${dwords.length} dwords; the minimum is 2`);
  }
  const support = dword(dwords, 1);
  const opcodes = dword(dwords, 2);
  return {
    ok: true,
    value: {
      supported: FOUR_BYTE_COMMANDS.filter((_, index) => bit(support, index)),
      eraseTypes: eraseTypes.flatMap(({ type, sizeBytes }) => {
        const opcode = bits(opcodes, 8 * type - 1, 8 * (type - 1));
        if (!bit(support, FIRST_ERASE_BIT + type - 1) || opcode === 0xff) return [];
        return [{ type, sizeBytes, opcode: hex(opcode) }];
      }),
    },
  };
}

export interface MapRegionFacts {
  readonly start: string;
  readonly sizeBytes: number;
  /** Types of the basic table that may be used there. */
  readonly eraseTypes: readonly number[];
}

export type SectorMapFacts =
  | {
      readonly kind: "detection";
      readonly opcode: string;
      readonly addressBytes: "none" | "3" | "4" | "as set";
      /** Dummy clocks; 15: as the chip is set. */
      readonly latencyClocks: number;
      readonly mask: string;
      readonly address: string;
    }
  | { readonly kind: "map"; readonly configurationId: number; readonly regions: readonly MapRegionFacts[] };

const REGION_UNIT_BYTES = 256;
const DETECTION_ADDRESS = ["none", "3", "4", "as set"] as const;
const ERASE_TYPES = [1, 2, 3, 4] as const;

/** Decodes the list of detections and maps, in its order. Maps that do not add up to the chip are refused. */
export function describeSectorMap(dwords: readonly number[], sizeBytes: number): Parsed<readonly SectorMapFacts[]> {
  const list: SectorMapFacts[] = [];
  for (let at = 1; at <= dwords.length; ) {
    const head = dword(dwords, at);
    const isMap = bit(head, 1);
    const length = isMap ? 2 + bits(head, 23, 16) : 2;
    if (at + length - 1 > dwords.length) return refused("the sector map ends within a descriptor");
    if (!isMap) {
      list.push(detectionOf(head, dword(dwords, at + 1)));
    } else {
      const regions = regionsOf(dwords.slice(at, at + length - 1));
      const mapped = regions.reduce((sum, region) => sum + region.sizeBytes, 0);
      if (mapped !== sizeBytes) return refused(`a sector map covers ${mapped} bytes of a chip of ${sizeBytes}`);
      list.push({ kind: "map", configurationId: bits(head, 15, 8), regions });
      if (bit(head, 0)) return { ok: true, value: list };
    }
    at += length;
  }
  return refused("the sector map has no last descriptor");
}

function detectionOf(head: number, address: number): SectorMapFacts {
  return {
    kind: "detection",
    opcode: hex(bits(head, 15, 8)),
    addressBytes: DETECTION_ADDRESS[bits(head, 23, 22)] ?? "none",
    latencyClocks: bits(head, 19, 16),
    mask: hex(bits(head, 31, 24)),
    address: `0x${address.toString(16).padStart(8, "0")}`,
  };
}

function regionsOf(dwords: readonly number[]): MapRegionFacts[] {
  let start = 0;
  return dwords.map((region) => {
    const sizeBytes = (bits(region, 31, 8) + 1) * REGION_UNIT_BYTES;
    const eraseTypes = ERASE_TYPES.filter((type) => bit(region, type - 1));
    const facts = { start: `0x${start.toString(16).padStart(8, "0")}`, sizeBytes, eraseTypes };
    start += sizeBytes;
    return facts;
  });
}
