/** Dumps that are damaged in any way: extraction ends, reports what it does not read, and gives the same rows each time. */
import { describe, expect, it } from "vitest";
import { DumpRegion } from "../../src/extract/dump-region.ts";
import { openLogs } from "../../src/extract/find-logs.ts";
import { noRows, rowsOf } from "../../src/extract/record-rows.ts";
import { decodableLog, NO_STRUCT } from "../../src/extract/tables.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { goldenBytes } from "../storage/support/golden.ts";
import { packedGolden } from "../storage/support/packed-golden.ts";
import { effort, sayCount } from "../support/effort.ts";

const SHAPE = { pageBytes: 256, eraseBytes: 4096, erasedByte: 0xff };
const BLOCK_BYTES = 4096;
const CHIP_BYTES = 24 * BLOCK_BYTES;

const images: readonly Uint8Array[] = [
  goldenBytes("mynewt-log/fcb-log3-a8-wrapped.bin.gz"),
  goldenBytes("mynewt-log/fcb2-log3-a1-wrapped.bin.gz"),
  goldenBytes("px-log-fs/nr-rollover-wrapped.bin"),
  goldenBytes("px-log-fs/v1-wrapped.bin"),
  packedGolden("flashdb").image("tsdb-g8-t64-status"),
];

/** Some of the images beside each other, then damaged. */
function damagedChip(random: Random): Uint8Array {
  const chip = new Uint8Array(CHIP_BYTES).fill(0xff);
  for (let at = 0; at < 5; at++) {
    const image = random.pick(images);
    const place = random.intBelow(CHIP_BYTES / BLOCK_BYTES) * BLOCK_BYTES;
    chip.set(image.subarray(0, CHIP_BYTES - place), place);
  }
  for (let wounds = random.intBelow(12); wounds > 0; wounds--) {
    const place = random.intBelow(CHIP_BYTES);
    const length = random.pick([1, 2, 16, 256, BLOCK_BYTES]);
    const part = chip.subarray(place, place + length);
    const kind = random.pick(["bits", "erased", "zero", "noise", "moved"]);
    if (kind === "bits") part[0] = (part[0] ?? 0) ^ (1 << random.intBelow(8));
    else if (kind === "noise") part.set(random.bytes(part.length));
    else if (kind === "moved") chip.copyWithin(place, random.intBelow(CHIP_BYTES - length), CHIP_BYTES - length);
    else part.fill(kind === "zero" ? 0 : 0xff);
  }
  return chip;
}

/** Everything that extraction finds, as text, and how many records. */
async function extracted(chip: Uint8Array): Promise<{ readonly text: string; readonly records: number }> {
  const parts: string[] = [];
  let records = 0;
  for (const log of await openLogs(new DumpRegion(chip, 0x100000, SHAPE))) {
    if ("why" in log) {
      parts.push(`${log.layout} at ${log.address}: ${log.why}`);
      continue;
    }
    const { table, decoder } = await decodableLog(log, NO_STRUCT);
    const place = { layout: log.layout, address: log.address };
    const unit = { serial: "1", product: "", chip: "", chipId: "", extraction: "e", extractedAtMs: 0, ...place };
    const counts = noRows();
    for await (const row of rowsOf(log.log, unit, decoder, table.columns, counts)) {
      expect(row.length).toBe(table.columns.all.length);
      parts.push(row.map(String).join(","));
    }
    records += counts.records;
  }
  return { text: parts.join("\n"), records };
}

describe("damaged dumps", { timeout: 300_000 }, () => {
  it("end in rows, in damage or in a reason, the same each time", async () => {
    const rounds = effort(6, 300);
    let records = 0;
    for (let seed = 0; seed < rounds; seed++) {
      const chip = damagedChip(createRandom(`damage ${seed}`));
      const before = chip.slice();
      const first = await extracted(chip);
      expect(await extracted(chip), `seed ${seed}`).toEqual(first);
      expect(Buffer.compare(chip, before), `seed ${seed}`).toBe(0);
      records += first.records;
    }
    expect(records).toBeGreaterThan(rounds);
    sayCount(`damaged dumps: ${records} records of ${rounds} chips`);
  });
});
