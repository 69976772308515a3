/** Intel HEX as avr-objcopy writes it, into a flash that is erased elsewhere. Checks every line. */
export function parseIntelHex(text: string, flashBytes: number): Uint8Array {
  const flash = new Uint8Array(flashBytes).fill(0xff);
  for (const line of text.trim().split(/\r?\n/)) {
    const bytes = Uint8Array.from(Buffer.from(line.slice(1), "hex"));
    const [count = 0, high = 0, low = 0, type = 0xff] = bytes;
    const isWhole = line.startsWith(":") && bytes.length === count + 5;
    if (!isWhole || (bytes.reduce((sum, byte) => sum + byte, 0) & 0xff) !== 0) throw new Error(`bad line: ${line}`);
    if (type === 1) return flash;
    if (type === 0) flash.set(bytes.subarray(4, 4 + count), high * 256 + low);
  }
  throw new Error("no end of file");
}
