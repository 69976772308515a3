/** Answers of the station about what was recorded, as the pages show them. */

/** Counts of units. */
export interface Yield {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
}

/** The supervisor's report. */
export interface Report {
  readonly units: number;
  readonly passed: number;
  readonly failed: number;
  /** Units that passed in their first session. */
  readonly firstPass: number;
  /** Start of each hour, ISO 8601, oldest first. */
  readonly byHour: readonly Yield[];
  readonly bySlot: readonly (Yield & { readonly medianMs: number | undefined })[];
  readonly byBatch: readonly Yield[];
  /** Medians of the parts of a unit's time, in their order. */
  readonly times: readonly { readonly step: string; readonly medianMs: number; readonly worstMs: number }[];
  readonly failures: readonly { readonly code: string; readonly count: number; readonly example: string }[];
  /** Where cells failed, by sector. */
  readonly places: readonly { readonly address: number; readonly lengthBytes: number; readonly count: number }[];
  readonly numbers: readonly NumberAccount[];
}

/** What became of the numbers of a pool. */
export interface NumberAccount {
  readonly pool: string;
  readonly issued: number;
  /** Reserved or exposed: in a session that is open. */
  readonly open: number;
  readonly burned: number;
  readonly returned: number;
  readonly retired: number;
  readonly left: string;
  /** Numbers that nothing explains: there must be none. */
  readonly unexplained: number;
}

/** A unit with all that is known. */
export interface Unit {
  readonly unit: string;
  readonly product: string;
  readonly serial: string;
  readonly madeAt: string;
  readonly contentSha256: string;
  readonly numbers: readonly {
    readonly pool: string;
    readonly name: string;
    readonly text: string;
    readonly state: string;
  }[];
  readonly values: readonly { readonly name: string; readonly text: string }[];
  readonly chips: readonly { readonly jedec: string; readonly uid: string }[];
  readonly sessions: readonly UnitSession[];
  /** What its chip holds, by address; empty if it is not known. */
  readonly map: readonly { readonly address: number; readonly lengthBytes: number; readonly state: string }[];
  readonly logs: readonly UnitLog[];
}

export interface UnitSession {
  readonly session: string;
  readonly recipe: string;
  readonly revision: number;
  readonly slot: string;
  readonly operator: string;
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  readonly isRework: boolean;
}

/** A log that was extracted from a unit. */
export interface UnitLog {
  readonly extraction: string;
  readonly at: string;
  readonly name: string;
  readonly records: number;
}

/** The records of a log. */
export interface LogRecords {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  /** The column that is the x axis, if there is a time. */
  readonly time?: number | undefined;
  /** Records that are not in `rows`, since there are too many. */
  readonly left: number;
}
