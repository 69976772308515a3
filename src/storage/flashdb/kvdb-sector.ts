/** The nodes of one KVDB sector: names and values with their CRC. Pure, ends on any bytes. */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { u32 } from "../little-endian.ts";
import { type Granularity, GRANULARITIES, readStatus, statusBytes, up } from "./status.ts";

/** "FDB0", in the header of a sector. */
export const KVDB_MAGIC = Uint8Array.of(0x46, 0x44, 0x42, 0x30);
/** "KV00", in the header of a node. */
const NODE_MAGIC = Buffer.from("KV00", "latin1");
const SECTOR_STATUSES = 4;
const NODE_STATUSES = 6;
/** Values of a node's status that keep a value: written, and about to be replaced. */
export const NODE_STATUS = { write: 2, preDelete: 3 } as const;

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
  /** Its status, 0 to 5; 2 is written, 3 is about to be replaced. */
  readonly status: number;
  /** Its name, bytes of the device. */
  readonly name: Uint8Array;
  /** Its value. */
  readonly value: Uint8Array;
}

/** The nodes of a sector, in order; a node with a wrong CRC is passed over to the next node magic. */
export function kvdbNodes(bytes: Uint8Array, granularity: Granularity): readonly KvdbNode[] {
  const { headerBytes, nodeMagic } = kvdbPlaces(granularity);
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const nodes: KvdbNode[] = [];
  for (let at = all.indexOf(NODE_MAGIC, headerBytes + nodeMagic); at >= 0; ) {
    const found = nodeAt(bytes, at - nodeMagic, granularity);
    if (found !== undefined) nodes.push(found.node);
    at = all.indexOf(NODE_MAGIC, found === undefined ? at + 1 : at - nodeMagic + found.lengthBytes + nodeMagic);
  }
  return nodes;
}

function nodeAt(
  bytes: Uint8Array,
  offset: number,
  granularity: Granularity,
): { readonly node: KvdbNode; readonly lengthBytes: number } | undefined {
  const { nodeMagic, nodeBytes } = kvdbPlaces(granularity);
  const field = offset + nodeMagic;
  const lengthBytes = u32(bytes, field + 4);
  const nameBytes = bytes[field + 12] ?? 0;
  const valueBytes = u32(bytes, field + 16);
  const name = offset + nodeBytes;
  const value = name + up(granularity, nameBytes);
  const end = value + up(granularity, valueBytes);
  if (offset < 0 || end > bytes.length || end - offset !== lengthBytes) return undefined;
  const covered = [bytes.subarray(field + 12, field + 20), bytes.subarray(name, end)];
  if (covered.reduce((crc, part) => crc32(part, crc), 0) !== u32(bytes, field + 8)) return undefined;
  const status = readStatus(bytes, offset, granularity, NODE_STATUSES).value;
  const node = {
    offset,
    status,
    name: bytes.slice(name, name + nameBytes),
    value: bytes.slice(value, value + valueBytes),
  };
  return { node, lengthBytes };
}

/** Every place that the magic of a sector may have, with its granularity. */
export const KVDB_GRANULARITIES: ReadonlyMap<number, Granularity> = new Map(
  GRANULARITIES.map((granularity) => [kvdbPlaces(granularity).magic, granularity]),
);
