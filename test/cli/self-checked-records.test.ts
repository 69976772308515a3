/** A record that ends in its own CRC-32 is replaced by another: a check by CRC-32 would take the chip for right already. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { runQuickly } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-records-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** 64 KiB with one record of 60 bytes and its CRC-32, in the middle of a page. */
function image(version: number): Buffer {
  const bytes = Buffer.alloc(0x10000, 0xff);
  for (let at = 0; at < 60; at++) bytes[4196 + at] = (at * 7 + version) & 0xff;
  bytes.writeUInt32LE(crc32(bytes.subarray(4196, 4256)), 4256);
  return bytes;
}

it.each([
  "usb=fs",
  "blockCheck=off",
  "bridge=small&baud=1000000",
  "bridge=small&baud=1000000&blockCheck=off",
  "protocol=serprog",
])("is seen and written over %s", async (settings) => {
  const chip = join(folder, "chip.bin");
  rmSync(chip, { force: true });
  const [older, newer] = [image(1), image(2)];
  expect(crc32(older)).toBe(crc32(newer));
  writeFileSync(join(folder, "older.bin"), older);
  writeFileSync(join(folder, "newer.bin"), newer);
  const run = async (command: string, file: string): Promise<number | null> => {
    const protocol = settings.includes("serprog") ? "serprog" : "native";
    const port = `sim:W25Q32JV?file=${chip}&${settings}`;
    const { code } = await runQuickly([command, join(folder, file), "--port", port, "--protocol", protocol]);
    return code;
  };
  expect(await run("write", "older.bin")).toBe(0);
  expect(await run("verify", "newer.bin")).toBe(1);
  expect(await run("write", "newer.bin")).toBe(0);
  expect(await run("verify", "newer.bin")).toBe(0);
  expect(Buffer.compare(readFileSync(chip).subarray(0, newer.length), newer)).toBe(0);
});
