/**
 * Whether there is a chip in a slot, from an ID that is read ten times a second. Wires bounce: a chip counts as there
 * after its ID was the same for a while, and as gone after it was missing for a while.
 */

/** Time between two looks, microseconds. */
export const LOOK_US = 100_000;
/** A chip is there after so many equal IDs, over so long. */
const PRESENT_LOOKS = 5;
const PRESENT_US = 250_000;
/** It is gone after so many looks without its ID, over so long. */
const GONE_LOOKS = 3;
const GONE_US = 300_000;
/** After so long without a steady ID, a person has to press the unit down again. */
const UNSTEADY_US = 2_000_000;

/** What a look showed. "returned": the ID is there again after a moment without it, too short to be gone. */
export type PresenceChange = "settling" | "unsteady" | "present" | "returned" | "gone" | undefined;

/** One slot, from one look to the next. */
export class Presence {
  /** The chip that is there, by its ID. */
  #present: string | undefined;
  /** The ID that may become one. */
  #candidate: string | undefined;
  #equal = 0;
  #equalSinceUs = 0;
  #missed = 0;
  #missedSinceUs = 0;
  /** Since when something responds that is not steady. */
  #settlingSinceUs: number | undefined;
  #isUnsteady = false;

  /** The ID of the chip that is there. */
  get id(): string | undefined {
    return this.#present;
  }

  /**
   * A look at a time. `id`: hex; undefined if nothing responds, "" if what responds is not the same twice. Returns what
   * changed by it.
   */
  look(id: string | undefined, atUs: number): PresenceChange {
    return this.#present === undefined ? this.#lookForNew(id, atUs) : this.#lookForGone(id, atUs);
  }

  #lookForNew(id: string | undefined, atUs: number): PresenceChange {
    if (id === undefined) {
      this.#equal = 0;
      this.#candidate = undefined;
      // A moment without contact is part of the bouncing, a long one its end.
      this.#missed = this.#missed === 0 ? this.#startMissing(atUs) : this.#missed + 1;
      if (this.#settlingSinceUs === undefined || !this.#isMissing(atUs)) return undefined;
      this.#settlingSinceUs = undefined;
      this.#isUnsteady = false;
      return "gone";
    }
    this.#missed = 0;
    const isNew = this.#settlingSinceUs === undefined;
    this.#settlingSinceUs ??= atUs;
    if (id === "" || id !== this.#candidate) {
      this.#candidate = id === "" ? undefined : id;
      this.#equal = id === "" ? 0 : 1;
      this.#equalSinceUs = atUs;
    } else if (++this.#equal >= PRESENT_LOOKS && atUs - this.#equalSinceUs >= PRESENT_US) {
      this.#present = id;
      this.#settlingSinceUs = undefined;
      this.#isUnsteady = false;
      return "present";
    }
    if (!this.#isUnsteady && atUs - this.#settlingSinceUs >= UNSTEADY_US) {
      this.#isUnsteady = true;
      return "unsteady";
    }
    return isNew ? "settling" : undefined;
  }

  #lookForGone(id: string | undefined, atUs: number): PresenceChange {
    if (id === this.#present) {
      const wasMissed = this.#missed > 0;
      this.#missed = 0;
      return wasMissed ? "returned" : undefined;
    }
    this.#missed = this.#missed === 0 ? this.#startMissing(atUs) : this.#missed + 1;
    if (!this.#isMissing(atUs)) return undefined;
    this.forget();
    return "gone";
  }

  /** Another chip of the same kind took the place of the one that was there. */
  forget(): void {
    this.#present = undefined;
    this.#candidate = undefined;
    this.#equal = 0;
    this.#missed = 0;
  }

  #startMissing(atUs: number): number {
    this.#missedSinceUs = atUs;
    return 1;
  }

  #isMissing(atUs: number): boolean {
    return this.#missed >= GONE_LOOKS && atUs - this.#missedSinceUs >= GONE_US;
  }
}
