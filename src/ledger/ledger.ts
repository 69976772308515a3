/**
 * The ledger: which number went where, for ever. One interface for every store of it.
 *
 * What always holds: a number is `reserved` on the disk before the first operation of its unit, `exposed` before the
 * first operation that carries it, and `issued` with the digest of the unit before anything says PASS. A number that
 * was exposed is never given to another unit. Every change is an event in the same transaction.
 */
import type { LedgerEvent } from "./event-chain.ts";
import type { NumberBlock, ServerSide } from "./server-side.ts";

/** States of a number. Free numbers have no row: they are above `next` of their block. */
export type NumberState = "reserved" | "exposed" | "issued" | "burned" | "returned" | "retired";

/** A pool of numbers. */
export interface PoolRequest {
  /** Name, as recipes use it. */
  readonly name: string;
  readonly kind: "counter" | "mac";
  /** First number, included; from 0 to 2^63 - 1. */
  readonly first: bigint;
  /** Last number, included. */
  readonly last: bigint;
}

/** A recipe that units are made by. */
export interface RecipeRevision {
  readonly name: string;
  readonly revision: number;
  /** SHA-256 of the recipe and all its files, 64 hex digits. */
  readonly sha256: string;
}

/** What is known of a chip and its unit before anything is changed. */
export interface IdentityClues {
  readonly product: string;
  /** Response to 9Fh, hex. */
  readonly jedec?: string | undefined;
  /** Unique ID of the chip, hex; one whose bytes are all the same counts as none. */
  readonly uid?: string | undefined;
  /** Serial number that is stored on the chip, if one was found there. */
  readonly stored?: string | undefined;
  /** Serial number that was scanned. */
  readonly scanned?: string | undefined;
}

/** Which unit it is. */
export type Identity =
  | { readonly kind: "new" }
  | {
      readonly kind: "known";
      readonly unit: string;
      readonly serial: string;
      readonly by: "uid" | "stored" | "scanned";
    }
  /** The clues do not belong together: the unit stops. */
  | { readonly kind: "contradiction"; readonly reason: string };

/** A unit in a slot, once. */
export interface SessionRequest extends IdentityClues {
  readonly recipe: RecipeRevision;
  readonly slot: string;
  readonly operator: string;
  /** Name of the value that is the serial number, if a pool gives it: the unit must then have that number. */
  readonly serialName?: string | undefined;
  /** What happens to a unit that has a number already. */
  readonly seenAgain: "keep" | "refuse";
}

/** A session that has begun. */
export interface StartedSession {
  readonly session: string;
  readonly identity: Exclude<Identity, { readonly kind: "contradiction" }>;
  /** Numbers that the unit has already; it keeps them. */
  readonly numbers: readonly HeldNumber[];
  /** Values besides numbers that the unit has already. */
  readonly values: readonly { readonly name: string; readonly text: string }[];
  /**
   * When the unit was made, ISO 8601 in whole seconds: the start of this session, or of the session that made a known
   * unit. It is in the ledger, so a unit has one such time for ever.
   */
  readonly madeAt: string;
}

/** A number and what it stands for. */
export interface HeldNumber {
  readonly pool: string;
  readonly value: bigint;
  /** Name of the value in the recipe: "serial". */
  readonly name: string;
  readonly text: string;
  readonly state: NumberState;
}

/** A number that is wanted. */
export interface NumberRequest {
  readonly pool: string;
  /** Name of the value in the recipe. */
  readonly name: string;
  /** How the number is written. Called in the transaction; the same number gives the same text. */
  text(value: bigint): string;
}

/** A session that has ended, with what tells its unit from others. */
export interface EndedSession extends SessionSummary {
  /** Response to 9Fh and unique ID of its chip, hex, as far as they were known. */
  readonly jedec: string | undefined;
  readonly uid: string | undefined;
  /** Serial number of its unit; undefined: it has none, since it never passed. */
  readonly serial: string | undefined;
}

/** What is about to be sent to a chip. */
export interface UnitPlan {
  /** SHA-256 of the unit's image, 64 hex digits. */
  readonly contentSha256: string;
  /** Every value that the image is made of, numbers included: the same texts give the same image. */
  readonly texts: readonly { readonly name: string; readonly text: string }[];
}

/** A session that has not ended. */
export interface OpenSession extends SessionSummary {
  /** Response to 9Fh and unique ID of its chip, hex, as far as they were known. */
  readonly jedec: string | undefined;
  readonly uid: string | undefined;
  /** Serial number of its unit, if that was known before. */
  readonly serial: string | undefined;
  readonly numbers: readonly HeldNumber[];
  /** What was about to be sent; undefined: nothing was. */
  readonly plan: UnitPlan | undefined;
}

/** What a unit is when it is done. */
export interface UnitRecord {
  readonly serial: string;
  /** SHA-256 of its image, 64 hex digits. */
  readonly contentSha256: string;
  /** Values besides numbers, by name. */
  readonly values: readonly { readonly name: string; readonly text: string; readonly isUnique: boolean }[];
}

