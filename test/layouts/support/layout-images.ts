/** Binary layouts written from their specifications, byte by byte. */

/** A name and a range. */
export interface Area {
  readonly name: string;
  readonly address: number;
  readonly lengthBytes: number;
}

/** An FMAP with these areas. */
export function fmapOf(areas: readonly Area[], flashBytes: number): Uint8Array {
  const bytes = Buffer.alloc(56 + 42 * areas.length);
  bytes.write("__FMAP__", 0, "latin1");
  bytes.writeUInt8(1, 8);
  bytes.writeUInt8(1, 9);
  bytes.writeBigUInt64LE(0n, 10);
  bytes.writeUInt32LE(flashBytes, 18);
  bytes.write("FLASH", 22, "latin1");
  bytes.writeUInt16LE(areas.length, 54);
  for (const [index, { name, address, lengthBytes }] of areas.entries()) {
    const at = 56 + 42 * index;
    bytes.writeUInt32LE(address, at);
    bytes.writeUInt32LE(lengthBytes, at + 4);
    bytes.write(name, at + 8, 32, "latin1");
  }
  return bytes;
}

/** Regions of a descriptor by number, with the first and the last byte. */
export type DescriptorRegions = Readonly<Record<number, readonly [number, number]>>;

/** A flash descriptor of 4 KiB: signature, map, regions, masters. */
export function descriptorOf(regions: DescriptorRegions, isIch8 = false): Uint8Array {
  const bytes = Buffer.alloc(4096, 0xff);
  const at = isIch8 ? 0 : 0x10;
  bytes.writeUInt32LE(0x0ff0a55a, at);
  // Components at 0x30, one chip; regions at 0x40, five of them.
  bytes.writeUInt32LE(0x03 | (0x04 << 16) | (4 << 24), at + 4);
  // Masters at 0x80; straps as of a chipset of the 5 series, by which flashrom knows how many regions there are.
  bytes.writeUInt32LE(0x08 | (2 << 8) | (0x10 << 16) | (10 << 24), at + 8);
  bytes.writeUInt32LE(0x20 | (1 << 8), at + 12);
  bytes.writeUInt32LE(0, 0xefc);
  for (let index = 0; index < 16; index++) {
    const [start, end] = regions[index] ?? [0x7fff000, 0];
    bytes.writeUInt32LE((((end >>> 12) & 0x7fff) << 16) | ((start >>> 12) & 0x7fff), 0x40 + 4 * index);
  }
  return bytes;
}
