/**
 * Who counts on what stands in a place of a device. A store reads its place once and goes by what it read; when somebody else changes
 * it (another store, a job), its picture is old, and what it adds would lie over what the other has written.
 */
import { type ByteRange, rangeIntersection } from "../../drivers/geometry.ts";
import { formatRange } from "../bytes.ts";

/** Somebody who goes by what he has read. It ends with its holder: nothing has to be given back. */
export class Claim {
  /** Who made the claim, for messages: "an FCB". */
  readonly who: string;
  /** The place on the device, in bytes. */
  readonly range: ByteRange;
  readonly #claims: Claims;
  #changedBy: string | undefined;

  constructor(claims: Claims, who: string, range: ByteRange) {
    this.#claims = claims;
    this.who = who;
    this.range = range;
  }

  /** Who has changed the place since the claim was made; undefined as long as nobody else has. */
  get changedBy(): string | undefined {
    return this.#changedBy;
  }

  /** The holder is about to change the place, or has: nobody else may go by what he read. */
  changing(): void {
    this.#claims.changing(this.range, `${this.who} at ${formatRange(this.range)}`, this);
  }

  /** Somebody else changes the place. */
  outdate(by: string): void {
    this.#changedBy ??= by;
  }
}

/** All claims on one device, or on one region that has none. */
export class Claims {
  #claims: WeakRef<Claim>[] = [];

  /** To be made before the place is read. `who`: "an FCB". */
  claim(who: string, range: ByteRange): Claim {
    const claim = new Claim(this, who, range);
    this.#claims = this.#claims.filter((held) => held.deref() !== undefined);
    this.#claims.push(new WeakRef(claim));
    return claim;
  }

  /** `range` is about to be changed, or was, by `who`: all who count on it hear it, but `except`. */
  changing(range: ByteRange, who: string, except?: Claim): void {
    for (const held of this.#claims) {
      const claim = held.deref();
      if (claim === undefined || claim === except) continue;
      if (rangeIntersection(claim.range, range) !== undefined) claim.outdate(who);
    }
  }
}

const OF_OTHERS = new WeakMap<object, Claims>();

/** The claims on what somebody has handed in: his own, or those made here on this very object. */
export function claimsOf(owner: { readonly claims?: Claims | undefined }): Claims {
  if (owner.claims !== undefined) return owner.claims;
  const claims = OF_OTHERS.get(owner) ?? new Claims();
  OF_OTHERS.set(owner, claims);
  return claims;
}