/** How a session without a unit ends. */
export interface GiveUp {
  readonly outcome: "fail" | "abort";
  readonly reason: string;
  /** Numbers that were never exposed. Exposed ones are burned. */
  readonly unused: "return" | "burn";
}

/** A unit with all that is known. */
export interface UnitAccount {
  readonly unit: string;
  readonly product: string;
  readonly serial: string;
  readonly madeAt: string;
  readonly contentSha256: string;
  readonly numbers: readonly HeldNumber[];
  readonly values: readonly { readonly name: string; readonly text: string }[];
  readonly chips: readonly { readonly jedec: string; readonly uid: string }[];
  readonly sessions: readonly SessionSummary[];
}

export interface SessionSummary {
  readonly session: string;
  readonly recipe: string;
  readonly revision: number;
  readonly slot: string;
  readonly operator: string;
  readonly startedAt: string;
  /** Undefined: it is still open. */
  readonly endedAt: string | undefined;
  readonly outcome: string | undefined;
  readonly reason: string | undefined;
  readonly isRework: boolean;
}

/** A number of an account. */
export interface AccountLine extends HeldNumber {
  readonly serial: string | undefined;
  readonly session: string | undefined;
  readonly reason: string | undefined;
}

/** Every number below the highest, and the sums. */
export interface PoolAccount {
  readonly pool: PoolRequest;
  /** Lowest number above all that were given out. */
  readonly next: bigint;
  /** Numbers that this station may give out. Without a server it is one block: the pool. */
  readonly blocks: readonly NumberBlock[];
  readonly lines: readonly AccountLine[];
  /** Numbers below `next` without a line: there must be none. */
  readonly unexplained: readonly bigint[];
  /** Numbers that were never given out and that this station may give out. */
  readonly free: bigint;
}

/** A ledger that is open. Calls are carried out in their order. */
export interface Ledger {
  /** Sentences for a person: the clock was set back, another SQLite than expected. */
  readonly notes: readonly string[];
  /** What concerns a server of several stations. */
  readonly server: ServerSide;
  /** Notes a recipe. Throws EINVAL if this revision had another content before. */
  addRecipe(recipe: RecipeRevision): Promise<void>;
  /**
   * Makes a pool; nothing if it is there with the same numbers. A pool is widened if only its last number is higher.
   * Throws EINVAL if it has other numbers.
   */
  addPool(pool: PoolRequest): Promise<void>;
  /** Which unit this is. */
  identify(clues: IdentityClues): Promise<Identity>;
  /**
   * Begins a session. Throws EINVAL for a contradiction, for a unit that was seen and is refused, for an unknown
   * recipe; EBUSY if this chip is in an open session.
   */
  beginSession(request: SessionRequest): Promise<StartedSession>;
  /**
   * Takes the next number for a session: returned ones first. A number whose text is that of another one, or the serial
   * number of a unit, is burned and the next one taken. Throws ENOSPC if the pool is empty, EINVAL.
   */
  reserve(session: string, request: NumberRequest): Promise<HeldNumber>;
  /**
   * The numbers of a session are about to be sent, as parts of an image if `plan` is given. Throws EINVAL if the session
   * is not open.
   */
  expose(session: string, plan?: UnitPlan): Promise<void>;
  /**
   * The unit is done: numbers are issued, the session has passed. Throws EINVAL if a number was not exposed, or is on
   * another unit.
   */
  issue(session: string, unit: UnitRecord): Promise<void>;
  /** The session ends without a unit. */
  giveUp(session: string, how: GiveUp): Promise<void>;
  /** An issued number is no longer in use. Throws EINVAL unless it is issued. */
  retire(pool: string, value: bigint, reason: string): Promise<void>;
  /** Sessions that are open, with their numbers. */
  openSessions(): Promise<readonly OpenSession[]>;
  /**
   * Sessions that ended at a time (ISO 8601) or later, by their start, oldest first; the newest `most` of them if there
   * are more.
   */
  endedSessions(since: string, most: number): Promise<readonly EndedSession[]>;
  /** Units with this serial number, of all products or one. */
  units(serial: string, product?: string): Promise<readonly UnitAccount[]>;
  /** Every number of a pool. Throws EINVAL for an unknown pool. */
  account(pool: string): Promise<PoolAccount>;
  /** How many numbers a pool still has: those never given out, and those given back. Throws EINVAL for an unknown pool. */
  numbersLeft(pool: string): Promise<bigint>;
  /** Names of all pools. */
  pools(): Promise<readonly string[]>;
  /** Events from `seq` on, in order. */
  events(fromSeq?: number): AsyncIterable<LedgerEvent>;
  /**
   * Proves the chain of events, and that the numbers are as they tell. A sentence for the first fault; undefined if
   * there is none.
   */
  verify(): Promise<string | undefined>;
  close(): Promise<void>;
}
