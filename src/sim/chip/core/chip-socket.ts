/** A socket: chips are put in and taken out while the bridge stays. Without a chip, MISO floats. */
import type { FlashGeometry } from "../../../../drivers/geometry.ts";
import type { Random } from "../../random.ts";
import type { ChipModel } from "./chip-model.ts";
import { WrappedChip } from "./wrapped-chip.ts";

/** What a floating line reads. */
const FLOATING = 0xff;

export class ChipSocket extends WrappedChip {
  #isInContact = false;
  /** What is read without contact; a line that is pulled down reads 0. */
  readonly #idleLevel: number;
  /** Some command of the present selection was sent before there was contact: the chip sees nothing of it. */
  #isSelectedWithContact = false;

  /** Empty at first. `kind`: a chip of the kind that the bridge is made for; it never gets contact. */
  constructor(kind: ChipModel, idleLevel = FLOATING) {
    super(kind);
    this.#idleLevel = idleLevel;
  }

  /** The chip that has contact; undefined if none has. */
  get chip(): ChipModel | undefined {
    return this.#isInContact ? this.inner : undefined;
  }

  /** A chip gets contact, and with it power. */
  insert(chip: ChipModel, nowNs: number): void {
    this.inner = chip;
    this.#isInContact = true;
    this.#isSelectedWithContact = false;
    chip.powerOn(nowNs);
  }

  /** The chip loses contact and power: what it does now is left torn. */
  remove(nowNs: number, random: Random): void {
    if (!this.#isInContact) return;
    this.#isInContact = false;
    this.inner.powerCut(nowNs, random);
  }

  override get geometry(): FlashGeometry {
    return this.inner.geometry;
  }
  override get busyUntilNs(): number {
    return this.#isInContact ? this.inner.busyUntilNs : 0;
  }
  override select(nowNs: number): void {
    this.#isSelectedWithContact = this.#isInContact;
    if (this.#isInContact) this.inner.select(nowNs);
  }
  override exchange(mosi: number, nowNs: number): number {
    return this.#isHeard ? this.inner.exchange(mosi, nowNs) : this.#idleLevel;
  }
  override exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    if (this.#isHeard) return this.inner.exchangeBlock(send, receiveBytes, startNs, byteNs);
    return new Uint8Array(receiveBytes).fill(this.#idleLevel);
  }
  override deselect(nowNs: number): void {
    if (this.#isHeard) this.inner.deselect(nowNs);
    this.#isSelectedWithContact = false;
  }

  get #isHeard(): boolean {
    return this.#isInContact && this.#isSelectedWithContact;
  }
}
