/** The records of a log or the entries of a store, as rows. */
import {
  CircularBuffer,
  type FlashRegion,
  LogFs,
  type KeyValueReader,
  NorbridgeError,
  openKeyValues,
  type RecordLog,
  recogniseLog,
  findKeyValues,
} from "../../index.browser.ts";
import { printableBytes, toHex } from "../../bytes.ts";
import type { Records } from "../messages.ts";

/** A page shows so many; the rest is counted. */
const MOST_ROWS = 100_000;

/** Reads the log or store that was recognised in this region. Throws LAYOUT_MISMATCH, EINVAL for a layout without rows. */
export async function readRecords(region: FlashRegion, layout: string): Promise<Records> {
  if (layout === "fcb" || layout === "px-log-fs") return logRows(await openLog(region, layout), layout);
  if (layout === "nvs" || layout === "zms") return storeRows(region, layout);
  throw new NorbridgeError("EINVAL", `the page shows no records of ${layout}`, {
    operation: "read records",
    hint: "Read the region into a file; the command line has its tools.",
  });
}

async function openLog(region: FlashRegion, layout: "fcb" | "px-log-fs"): Promise<RecordLog> {
  const fcb = { magic: undefined, version: undefined, alignBytes: undefined, scratchSectors: undefined, hasCrc: true };
  const logFs = {
    ...{ pageBytes: undefined, blockPages: undefined, recordBytes: undefined },
    ...{ whenFull: undefined, format: undefined },
  };
  const finding = await recogniseLog(region, { layout, sectorBytes: undefined, fcb, logFs });
  return finding.layout === "fcb"
    ? CircularBuffer.mount(region, finding.options)
    : LogFs.mount(region, finding.options);
}

async function logRows(log: RecordLog, layout: string): Promise<Records> {
  const rows: (readonly (string | number | null)[])[] = [];
  let left = 0;
  for await (const one of log.records()) {
    if (rows.length >= MOST_ROWS) {
      left++;
    } else if (one.kind === "record") {
      rows.push([rows.length, one.sector, one.data.length, toHex(one.data), printableBytes(one.data)]);
    } else {
      rows.push([rows.length, one.sector, one.lengthBytes, null, `damage: ${one.reason}`]);
    }
  }
  const notes = left === 0 ? [] : [`${left} more records are not shown`];
  return { title: layout, columns: ["record", "sector", "bytes", "hex", "text"], rows, notes };
}

async function storeRows(region: FlashRegion, layout: "nvs" | "zms"): Promise<Records> {
  const { stores } = await findKeyValues(region, layout);
  const hints = { layout, sectorBytes: undefined, alignBytes: undefined, hasDataCrc: undefined, overwrite: undefined };
  const store: KeyValueReader = await openKeyValues(region, hints, stores[0]);
  const items = await store.getMany(store.keys());
  const rows = items.map(({ key, data, damage }) => [
    ...[key, data.length, toHex(data), printableBytes(data)],
    damage === undefined ? null : `damage: ${damage}`,
  ]);
  return { title: layout, columns: ["key", "bytes", "hex", "text", "damage"], rows, notes: [] };
}
