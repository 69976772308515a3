/**
 * Bytes in, frames out. Whatever came between is counted and thrown away; no input makes it fail or grow.
 *
 * What always holds: the buffer begins with a marker whose size is possible, or is empty or one lone marker; it never
 * holds more than the largest frame after a call.
 */
import { decodeFrame, type Frame, FRAME_MARKER, promisedLength, UNIT_BYTES } from "./frame.ts";

export class FrameDecoder {
  readonly #maxUnits: number;
  #buffer = new Uint8Array(0);
  /** Bytes of the wire before the buffer's first one, mod the unit. */
  #position = 0;
  #noiseBytes = 0;
  #damagedFrames = 0;
  #shift = 0;

  /** `maxUnits`: frames that claim to be longer are noise. */
  constructor(maxUnits: number) {
    this.#maxUnits = maxUnits;
  }

  /** Bytes that belonged to no good frame, since the beginning. */
  get noiseBytes(): number {
    return this.#noiseBytes;
  }

  /** Stretches that looked like a frame until their CRC was wrong. */
  get damagedFrames(): number {
    return this.#damagedFrames;
  }

  /** Where the last good frame began within the grid of units: 0 means that both sides are aligned. */
  get shift(): number {
    return this.#shift;
  }

  /** Whether part of a frame waits for its rest. */
  get holdsPart(): boolean {
    return this.#buffer.length > 0;
  }

  /** Takes a chunk of any length and answers the frames that are complete now. */
  push(chunk: Uint8Array): Frame[] {
    this.#append(chunk);
    return this.#scan();
  }

  /**
   * To be called when the line has been quiet: what waits for its rest was cut short, so the search goes on behind
   * its marker.
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
