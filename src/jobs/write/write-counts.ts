/** What a write has done so far, counted over all runs of one job. */

/** Counted up by the writer. */
export interface WriteCounts {
  programmedBytes: number;
  programmedPages: number;
  /** Bytes of the target that were programmed or erased again, once each. */
  rewrittenBytes: number;
  erasedUnits: number;
  erasedBytes: number;
  restoredBytes: number;
  verifiedBytes: number;
}

/** Nothing done yet. */
export function noWriteCounts(): WriteCounts {
  return {
    programmedBytes: 0,
    programmedPages: 0,
    rewrittenBytes: 0,
    erasedUnits: 0,
    erasedBytes: 0,
    restoredBytes: 0,
    verifiedBytes: 0,
  };
}

/** Bytes that each phase of a write went through. */
export interface WritePhaseBytes {
  /** Compared before anything was changed. */
  readonly survey: number;
  /** Erased. */
  readonly erase: number;
  /** Programmed. */
  readonly program: number;
  /** Compared after programming. */
  readonly verify: number;
}
