/** The nodes of one KVDB sector: names and values with their CRC. Pure, ends on any bytes. */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { indexOfBytes, isFilledWith, sameBytes } from "../../bytes.ts";
import { u32 } from "../little-endian.ts";
import { type Granularity, GRANULARITIES, readStatus, statusBytes, up } from "./status.ts";

/** "FDB0", in the header of a sector. */
export const KVDB_MAGIC = Uint8Array.of(0x46, 0x44, 0x42, 0x30);
/** "KV00", in the header of a node. */
const NODE_MAGIC = new TextEncoder().encode("KV00");
const SECTOR_STATUSES = 4;
const NODE_STATUSES = 6;
/** Values of a node's status. FlashDB keeps the values of written nodes, and of nodes that a change is about to replace. */
export const NODE_STATUS = { unused: 0, preWrite: 1, write: 2, preDelete: 3, deleted: 4, headerError: 5 } as const;
/** Values of a sector's status. */
export const KVDB_SECTOR_STATUS = { unused: 0, empty: 1, using: 2, full: 3 } as const;

/** Offsets in a sector header and in a node. */
export interface KvdbPlaces {
  /** The magic, from the start of the sector. */
  readonly magic: number;
  /** Length of the sector header. */
  readonly headerBytes: number;
  /** The magic of a node, from its start. */
  readonly nodeMagic: number;
  /** Length of the header of a node. */
  readonly nodeBytes: number;
}

/** The places of a granularity. */
export function kvdbPlaces(granularity: Granularity): KvdbPlaces {
  const magic = align4(statusBytes(granularity, SECTOR_STATUSES) + statusBytes(granularity, SECTOR_STATUSES));
  const nodeMagic = align4(statusBytes(granularity, NODE_STATUSES));
  return {
    magic,
    headerBytes: up(granularity, magic + 12),
    nodeMagic,
    nodeBytes: up(granularity, nodeMagic + 20),
  };
}

function align4(value: number): number {
  return Math.ceil(value / 4) * 4;
}

/** A node whose CRC is right. */
export interface KvdbNode {
  /** Offset in the sector. */
  readonly offset: number;
  /** Its length with header and fill, bytes. */
  readonly lengthBytes: number;
  /** Its status, 0 to 5; 2 is written, 3 is about to be replaced. */
  readonly status: number;
  /** The status field holds bytes that FlashDB writes. The CRC does not cover it. */
  readonly isStatusLegal: boolean;
  /** Its name, bytes of the device. */
  readonly name: Uint8Array;
  /** Its value. */
  readonly value: Uint8Array;
}

/** A place that was written in full by its status, and is not a valid node. */
export interface KvdbFlaw {
  /** Offset in the sector. */
  readonly offset: number;
  /** Bytes that are lost, as far as can be determined. */
  readonly lengthBytes: number;
  /** A change was about to replace it: nothing is lost if its name has a value elsewhere. */
  readonly isReplaced: boolean;
  /** Its name as it reads; undefined if its lengths contradict each other. */
  readonly name: Uint8Array | undefined;
  /** What is wrong, as the end of a sentence. */
  readonly reason: string;
}

/** What a sector holds. */
export interface KvdbSector {
  /** valid: it has the magic. erased: its erase was begun, or nothing was ever written. damaged: neither. */
  readonly header: "valid" | "erased" | "damaged";
  /** Its status, 0 to 3. */
  readonly status: number;
  /** All of it is erased after the header. */
  readonly isBlank: boolean;
  /** Nodes with a right CRC, in order. */
  readonly nodes: readonly KvdbNode[];
  /** What was a node. */
  readonly flaws: readonly KvdbFlaw[];
}

