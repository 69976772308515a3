/**
 * node uf2.mjs IN.bin OUT.uf2: puts the checksum after boot2 and makes UF2 blocks for the RP2040.
 *
 * The boot ROM wants a CRC-32 (polynomial 04C11DB7, most significant bit first, start FFFFFFFF, not inverted) of the first
 * 252 bytes after them (datasheet 2.8.1.3.1). UF2: github.com/microsoft/uf2, blocks of 512 bytes with 256 of payload.
 */
import { readFileSync, writeFileSync } from "node:fs";

const BOOT2_BYTES = 252;
const FLASH = 0x1000_0000;
const PAYLOAD_BYTES = 256;
const BLOCK_BYTES = 512;
const FAMILY_RP2040 = 0xe48b_ff56;
const HAS_FAMILY = 0x2000;

function bootChecksum(bytes) {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}

const [from, to] = process.argv.slice(2);
const binary = readFileSync(from);
const count = Math.ceil(binary.length / PAYLOAD_BYTES);
const image = Buffer.alloc(count * PAYLOAD_BYTES);
binary.copy(image);
image.writeUInt32LE(bootChecksum(image.subarray(0, BOOT2_BYTES)), BOOT2_BYTES);
const blocks = Buffer.alloc(count * BLOCK_BYTES);
for (let i = 0; i < count; i++) {
  const block = blocks.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
  const head = [
    0x0a32_4655,
    0x9e5d_5157,
    HAS_FAMILY,
    FLASH + i * PAYLOAD_BYTES,
    PAYLOAD_BYTES,
    i,
    count,
    FAMILY_RP2040,
  ];
  head.forEach((word, index) => block.writeUInt32LE(word, index * 4));
  image.copy(block, 32, i * PAYLOAD_BYTES, (i + 1) * PAYLOAD_BYTES);
  block.writeUInt32LE(0x0ab1_6f30, BLOCK_BYTES - 4);
}
writeFileSync(to, blocks);
