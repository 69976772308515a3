/** What a serprog bridge has received and not taken yet: a ring that overflows, or packets that are waited for. */

const PACKET_BYTES = 64;

export class InputBytes {
  readonly #hasPackets: boolean;
  readonly #ringBytes: number;
  #packets: Uint8Array[] = [];
  #length = 0;

  /** Packets of 64 bytes as USB has them, or one row of bytes. `ringBytes` undefined: nothing is ever lost. */
  constructor(hasPackets: boolean, ringBytes: number | undefined) {
    this.#hasPackets = hasPackets;
    this.#ringBytes = ringBytes ?? Number.POSITIVE_INFINITY;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes bytes in, and answers how many were lost for want of room. */
  push(bytes: Uint8Array): number {
    const room = Math.min(bytes.length, this.#ringBytes - this.#length);
    const kept = bytes.slice(0, room);
    const step = this.#hasPackets ? PACKET_BYTES : Math.max(1, kept.length);
    for (let at = 0; at < kept.length; at += step) this.#packets.push(kept.subarray(at, at + step));
    this.#length += kept.length;
    return bytes.length - kept.length;
  }

  /** Up to `most` bytes of the packet in front; none if there is none. */
  take(most: number): Uint8Array {
    const [packet] = this.#packets;
    if (packet === undefined) return new Uint8Array(0);
    const taken = packet.subarray(0, most);
    this.#length -= taken.length;
    if (taken.length === packet.length) this.#packets.shift();
    else this.#packets[0] = packet.subarray(taken.length);
    // What is left of a packet is not a packet that one could tell from the next.
    this.#isPartTaken = taken.length < packet.length;
    return taken;
  }

  #isPartTaken = false;

  /** Throws away what is left of the packet that was taken from; answers how much. */
  dropPacket(): number {
    if (!this.#isPartTaken) return 0;
    this.#isPartTaken = false;
    const lost = this.#packets.shift()?.length ?? 0;
    this.#length -= lost;
    return lost;
  }

  clear(): void {
    this.#packets = [];
    this.#length = 0;
    this.#isPartTaken = false;
  }
}
