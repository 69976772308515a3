/** What MD5 and SHA-2 have in common: blocks of a fixed size, and the length in bits after the last byte. */

/** How a hash counts and pads. */
export interface BlockShape {
  /** Bytes of a block. */
  readonly blockBytes: 64 | 128;
  /** Bytes of the length at the end. */
  readonly lengthBytes: 8 | 16;
  /** Order of the bytes of a number. */
  readonly isLittleEndian: boolean;
}

/** A hash over blocks; a subclass mixes each block into its state. */
export abstract class BlockHash {
  readonly #shape: BlockShape;
  readonly #pending: Uint8Array;
  readonly #pendingView: DataView;
  #pendingBytes = 0;
  #totalBytes = 0;

  protected constructor(shape: BlockShape) {
    this.#shape = shape;
    this.#pending = new Uint8Array(shape.blockBytes);
    this.#pendingView = new DataView(this.#pending.buffer);
  }

  /** Mixes the block that starts at `offset` into the state. */
  protected abstract mix(view: DataView, offset: number): void;
  /** The state as bytes, after the last block. */
  protected abstract state(): Uint8Array;

  /** Takes the next bytes; does not keep the array. */
  update(bytes: Uint8Array): void {
    const { blockBytes } = this.#shape;
    this.#totalBytes += bytes.length;
    let at = 0;
    if (this.#pendingBytes > 0) {
      at = Math.min(blockBytes - this.#pendingBytes, bytes.length);
      this.#pending.set(bytes.subarray(0, at), this.#pendingBytes);
      this.#pendingBytes += at;
      if (this.#pendingBytes < blockBytes) return;
      this.mix(this.#pendingView, 0);
      this.#pendingBytes = 0;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (; at + blockBytes <= bytes.length; at += blockBytes) this.mix(view, at);
    this.#pending.set(bytes.subarray(at));
    this.#pendingBytes = bytes.length - at;
  }

  /** The hash of all bytes; to be called once. */
  digest(): Uint8Array {
    const { blockBytes, lengthBytes, isLittleEndian } = this.#shape;
    const lengthAt = blockBytes - 8;
    this.#pending.fill(0, this.#pendingBytes);
    this.#pending[this.#pendingBytes] = 0x80;
    if (this.#pendingBytes + 1 > blockBytes - lengthBytes) {
      this.mix(this.#pendingView, 0);
      this.#pending.fill(0);
    }
    // More than 2^53 bits cannot be counted by a number, nor come here.
    this.#pendingView.setBigUint64(lengthAt, BigInt(this.#totalBytes) * 8n, isLittleEndian);
    this.mix(this.#pendingView, 0);
    return this.state();
  }
}
