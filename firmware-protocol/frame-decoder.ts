/**
 * Bytes in, frames out. Whatever came between is counted and thrown away; no input makes it fail or grow.
 *
 * What always holds: the buffer begins with a marker whose size is possible, or is empty or one lone marker; it never
 * holds more than the largest frame after a call.
 */
import { decodeFrame, type Frame, FRAME_MARKER, promisedLength, UNIT_BYTES } from "./frame.ts";

/**
 * Finds frames in a stream of bytes, as PROTOCOL.md section 2 (Decoding) specifies.
 *
 * Pass every chunk to `push`. Bytes between frames and damaged frames are counted and skipped. No input makes it throw,
 * and between calls it holds at most one frame of the largest size.
 */
export class FrameDecoder {
  readonly #maxUnits: number;
  #buffer = new Uint8Array(0);
  /** Bytes of the wire before the buffer's first one, mod the unit. */
  #position = 0;
  #noiseBytes = 0;
  #damagedFrames = 0;
  #shift = 0;

  /** `maxUnits`: the largest frame that was announced, in units. A header that declares more is noise. */
  constructor(maxUnits: number) {
    this.#maxUnits = maxUnits;
  }

  /** Number of bytes so far that belonged to no valid frame. */
  get noiseBytes(): number {
    return this.#noiseBytes;
  }

  /** Number of byte sequences so far that looked like a frame but had a wrong CRC or were cut short. */
  get damagedFrames(): number {
    return this.#damagedFrames;
  }

  /**
   * Position of the last valid frame on the grid of units: 0 to 3 bytes. 0: both sides are aligned. The host sends it
   * in STATUS.
   */
  get shift(): number {
    return this.#shift;
  }

  /** Whether the start of a frame is waiting for the rest of its bytes. */
  get holdsPart(): boolean {
    return this.#buffer.length > 0;
  }

  /** Takes a chunk of any length. Returns the frames that are now complete, in order. */
  push(chunk: Uint8Array): Frame[] {
    this.#append(chunk);
    return this.#scan();
  }

  /**
   * To be called when an incomplete frame has received no byte for 20 ms (PROTOCOL.md section 10). Treats it as damaged
   * and searches on, one byte after its marker. Returns the frames that this finds.
   */
  giveUpPart(): Frame[] {
    if (this.#buffer.length === 0) return [];
    this.#damagedFrames++;
    this.#drop(1, true);
    return this.#scan();
  }

  #append(chunk: Uint8Array): void {
    if (this.#buffer.length === 0) {
      this.#buffer = chunk.slice();
      return;
    }
    const joined = new Uint8Array(this.#buffer.length + chunk.length);
    joined.set(this.#buffer);
    joined.set(chunk, this.#buffer.length);
    this.#buffer = joined;
  }

  #scan(): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    const bytes = this.#buffer;
    let noise = 0;
    for (;;) {
      const marker = bytes.indexOf(FRAME_MARKER, at);
      if (marker < 0) {
        noise += bytes.length - at;
        at = bytes.length;
        break;
      }
      noise += marker - at;
      at = marker;
      if (at + 1 >= bytes.length) break;
      const length = promisedLength(bytes, at, this.#maxUnits);
      if (length !== undefined && at + length > bytes.length) break;
      const frame = length === undefined ? undefined : decodeFrame(bytes.subarray(at, at + length));
      if (length !== undefined && frame !== undefined) {
        this.#shift = (this.#position + at) % UNIT_BYTES;
        frames.push(frame);
        at += length;
      } else {
        if (length !== undefined) this.#damagedFrames++;
        noise++;
        at++;
      }
    }
    this.#noiseBytes += noise;
    this.#drop(at, false);
    return frames;
  }

  #drop(count: number, isNoise: boolean): void {
    this.#position = (this.#position + count) % UNIT_BYTES;
    if (isNoise) this.#noiseBytes += count;
    this.#buffer = this.#buffer.slice(count);
  }
}
