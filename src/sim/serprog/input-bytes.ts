/** What a serprog bridge has received and not taken yet: a ring that overflows, or packets that are waited for. */

const PACKET_BYTES = 64;

export class InputBytes {
  readonly #hasPackets: boolean;
  readonly #ringBytes: number;
  #packets: Uint8Array[] = [];
  /** Bytes of the packet in front that are taken already. */
  #taken = 0;
  #length = 0;

  /** Packets of 64 bytes as USB has them, or one row of bytes. `ringBytes` undefined: nothing is ever lost. */
  constructor(hasPackets: boolean, ringBytes: number | undefined) {
    this.#hasPackets = hasPackets;
    this.#ringBytes = ringBytes ?? Number.POSITIVE_INFINITY;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes bytes in, and returns how many were lost for want of room. */
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
    const taken = packet.subarray(this.#taken, this.#taken + most);
    this.#advance(packet, taken.length);
    return taken;
  }

  /** The byte in front, which there is. */
  takeByte(): number {
    const [packet] = this.#packets;
    const byte = packet?.[this.#taken];
    if (packet === undefined || byte === undefined) throw new RangeError("no byte has come");
    this.#advance(packet, 1);
    return byte;
  }

  #advance(packet: Uint8Array, count: number): void {
    this.#length -= count;
    this.#taken += count;
    if (this.#taken < packet.length) return;
    this.#packets.shift();
    this.#taken = 0;
  }

  /** Throws away what is left of the packet that was taken from; returns how much. */
  dropPacket(): number {
    // A packet of which nothing was taken is not one that was taken from.
    if (this.#taken === 0) return 0;
    const lost = (this.#packets.shift()?.length ?? 0) - this.#taken;
    this.#taken = 0;
    this.#length -= lost;
    return lost;
  }

  clear(): void {
    this.#packets = [];
    this.#taken = 0;
    this.#length = 0;
  }
}
