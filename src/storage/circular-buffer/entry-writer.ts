/**
 * An entry that is written piece by piece, as a device does that calls fcb_append, writes its data and calls fcb_append_finish.
 * Until `finish` has resolved the entry is not valid: a reader of the log finds damage in its place.
 */
import { concatBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { programCompared } from "../compared-programs.ts";
import type { LogPlace } from "../record-log.ts";
import type { StoreTurns } from "../store-turns.ts";
import { alignUp, type CircularBufferOptions, crc8, encodeLength, FIXED_END_MARKER, padded } from "./format.ts";

/** @internal Where an entry was begun, and in what. */
export interface BegunEntry extends LogPlace {
  readonly region: FlashRegion;
  readonly options: CircularBufferOptions;
  readonly turns: StoreTurns;
  /** Length of the data as it stands in the length field. */
  readonly lengthBytes: number;
}

/** An entry of an FCB that is written piece by piece. `CircularBuffer.beginEntry` makes one. */
export class EntryWriter implements LogPlace {
  readonly sector: number;
  readonly offset: number;
  /** Where the data begins, bytes from the start of the sector. */
  readonly dataOffset: number;
  /** Length of the data, bytes. */
  readonly lengthBytes: number;
  readonly #begun: BegunEntry;
  #crc: number;
  #writtenBytes = 0;
  /** The end of what was written, less than a write block: it goes with the next piece. */
  #rest: Uint8Array = new Uint8Array();
  /** Why nothing can be written any more; undefined while it can. */
  #ended: string | undefined;

  /** @internal */
  constructor(begun: BegunEntry) {
    const { sector, offset, lengthBytes, options, region } = begun;
    const field = encodeLength(lengthBytes, region.erasedByte);
    this.#begun = begun;
    this.sector = sector;
    this.offset = offset;
    this.lengthBytes = lengthBytes;
    this.dataOffset = offset + alignUp(field.length, options.alignBytes);
    this.#crc = crc8(field);
  }

  /** Bytes that `write` has taken. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /**
   * Adds a piece of any length; what fills whole write blocks is on the flash and was compared when this resolves. Throws EINVAL
   * for more than the announced length (nothing is written then), after the end, or when the sector was erased since; EIO if the
   * flash did not take it.
   */
  write(data: Uint8Array): Promise<void> {
    // The caller may use his array again while this waits for its turn.
    const own = data.slice();
    return this.#begun.turns.run("append", () => this.#write(own));
  }

  async #write(data: Uint8Array): Promise<void> {
    this.#mustBeOpen();
    const left = this.lengthBytes - this.#writtenBytes;
    if (data.length > left) throw refuse(`${data.length} bytes are more than the ${left} that are left of the entry`);
    const { region, options, sector, turns } = this.#begun;
    const all = concatBytes([this.#rest, data]);
    const isLast = data.length === left;
    const whole = isLast ? all.length : all.length - (all.length % options.alignBytes);
    if (whole > 0) {
      const at = this.dataOffset + this.#writtenBytes - this.#rest.length;
      const parts = [padded(all.subarray(0, whole), options.alignBytes, region.erasedByte)];
      this.#ended = "a write to this entry failed";
      turns.changing();
      await programCompared(region, [{ offset: sector * options.sectorBytes + at, parts }], "append");
      this.#ended = undefined;
    }
    this.#rest = all.slice(whole);
    this.#crc = crc8(data, this.#crc);
    this.#writtenBytes += data.length;
  }

  /**
   * Writes the end marker: from now on the entry is valid. Throws EINVAL if data is missing (nothing is written then,
   * and more can be), or for a second call; EIO if the flash did not take it.
   */
  finish(): Promise<LogPlace> {
    return this.#begun.turns.run("append", () => this.#finish());
  }

  async #finish(): Promise<LogPlace> {
    this.#mustBeOpen();
    const { sector, offset, lengthBytes } = this;
    if (this.#writtenBytes < lengthBytes) {
      throw refuse(`${lengthBytes - this.#writtenBytes} of ${lengthBytes} bytes of the entry are missing`);
    }
    const { region, options, turns } = this.#begun;
    const marker = options.hasCrc ? this.#crc : FIXED_END_MARKER;
    const at = sector * options.sectorBytes + this.dataOffset + alignUp(lengthBytes, options.alignBytes);
    this.#ended = "the entry is complete, or its end was not written";
    turns.changing();
    await programCompared(
      region,
      [{ offset: at, parts: [padded(Uint8Array.of(marker), options.alignBytes, 0xff)] }],
      "append",
    );
    return { sector, offset };
  }

  /** @internal The sector of the entry was erased. */
  lose(): void {
    this.#ended = "its sector was erased";
  }

  /** @internal Whether it may still be written to. */
  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  #mustBeOpen(): void {
    if (this.#ended !== undefined) throw refuse(`nothing can be added to the entry: ${this.#ended}`);
  }
}

function refuse(message: string): NorbridgeError {
  return new NorbridgeError("EINVAL", `append: ${message}`, { operation: "append" });
}
