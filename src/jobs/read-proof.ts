/**
 * Whether what was read is what the cells hold. The link to the bridge may be checked, but the wires after it are not: each piece
 * is held against a checksum that the chip is read for once more. Pieces that differ are read again, at a slower SPI clock.
 *
 * A bus that another master drives now and then may give the same wrong bytes twice, all FF for example. So if any piece
 * differed, all pieces are compared again at the end.
 */
import type { ByteRange } from "../../drivers/geometry.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { formatRange } from "../bytes.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { appendRange, mergeRanges } from "../../drivers/byte-ranges.ts";
import type { JobTools } from "./job-tools.ts";
import type { OpPipe } from "./op-pipe.ts";

/** A piece that differs is read so often again. */
const MAX_READS = 6;
/** If anything differed, everything is compared so often again, and a difference then is asked about so often. */
const LAST_PASSES = 3;
const LAST_QUESTIONS = 4;
/** Checksums asked ahead of answers. */
const DIGESTS_AHEAD = 64;
/** The clock is halved with the first difference, the fourth and the sixteenth. */
const HALVED_AT: readonly number[] = [1, 4, 16];

export class ReadProof {
  readonly #pipe: OpPipe;
  readonly #device: FlashDevice;
  readonly #context: JobTools;
  /** Block check of each piece as it was handed on. */
  readonly #pieces: { readonly piece: ByteRange; readonly check: number }[] = [];
  readonly #unsure: ByteRange[] = [];
  #differences = 0;

  constructor(pipe: OpPipe, device: FlashDevice, context: JobTools) {
    this.#pipe = pipe;
    this.#device = device;
    this.#context = context;
  }

  /** Returns the bytes of a piece that two questions agree on, or what was read last if none do. */
  async settle(piece: ByteRange, data: Uint8Array, digest: number): Promise<Uint8Array> {
    const proved = blockCheck(data) === digest ? data : await this.#readAgain(piece, data, digest);
    this.#pieces.push({ piece, check: blockCheck(proved) });
    return proved;
  }

  /** Ranges that stay unsure, in order. To be called when everything was read. */
  async unsureRanges(): Promise<readonly ByteRange[]> {
    if (this.#differences > 0) for (let pass = 0; pass < LAST_PASSES; pass++) await this.#compareAll();
    return mergeRanges(this.#unsure);
  }

  async #readAgain(piece: ByteRange, first: Uint8Array, digest: number): Promise<Uint8Array> {
    await this.#slowDown(piece);
    const seen = new Map([[blockCheck(first), first]]);
    const asked = new Set([digest]);
    let data = first;
    for (let reads = 0; reads < MAX_READS; reads++) {
      const [again, ofChip] = await Promise.all([this.#pipe.read(piece), this.#pipe.digest(piece)]);
      data = again;
      const check = blockCheck(data);
      if (check === ofChip || seen.has(check) || asked.has(check)) return data;
      const confirmed = seen.get(check);
      if (confirmed !== undefined) return confirmed;
      seen.set(check, data);
      asked.add(ofChip);
    }
    appendRange(this.#unsure, piece);
    return data;
  }

  /** Says that reads differ, and lowers the SPI clock if that can be done. */
  async #slowDown(piece: ByteRange): Promise<void> {
    this.#differences++;
    if (!HALVED_AT.includes(this.#differences)) return;
    const clockHz = await this.#device.halveClock?.();
    if (clockHz === undefined && this.#differences > 1) return;
    const how = clockHz === undefined ? "" : ` at an SPI clock of ${clockHz / 1e6} MHz`;
    const message = `two reads of ${formatRange(piece)} differ: reading it again${how}`;
    this.#context.onEvent?.({ kind: "note", message, remedies: ["check-wiring"] });
  }

  async #compareAll(): Promise<void> {
    const asked: { readonly piece: ByteRange; readonly expected: number; readonly found: Promise<number> }[] = [];
    const take = async (): Promise<void> => {
      const first = asked.shift();
      if (first === undefined || (await first.found) === first.expected) return;
      if (!(await this.#isConfirmed(first.piece, first.expected))) this.#unsure.push(first.piece);
    };
    for (const { piece, check: expected } of this.#pieces) {
      if (asked.length >= DIGESTS_AHEAD) await take();
      asked.push({ piece, expected, found: this.#pipe.digest(piece) });
    }
    while (asked.length > 0) await take();
  }

  /** Whether more than half of the further checksums are the expected one. */
  async #isConfirmed(piece: ByteRange, expected: number): Promise<boolean> {
    let right = 0;
    for (let asked = 0; asked < LAST_QUESTIONS; asked++) if ((await this.#pipe.digest(piece)) === expected) right++;
    return right > LAST_QUESTIONS / 2;
  }
}
