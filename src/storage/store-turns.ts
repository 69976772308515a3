/**
 * The changes of one store: one after the other, in the order of the calls; and none that relies on a picture of the flash
 * which another store or job has outdated. Two logs opened on one region would overwrite each other's records.
 */
import { NorbridgeError } from "../errors.ts";
import { type Claim, claimsOf } from "../flash/claims.ts";
import type { FlashRegion, OffsetRange } from "../flash/flash-region.ts";
import { Turns } from "../turns.ts";

export class StoreTurns {
  readonly #claim: Claim;
  readonly #turns = new Turns();
  #hasChanged = false;

  private constructor(claim: Claim) {
    this.#claim = claim;
  }

  /** For a store on a region, or on a part of it; to be made before anything is read. `who`: "an FCB". */
  static on(region: FlashRegion, who: string, part?: OffsetRange): StoreTurns {
    const { offset, lengthBytes } = part ?? { offset: 0, lengthBytes: region.lengthBytes };
    return new StoreTurns(claimsOf(region).claim(who, { address: region.address + offset, lengthBytes }));
  }

  /** For a store within this one, which goes by the same picture. */
  within(): StoreTurns {
    return new StoreTurns(this.#claim);
  }

  /**
   * Runs a call that may change the flash, when those before it have ended. Throws EBUSY if another store or job has
   * changed it, unless `isNeeded` returns, when its turn has come, that there is nothing to change.
   */
  run(operation: string, call: () => Promise<void>, isNeeded: () => boolean): Promise<void>;
  run<T>(operation: string, call: () => Promise<T>): Promise<T>;
  run<T>(operation: string, call: () => Promise<T>, isNeeded?: () => boolean): Promise<T | undefined> {
    return this.#turns.run(async () => {
      if (isNeeded?.() === false) return undefined;
      this.#refuseOld(operation);
      this.#hasChanged = false;
      try {
        return await call();
      } finally {
        this.#ended();
      }
    });
  }

  /** A read that started in the middle of a call has read an intermediate state. */
  #ended(): void {
    if (this.#hasChanged) this.#claim.changing();
  }

  /** To be called before each program and erase. */
  changing(): void {
    this.#hasChanged = true;
    this.#claim.changing();
  }

  /** Resolves when all that was asked for before has ended. Must not be waited for within a call. */
  settled(): Promise<void> {
    return this.#turns.settled();
  }

  #refuseOld(operation: string): void {
    const { changedBy, range } = this.#claim;
    if (changedBy === undefined) return;
    const message = `${operation}: ${changedBy} changed the same range after this was opened`;
    throw new NorbridgeError("EBUSY", message, {
      operation,
      range,
      hint: "Nothing was changed. Open it again. Only one writer at a time can use a region.",
    });
  }
}
