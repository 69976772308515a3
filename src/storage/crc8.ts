/** The CRC-8 of Zephyr's stores: allocation table entries of NVS and ZMS. Pure. */

const TABLE = new Uint8Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value & 0x80) === 0 ? value << 1 : (value << 1) ^ 0x07;
  return value;
});

/** CRC-8 of `bytes[from..to)`: polynomial 07, start FF, not reflected, no final XOR. "123456789" gives FB. */
export function crc8Of(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xff;
  for (let at = from; at < to; at++) crc = TABLE[crc ^ (bytes[at] ?? 0)] ?? 0;
  return crc;
}
