/** What reading logs costs this computer: 16 MiB of records in memory, beside a plain read of the same bytes in the same run. */
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import type { FlashRegion } from "../flash/flash-region.ts";
import { regionOf } from "../flash/open-region.ts";
import { createRamFlash } from "../flash/ram-flash.ts";
import { createRandom } from "../sim/random.ts";
import { CircularBuffer } from "../storage/circular-buffer/circular-buffer.ts";
import { checkByte, encodeHeader, encodeLength } from "../storage/circular-buffer/format.ts";
import { encodePageHeader, encodeSlot, slotsPerPage } from "../storage/log-fs/format.ts";
import { LogFs } from "../storage/log-fs/log-fs.ts";
import type { RecordLog } from "../storage/record-log.ts";

const CHIP = "W25Q128JV";
const RECORD_BYTES = 13;
const SECTOR_BYTES = 4096;
const PAGE_BYTES = 256;
const FCB = {
  sectorBytes: SECTOR_BYTES,
  magic: 0x0badc0de,
  version: 1,
  alignBytes: 1,
  scratchSectors: 0,
  hasCrc: true,
};
const PX = {
  pageBytes: PAGE_BYTES,
  blockPages: 16,
  recordBytes: RECORD_BYTES,
  whenFull: "overwrite",
  format: 2,
} as const;

/** Prints records a second, the time as a multiple of a plain read with its CRC, and the heap at its highest. */
export async function logSpeedTable(print: (line: string) => void): Promise<void> {
  print("| log of 16 MiB | records | records/s | x plain read | heap MiB |");
  print("| --- | --- | --- | --- | --- |");
  await line("FCB", fcbBytes, (region) => CircularBuffer.mount(region, FCB), print);
  await line("px_log_fs", pxBytes, (region) => LogFs.mount(region, PX), print);
}

async function line(
  name: string,
  fill: (cells: Uint8Array) => void,
  mount: (region: FlashRegion) => Promise<RecordLog>,
  print: (text: string) => void,
): Promise<void> {
  const geometry = descriptorByName(CHIP)?.geometry;
  if (geometry === undefined) throw new Error(`${CHIP} is in the catalogue`);
  const cells = new Uint8Array(geometry.capacityBytes).fill(0xff);
  // The last block stays free: px_log_fs numbers at most 65535 pages.
  const used = cells.subarray(0, cells.length - SECTOR_BYTES);
  fill(used);
  const region = regionOf(createRamFlash(geometry, cells), { address: 0, lengthBytes: used.length });
  const plainSeconds = await seconds(async () => {
    let crc = 0;
    for (let at = 0; at < used.length; at += SECTOR_BYTES) crc = crc32(await region.read(at, SECTOR_BYTES), crc);
    if (crc === 0) throw new Error("nothing was read");
  });
  let records = 0;
  let heapBytes = 0;
  const readSeconds = await seconds(async () => {
    for await (const { kind } of (await mount(region)).records()) {
      if (kind === "record") records++;
      if (records % 4096 === 0) heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed);
    }
  });
  const cellsOf = [records, Math.round(records / readSeconds), (readSeconds / plainSeconds).toFixed(1)];
  print(`| ${[name, ...cellsOf, Math.round(heapBytes / 1024 ** 2)].join(" | ")} |`);
}

async function seconds(job: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await job();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function fcbBytes(cells: Uint8Array): void {
  const random = createRandom("log speed");
  const length = encodeLength(RECORD_BYTES, 0xff);
  for (let sector = 0; sector * SECTOR_BYTES < cells.length; sector++) {
    const start = sector * SECTOR_BYTES;
    cells.set(encodeHeader(FCB.magic, FCB.version, sector, 0xff), start);
    for (let at = 8; at + RECORD_BYTES + 2 <= SECTOR_BYTES; at += RECORD_BYTES + 2) {
      const data = random.bytes(RECORD_BYTES);
      cells.set([...length, ...data, checkByte(length, data)], start + at);
    }
  }
}

function pxBytes(cells: Uint8Array): void {
  const random = createRandom("log speed");
  const slots = slotsPerPage(PAGE_BYTES, RECORD_BYTES);
  for (let page = 0; page * PAGE_BYTES < cells.length; page++) {
    const start = page * PAGE_BYTES;
    cells.set(encodePageHeader(page, 2), start);
    for (let slot = 0; slot < slots; slot++) {
      cells.set(encodeSlot(random.bytes(RECORD_BYTES), RECORD_BYTES, 2), start + 4 + slot * (RECORD_BYTES + 2));
    }
  }
}
