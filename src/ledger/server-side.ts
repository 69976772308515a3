/** The part of a ledger that a server of several stations needs. */

/** Who this station is for its server. */
export interface ServerMark {
  /** UUID of the station. */
  readonly station: string;
  /** Name of the station; the server has each name once. */
  readonly name: string;
  /** 1 for a new station; one more each time its ledger was restored from an old copy. */
  readonly epoch: number;
  /** Last event that the server has. */
  readonly uploadedSeq: number;
}

/** Numbers of a pool that only this station may give out. */
export interface NumberBlock {
  /** UUID. */
  readonly block: string;
  readonly pool: string;
  /** First number, included. */
  readonly lo: bigint;
  /** Last number, included. */
  readonly hi: bigint;
  /** Next number to be given out; `hi` + 1 if there is none left. */
  readonly next: bigint;
}

/** A block that was or will be requested; its UUID is stored before the request is sent. */
export interface WantedBlock {
  readonly block: string;
  readonly pool: string;
  /** How many numbers. */
  readonly size: bigint;
}

/** What a ledger keeps of its server. Every change is on the disk when the call returns. */
export interface ServerSide {
  /** Undefined: the ledger has no server; its pools are its own. */
  mark(): ServerMark | undefined;
  /**
   * From now on the pools of this ledger are shared. `isRestored`: it is a copy of an older state, so the station gets
   * another UUID, and gives up all numbers that it had left. Throws EINVAL if it has another name already.
   */
  join(name: string, how: { readonly isRestored: boolean }): ServerMark;
  /** The server has all events up to `seq`. */
  uploaded(seq: number): void;
  /** The open request for a block of this pool, or a new one of `size` numbers. */
  want(pool: string, size: bigint): WantedBlock;
  /** Requests without a response. */
  wanted(): readonly WantedBlock[];
  /** A block that the server gave; nothing if it is here. Throws EINVAL if it overlaps another one. */
  addBlock(block: Omit<NumberBlock, "next">): void;
  /** All blocks, by pool and first number. */
  blocks(): readonly NumberBlock[];
}
