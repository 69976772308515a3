/** All that an SFDP area reports, table by table. Total: any bytes give facts or a reason. */
import { type BasicTableFacts, describeBasicTable } from "./basic-table-facts.ts";
import { describeFourByteTable, describeSectorMap, type FourByteFacts, type SectorMapFacts } from "./other-tables.ts";
import { findBasicTable, type Parsed, parseSfdpTables, refused, type SfdpTable, tableDwords } from "./sfdp-area.ts";

export interface SfdpFacts {
  readonly sfdpRev: string;
  readonly parameterHeaders: number;
  readonly accessProtocol: number;
  readonly headers: readonly {
    readonly id: string;
    readonly rev: string;
    readonly dwords: number;
    readonly pointer: string;
  }[];
  readonly bfpt: BasicTableFacts;
  readonly fourByteInstructions?: FourByteFacts | undefined;
  readonly sectorMap?: readonly SectorMapFacts[] | undefined;
}

const FOUR_BYTE_ID = 0xff84;
const SECTOR_MAP_ID = 0xff81;
const ACCESS_PROTOCOL_AT = 7;

/** Decodes an area as read from address 0 with 5Ah. */
export function describeSfdp(area: Uint8Array): Parsed<SfdpFacts> {
  const tables = parseSfdpTables(area);
  if (!tables.ok) return tables;
  const place = findBasicTable(tables.value, area.length);
  if (!place.ok) return place;
  const dwords = tableDwords(area, place.value);
  if (!dwords.ok) return dwords;
  const bfpt = describeBasicTable(dwords.value, revisionOf(place.value));
  if (!bfpt.ok) return bfpt;
  const others = describeOthers(area, tables.value, bfpt.value);
  if (!others.ok) return others;
  return {
    ok: true,
    value: {
      sfdpRev: `${area[5] ?? 0}.${area[4] ?? 0}`,
      parameterHeaders: tables.value.length,
      accessProtocol: area[ACCESS_PROTOCOL_AT] ?? 0xff,
      headers: tables.value.map((table) => ({
        id: `0x${table.id.toString(16).padStart(4, "0")}`,
        rev: revisionOf(table),
        dwords: table.lengthDwords,
        pointer: `0x${table.pointer.toString(16).padStart(6, "0")}`,
      })),
      bfpt: bfpt.value,
      ...others.value,
    },
  };
}

function revisionOf({ major, minor }: SfdpTable): string {
  return `${major}.${minor}`;
}

function describeOthers(
  area: Uint8Array,
  tables: readonly SfdpTable[],
  bfpt: BasicTableFacts,
): Parsed<Pick<SfdpFacts, "fourByteInstructions" | "sectorMap">> {
  let facts: Pick<SfdpFacts, "fourByteInstructions" | "sectorMap"> = {};
  for (const table of tables) {
    if (table.id !== FOUR_BYTE_ID && table.id !== SECTOR_MAP_ID) continue;
    const dwords = tableDwords(area, table);
    if (!dwords.ok)
      return refused(dwords.reason.replace("basic flash parameter table", `table ${table.id.toString(16)}h`));
    if (table.id === FOUR_BYTE_ID) {
      const fourByteInstructions = describeFourByteTable(dwords.value, bfpt.eraseTypes);
      if (!fourByteInstructions.ok) return fourByteInstructions;
      facts = { ...facts, fourByteInstructions: fourByteInstructions.value };
    } else {
      const sectorMap = describeSectorMap(dwords.value, bfpt.sizeBytes);
      if (!sectorMap.ok) return sectorMap;
      facts = { ...facts, sectorMap: sectorMap.value };
    }
  }
  return { ok: true, value: facts };
}
