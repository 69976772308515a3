/** Every part that is known by name, for lists and searches: the rows of the catalogue, then the parts of the tables. */
import type { ChipDescriptor } from "../chip-descriptor.ts";
import { hex } from "../jedec-id.ts";
import type { NamedRefusal } from "./catalog.ts";
import { allKnownParts } from "./known-parts.ts";
import { describePart } from "./part-descriptor.ts";
import type { IdKind, KnownPart } from "./part-line.ts";
import { sharedBy } from "./shared-facts.ts";
import { CATALOG } from "./whole-catalog.ts";

/** A part with a name. */
export interface ListedPart {
  /** Name of the part. */
  readonly name: string;
  /** Maker. */
  readonly vendor: string;
  /** Which command returns the ID. */
  readonly idKind: IdKind;
  /** The ID and the bytes that follow it, lower-case hex; `..` is a byte that is left open. Empty: it has no ID. */
  readonly id: string;
  /** Capacity, bytes; of an AT45 with standard pages. Undefined if the sources do not agree on it. */
  readonly capacityBytes: number | undefined;
  /** What a job needs of it; undefined if it cannot be operated by name. */
  readonly descriptor: ChipDescriptor | undefined;
  /** Why it cannot be operated; undefined if it can. */
  readonly refusal: NamedRefusal | undefined;
}

/** All parts: rows in their order, then the tables by maker. A name stands once for each ID. */
export function listedParts(): readonly ListedPart[] {
  const parts = new Map<string, ListedPart>();
  for (const row of CATALOG) {
    const part = ofRow(row);
    parts.set(keyOf(part.name, row.jedecId), part);
  }
  // Of two spellings the one with more sources stays, where the first of them stood.
  const tables = new Map<string, KnownPart>();
  for (const part of allKnownParts()) {
    const key = keyOf(part.name, part.id);
    if (part.sources.length > (tables.get(key)?.sources.length ?? 0)) tables.set(key, part);
  }
  for (const [key, part] of tables) if (!parts.has(key)) parts.set(key, ofTables(part));
  return [...parts.values()];
}

function keyOf(name: string, id: readonly number[]): string {
  return `${name.toUpperCase()} ${hex(id)}`;
}

function ofRow(row: ChipDescriptor): ListedPart {
  return {
    name: row.name,
    vendor: row.vendor,
    idKind: "rdid",
    id: hex([...row.jedecId, ...(row.extendedId ?? [])]),
    capacityBytes: row.geometry.capacityBytes,
    descriptor: row,
    refusal: undefined,
  };
}

function ofTables(part: KnownPart): ListedPart {
  const { name, vendor, idKind } = part;
  const driving = describePart(part);
  return {
    name,
    vendor,
    idKind,
    id: hex(part.id) + part.following.map((byte) => (byte === undefined ? ".." : hex([byte]))).join(""),
    capacityBytes: sharedBy([part]).capacityBytes,
    descriptor: driving.ok ? driving.descriptor : undefined,
    refusal: driving.ok ? undefined : { name, reason: driving.reason, cause: driving.cause },
  };
}