/** Reads a sector: node after node, and after what is not a node on to the next node magic. */
export function readKvdbSector(bytes: Uint8Array, granularity: Granularity): KvdbSector {
  const { magic, headerBytes, nodeMagic, nodeBytes } = kvdbPlaces(granularity);
  const nodes: KvdbNode[] = [];
  const flaws: KvdbFlaw[] = [];
  for (let at = headerBytes; at + nodeBytes <= bytes.length; ) {
    const node = nodeAt(bytes, at, granularity);
    if (typeof node !== "string") {
      nodes.push(node);
      at += node.lengthBytes;
      continue;
    }
    const shape = shapeAt(bytes, at, granularity);
    const { value: status } = readStatus(bytes, at, granularity, NODE_STATUSES);
    if (status === NODE_STATUS.write || status === NODE_STATUS.preDelete) {
      const lengthBytes = shape?.lengthBytes ?? nodeBytes;
      const name = shape === undefined ? undefined : bytes.slice(shape.name, shape.name + shape.nameBytes);
      flaws.push({ offset: at, lengthBytes, isReplaced: status === NODE_STATUS.preDelete, name, reason: node });
    }
    const next = indexOfBytes(bytes, NODE_MAGIC, at + nodeMagic + 1);
    // Lengths that agree are right even if the value is not.
    if (shape !== undefined) at += shape.lengthBytes;
    else if (next < 0) break;
    else at = next - nodeMagic;
  }
  const hasMagic = sameBytes(bytes.subarray(magic, magic + KVDB_MAGIC.length), KVDB_MAGIC);
  const isErased = isFilledWith(bytes.subarray(0, headerBytes), 0xff);
  return {
    header: hasMagic ? "valid" : isErased ? "erased" : "damaged",
    status: readStatus(bytes, 0, granularity, SECTOR_STATUSES).value,
    isBlank: isFilledWith(bytes.subarray(headerBytes), 0xff),
    nodes,
    flaws,
  };
}

/** Where name and value of a node lie. */
interface NodeShape {
  readonly name: number;
  readonly nameBytes: number;
  readonly value: number;
  readonly valueBytes: number;
  /** Length of all of it. */
  readonly lengthBytes: number;
}

/** By its three lengths; undefined if they contradict each other or leave the sector. */
function shapeAt(bytes: Uint8Array, offset: number, granularity: Granularity): NodeShape | undefined {
  const { nodeMagic, nodeBytes } = kvdbPlaces(granularity);
  const field = offset + nodeMagic;
  const nameBytes = bytes[field + 12] ?? 0;
  const valueBytes = u32(bytes, field + 16);
  const name = offset + nodeBytes;
  const value = name + up(granularity, nameBytes);
  const end = value + up(granularity, valueBytes);
  if (end > bytes.length || end - offset !== u32(bytes, field + 4)) return undefined;
  return { name, nameBytes, value, valueBytes, lengthBytes: end - offset };
}

/** The node at `offset`, or why there is none. */
function nodeAt(bytes: Uint8Array, offset: number, granularity: Granularity): KvdbNode | string {
  const field = offset + kvdbPlaces(granularity).nodeMagic;
  if (!sameBytes(bytes.subarray(field, field + NODE_MAGIC.length), NODE_MAGIC))
    return "the mark of the value is damaged";
  const shape = shapeAt(bytes, offset, granularity);
  if (shape === undefined) return "the lengths of the value contradict each other";
  const { name, nameBytes, value, valueBytes, lengthBytes } = shape;
  const covered = [bytes.subarray(field + 12, field + 20), bytes.subarray(name, offset + lengthBytes)];
  if (covered.reduce((crc, part) => crc32(part, crc), 0) !== u32(bytes, field + 8)) {
    return "the CRC-32 of name and value does not match";
  }
  const { value: status, isLegal } = readStatus(bytes, offset, granularity, NODE_STATUSES);
  return {
    offset,
    lengthBytes,
    status,
    isStatusLegal: isLegal,
    name: bytes.slice(name, name + nameBytes),
    value: bytes.slice(value, value + valueBytes),
  };
}

/** Every place that the magic of a sector may have, with its granularity. */
export const KVDB_GRANULARITIES: ReadonlyMap<number, Granularity> = new Map(
  GRANULARITIES.map((granularity) => [kvdbPlaces(granularity).magic, granularity]),
);
