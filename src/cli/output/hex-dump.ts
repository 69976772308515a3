/** Hex dump as `xxd` writes it, so that `xxd -r` makes a file of it again. Takes pieces of any length in order. */

const ROW_BYTES = 16;

/** One row: `00001200: 4865 6c6c 6f0a                           Hello.`; 1 to 16 bytes. */
export function hexRow(address: number, bytes: Uint8Array): string {
  let hex = "";
  let text = "";
  bytes.forEach((byte, index) => {
    hex += (index % 2 === 0 ? " " : "") + byte.toString(16).padStart(2, "0");
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
  });
  return `${address.toString(16).padStart(8, "0")}:${hex.padEnd(40)}  ${text}`;
}

/** Cuts a stream of pieces into rows of 16 bytes counted from the first address. */
export class HexDump {
  #address: number;
  readonly #row = new Uint8Array(ROW_BYTES);
  #held = 0;

  constructor(address: number) {
    this.#address = address;
  }

  /** The rows that are full now, each with its newline. */
  add(bytes: Uint8Array): string {
    let text = "";
    let at = 0;
    while (at < bytes.length) {
      const piece = bytes.subarray(at, at + ROW_BYTES - this.#held);
      this.#row.set(piece, this.#held);
      this.#held += piece.length;
      at += piece.length;
      if (this.#held === ROW_BYTES) text += this.end();
    }
    return text;
  }

  /** The row that was begun, if any. */
  end(): string {
    if (this.#held === 0) return "";
    const text = `${hexRow(this.#address, this.#row.subarray(0, this.#held))}\n`;
    this.#address += this.#held;
    this.#held = 0;
    return text;
  }
}
