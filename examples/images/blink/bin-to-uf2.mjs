// Wraps a raw RP2040 image as UF2: node bin-to-uf2.mjs IN.bin OUT.uf2
// Stands alone on purpose: the tests compare its output with what norbridge's own encoder makes of the HEX file.
import { readFileSync, writeFileSync } from "node:fs";

const [, , input, output] = process.argv;
const image = readFileSync(input);
const count = Math.ceil(image.length / 256);
const file = Buffer.alloc(512 * count);
for (let number = 0; number < count; number++) {
  const header = [0x0a324655, 0x9e5d5157, 0x2000, 0x10000000 + 256 * number, 256, number, count, 0xe48bff56];
  header.forEach((value, index) => file.writeUInt32LE(value, 512 * number + 4 * index));
  image.copy(file, 512 * number + 32, 256 * number, 256 * (number + 1));
  file.writeUInt32LE(0x0ab16f30, 512 * number + 508);
}
writeFileSync(output, file);
