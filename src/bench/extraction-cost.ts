/** `npm run bench -- extraction [UNITS]`: many returned units through the store, without chips; CPU time of this computer. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FlashGeometry } from "../../drivers/geometry.ts";
import { decodeExtraction } from "../extract/decode-extraction.ts";
import { partsToKeep, storeUnit } from "../extract/extract-unit.ts";
import { ExtractionStore } from "../extract/extraction-store.ts";
import type { StructFile } from "../extract/struct-store.ts";
import { hashOf } from "../node-hashes.ts";
import { toHex } from "../bytes.ts";
import { encodePageHeader, encodeSlot, slotsPerPage } from "../storage/log-fs/format.ts";
import { parseStruct } from "../storage/struct-record.ts";

const PAGE_BYTES = 256;
const BLOCK_BYTES = 4096;
const PAGE_HEADER_BYTES = 4;
const SLOT_EXTRA_BYTES = 2;
const RECORD_BYTES = 9;
/** Records of a unit. */
const RECORDS = 10_000;

/** Fields of the records of `unitLog`. */
export const UNIT_STRUCT = {
  fields: [
    { name: "time", type: "u32le", time: { base: "2026-01-01T00:00:00Z", unit: "s" } },
    { name: "temperature", type: "i16le", scale: 0.01, unit: "C" },
    { name: "battery", type: "u16le" },
    { name: "state", type: "u8", values: { 0: "ok", 1: "low battery" } },
  ],
};

/** A px_log_fs of a unit: the flash, and one free block after it. Each unit has other records. */
export function unitLog(unit: number, records: number): Uint8Array {
  const perPage = slotsPerPage(PAGE_BYTES, RECORD_BYTES);
  const pages = Math.ceil(records / perPage);
  const blocks = Math.ceil((pages * PAGE_BYTES) / BLOCK_BYTES) + 1;
  const flash = new Uint8Array(blocks * BLOCK_BYTES).fill(0xff);
  const record = new DataView(new ArrayBuffer(RECORD_BYTES));
  for (let at = 0; at < records; at++) {
    const page = Math.floor(at / perPage);
    const slot = at % perPage;
    if (slot === 0) flash.set(encodePageHeader(page, 2), page * PAGE_BYTES);
    record.setUint32(0, at * 600 + unit, true);
    record.setInt16(4, 2000 + ((at * 7 + unit * 13) % 1000), true);
    record.setUint16(6, 3300 - (at % 300), true);
    record.setUint8(8, at % 97 === 0 ? 1 : 0);
    const place = page * PAGE_BYTES + PAGE_HEADER_BYTES + slot * (RECORD_BYTES + SLOT_EXTRA_BYTES);
    flash.set(encodeSlot(new Uint8Array(record.buffer), RECORD_BYTES, 2), place);
  }
  return flash;
}

/** Stores what was read of one unit. */
export async function storeUnitLog(store: ExtractionStore, unit: number, records: number): Promise<void> {
  const bytes = unitLog(unit, records);
  const snapshot = {
    serial: String(100_000 + unit),
    product: "logger",
    identity: { name: "AT25SF041", vendor: "Adesto", jedecId: "1f8401" },
    uniqueId: "",
    geometry: geometryOf(bytes.length),
    address: 0,
    bytes,
  };
  await storeUnit(store, snapshot, await partsToKeep(snapshot, false));
}

function geometryOf(capacityBytes: number): FlashGeometry {
  const times = { typicalUs: 1, maximumUs: 1 };
  const regions = [{ address: 0, unitBytes: BLOCK_BYTES, count: capacityBytes / BLOCK_BYTES, ...times }];
  return {
    capacityBytes,
    pageBytes: PAGE_BYTES,
    erasedByte: 0xff,
    eraseUnits: [{ name: "4 KiB sector", regions }],
    programTypicalUs: 1,
    programMaximumUs: 1,
  };
}

/** Prints the cost of storing and decoding so many units of 10,000 records. */
export async function extractionTable(units: number, print: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-extraction-"));
  try {
    const store = new ExtractionStore(folder, "norbridge bench");
    const stored = await cpuSecondsOf(async () => {
      for (let unit = 0; unit < units; unit++) await storeUnitLog(store, unit, RECORDS);
    });
    const general = unitStruct();
    store.structs.put(general);
    const { extractions } = await store.state();
    const decoded = await cpuSecondsOf(async () => {
      for (const extraction of extractions.values()) {
        const structs = { general, byAddress: new Map() };
        await decodeExtraction(store, extraction, { structs, hints: {}, before: [] });
      }
    });
    const records = units * RECORDS;
    print("| units | records | store, CPU s | decode, CPU s | us a record | dumps, MiB | records, MiB |");
    print("|---|---|---|---|---|---|---|");
    const perRecord = ((decoded / records) * 1e6).toFixed(1);
    const sizes = ["dumps", "records"].map((name) => (bytesBelow(join(folder, name)) / 2 ** 20).toFixed(1));
    print(`| ${[units, records, stored.toFixed(1), decoded.toFixed(1), perRecord, ...sizes].join(" | ")} |`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unitStruct(): StructFile {
  const text = JSON.stringify(UNIT_STRUCT);
  const bytes = new TextEncoder().encode(text);
  return { name: "record", sha256: toHex(hashOf("sha256", bytes)), bytes, struct: parseStruct(text, "record.json") };
}

async function cpuSecondsOf(act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}
