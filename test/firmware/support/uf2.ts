/** A .uf2 for the RP2040 as the boot ROM takes it: every block checked, in order, from the start of flash. */
const START = [0x0a324655, 0x9e5d5157];
const END = 0x0ab16f30;
const FAMILY_RP2040 = 0xe48bff56;
const FLASH = 0x10000000;

export function readUf2(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const count = file.length / 512;
  const image = new Uint8Array(count * 256);
  for (let i = 0; i < count; i++) {
    const word = (at: number): number => view.getUint32(i * 512 + at, true);
    const head = [0, 4, 8, 12, 16, 20, 24, 28].map(word);
    const wanted = [...START, 0x2000, FLASH + i * 256, 256, i, count, FAMILY_RP2040];
    if (String(head) !== String(wanted) || word(508) !== END) throw new Error(`block ${i} is ${String(head)}`);
    image.set(file.subarray(i * 512 + 32, i * 512 + 288), i * 256);
  }
  return image;
}
