/**
 * Who relies on the content of a range of a device. A store reads its range once and relies on what it read; when another
 * store or a job changes the range, its picture is outdated, and what it adds would overwrite what the other has written.
 */
import { type ByteRange, rangeIntersection } from "../../drivers/geometry.ts";
import { formatRange } from "../bytes.ts";

/** A holder relies on what it has read. The claim ends with its holder: it need not be released. */
export class Claim {
  /** Who made the claim, for messages: "an FCB". */
  readonly who: string;
  /** The place on the device, in bytes. */
  readonly range: ByteRange;
  readonly #claims: Claims;
  #changedBy: string | undefined;
  /** Its name in the messages of others. */
  #asChanger: string | undefined;

  constructor(claims: Claims, who: string, range: ByteRange) {
    this.#claims = claims;
    this.who = who;
    this.range = range;
  }

  /** Who has changed the place since the claim was made; undefined as long as it is unchanged. */
  get changedBy(): string | undefined {
    return this.#changedBy;
  }

  /** The holder is about to change the place, or has: no other holder may rely on what it read. */
  changing(): void {
    this.#asChanger ??= `${this.who} at ${formatRange(this.range)}`;
    this.#claims.changing(this.range, this.#asChanger, this);
  }

  /** Another store or a job changes the place. */
  outdate(by: string): void {
    this.#changedBy ??= by;
  }
}

/** All claims on one device, or on one region that has none. A claim that is outdated has nothing more to learn and leaves. */
export class Claims {
  #claims: WeakRef<Claim>[] = [];

  /** To be made before the place is read. `who`: "an FCB". */
  claim(who: string, range: ByteRange): Claim {
    const claim = new Claim(this, who, range);
    this.#claims = this.#claims.filter((held) => held.deref() !== undefined);
    this.#claims.push(new WeakRef(claim));
    return claim;
  }

  /** `range` is about to be changed, or was, by `who`: outdates all claims on it except `except`. */
  changing(range: ByteRange, who: string, except?: Claim): void {
    let hasEnded = false;
    for (const held of this.#claims) {
      const claim = held.deref();
      if (claim !== undefined && claim === except) continue;
      if (claim !== undefined && rangeIntersection(claim.range, range) === undefined) continue;
      claim?.outdate(who);
      hasEnded = true;
    }
    if (hasEnded) this.#claims = this.#claims.filter(isOpen);
  }
}

function isOpen(held: WeakRef<Claim>): boolean {
  const claim = held.deref();
  return claim !== undefined && claim.changedBy === undefined;
}

const OF_OTHERS = new WeakMap<object, Claims>();

/** The claims on an object of the caller: its own, or those made here for this object. */
export function claimsOf(owner: { readonly claims?: Claims | undefined }): Claims {
  if (owner.claims !== undefined) return owner.claims;
  const claims = OF_OTHERS.get(owner) ?? new Claims();
  OF_OTHERS.set(owner, claims);
  return claims;
}
