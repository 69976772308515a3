/**
 * What page and worker send each other. Both come from one build; the number is for a page that a service worker has kept
 * while its worker is newer. Values only: no function and no object of the engine crosses.
 */

/** Both sides refuse another number. */
export const MESSAGES_VERSION = 1;

/** A stretch of the chip. */
export interface Range {
  readonly address: number;
  readonly lengthBytes: number;
}

/** Where the bridge is. A serial port is one that the page was permitted before; ids are those of USB. */
export type PortChoice =
  | { readonly kind: "simulator"; readonly chip: string }
  | {
      readonly kind: "serial";
      readonly vendorId: number | undefined;
      readonly productId: number | undefined;
      readonly baudRate: number;
      /** Raise the line rate. Not for boards that restart when their port is opened. */
      readonly climbs: boolean;
    };

/** A file that was dropped, and where its first byte goes if it is raw. */
export interface DroppedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly place: number | undefined;
}

/** What the page asks for. */
export type Command =
  | { readonly kind: "connect"; readonly port: PortChoice; readonly keepOld: boolean; readonly unprotect: boolean }
  | { readonly kind: "disconnect" }
  | { readonly kind: "image"; readonly files: readonly DroppedFile[]; readonly offset: number }
  | { readonly kind: "plan" }
  | { readonly kind: "write" }
  | { readonly kind: "verify" }
  | { readonly kind: "compare" }
  | { readonly kind: "read"; readonly range: Range | undefined; readonly format: "bin" | "hex" | "srec" | "uf2" }
  | { readonly kind: "erase"; readonly range: Range | "all" }
  | { readonly kind: "bytes"; readonly range: Range }
  | { readonly kind: "resume"; readonly id: string }
  | { readonly kind: "undo"; readonly id: string }
  | { readonly kind: "discard"; readonly id: string }
  | { readonly kind: "regions" }
  | { readonly kind: "records"; readonly region: Range; readonly layout: string }
  | { readonly kind: "doctor" }
  | { readonly kind: "report" };

/** From the page. */
export type ToWorker =
  | { readonly version: number; readonly id: number; readonly command: Command }
  /** Ends the command in progress. */
  | { readonly version: number; readonly cancel: true };

/** What went wrong, as the command line reports it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Whether the chip may have been changed. */
  readonly changed: boolean;
}

export interface ImageFacts {
  readonly name: string;
  readonly totalBytes: number;
  readonly ranges: readonly Range[];
  readonly notes: readonly string[];
}

export interface PlanFacts {
  readonly eraseBlocks: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly keptBytes: number;
  readonly sameBytes: number;
  readonly estimateMs: number;
}

export interface RegionFacts extends Range {
  readonly layout: string;
  readonly content: string | undefined;
  readonly certainty: string;
  readonly why: string;
}

/** A log or settings as rows of text and numbers. */
export interface Records {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly notes: readonly string[];
}

export interface FindingFacts {
  readonly check: string;
  readonly state: "ok" | "warning" | "fault" | "skipped";
  readonly evidence: string;
  readonly cause: string;
  readonly fix: string;
}

/** What a command returns. */
export interface Answers {
  readonly connect: undefined;
  readonly disconnect: undefined;
  readonly image: ImageFacts;
  readonly plan: PlanFacts;
  readonly write: { readonly writtenBytes: number; readonly durationMs: number; readonly sha256: string };
  readonly verify: { readonly equal: boolean; readonly comparedBytes: number; readonly differing: readonly Range[] };
  readonly compare: readonly Range[];
  readonly read: { readonly name: string; readonly file: Uint8Array };
  readonly erase: { readonly erasedBytes: number };
  readonly bytes: Uint8Array;
  readonly resume: { readonly restoredBytes: number };
  readonly undo: { readonly restoredBytes: number };
  readonly discard: undefined;
  readonly regions: readonly RegionFacts[];
  readonly records: Records;
  readonly doctor: readonly FindingFacts[];
  readonly report: string;
}

/** The chip and its bridge. */
export interface ChipFacts {
  readonly bridge: string;
  readonly protocol: string;
  readonly baudRate: number;
  readonly name: string;
  readonly vendor: string;
  readonly jedecId: string;
  readonly capacityBytes: number;
  readonly pageBytes: number;
  readonly eraseSizes: readonly number[];
  readonly sectorBytes: number;
  readonly spiClockHz: number | undefined;
  readonly protection: string;
}

export interface JobView {
  readonly what: string;
  readonly phase: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** An unfinished job, as its journal describes it. */
export interface LeftView {
  readonly id: string;
  readonly state: string;
  readonly text: string;
  readonly canUndo: boolean;
  readonly canResume: boolean;
}

/** Everything but the map. */
export interface PageState {
  readonly link: "closed" | "opening" | "open" | "lost";
  readonly chip: ChipFacts | undefined;
  readonly job: JobView | undefined;
  readonly jobs: readonly LeftView[];
  /** Why an interrupted job could not be resumed after a reload; undefined if it can. */
  readonly noJournal: string | undefined;
}

export interface Note {
  readonly level: "detail" | "note" | "warning";
  readonly text: string;
}

/** From the worker: everything that happened in a frame comes in one message. */
export type FromWorker =
  | { readonly version: number; readonly kind: "ready"; readonly chips: readonly string[] }
  | {
      readonly version: number;
      readonly kind: "news";
      readonly state: PageState | undefined;
      /** First sector and states that replace those of the map; a whole map starts at 0. */
      readonly map:
        | {
            readonly isNew: boolean;
            readonly changes: readonly (readonly [number, number])[];
            readonly sectors: number;
          }
        | undefined;
      readonly notes: readonly Note[];
    }
  | { readonly version: number; readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly version: number; readonly kind: "failure"; readonly id: number; readonly failure: Failure };
