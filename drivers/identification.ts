/** What identification takes and gives: the responses of a chip, what the user specifies, and the result. */
import type { ChipDescriptor } from "./chip-descriptor.ts";
import type { UnknownCause } from "./other-devices.ts";

/** All responses of a chip that identification uses. */
export interface ChipProbe {
  /** First response to 9Fh, 8 bytes. */
  readonly idA: Uint8Array;
  /** Second response to 9Fh, 8 bytes. */
  readonly idB: Uint8Array;
  /** The SFDP area as far as it was read, if its signature was present. */
  readonly sfdp?: Uint8Array | undefined;
  /** Response to D7h, two bytes. */
  readonly at45Status?: Uint8Array | undefined;
  /** Response to 90h, two bytes, if 9Fh had no response. */
  readonly legacyId?: Uint8Array | undefined;
  /** Response to 15h, two bytes, if neither 9Fh nor 90h had one. */
  readonly at25fId?: Uint8Array | undefined;
  /** The byte that ABh returns after three address bytes, if neither 9Fh nor 90h had a response. */
  readonly signature?: number | undefined;
}

/** A part that was identified. */
export interface FoundPart {
  /** The part. */
  readonly descriptor: ChipDescriptor;
  /** Notes for the user: sentences without a full stop. */
  readonly notes: readonly string[];
  /** Those of the notes that a user should see in any case: what the chip may be besides, what is therefore not used. */
  readonly doubts?: readonly string[] | undefined;
}

/** What the user specifies besides the responses of the chip. */
export interface IdentifyOptions {
  /** Name of the part. Its ID must be the one that the chip returns. */
  readonly chip?: string | undefined;
  /** Size in bytes. It resolves a conflict between the SFDP area and the catalogue. */
  readonly sizeBytes?: number | undefined;
  /** A custom part. It is used if the chip returns its ID, whatever its SFDP area contains. */
  readonly part?: ChipDescriptor | undefined;
}

/** The result of `identify`. Texts are parts of sentences in plain ASCII. */
export type Identification =
  | {
      /** The part is identified. */
      readonly kind: "found";
      /** The part. */
      readonly descriptor: ChipDescriptor;
      /** The three bytes of the ID as lower-case hex. */
      readonly jedecId: string;
      /** Notes for the user: sentences without a full stop. */
      readonly notes: readonly string[];
      /** Those of the notes that a user should see in any case; absent if there are none. */
      readonly doubts?: readonly string[] | undefined;
    }
  | {
      /**
       * The SFDP area and the catalogue specify different sizes. To decide, read the chip: check whether its contents
       * repeat from the smaller size on.
       */
      readonly kind: "size-conflict";
      /** The three bytes of the ID as lower-case hex. */
      readonly jedecId: string;
      /** Name of the part in the catalogue. */
      readonly name: string;
      /** The part with either size, smaller first. */
      readonly choices: readonly [FoundPart, FoundPart];
    }
  | {
      /** No chip responds, or not reliably. */
      readonly kind: "missing";
      /** What was received: "all bytes read FF", "two reads differ: ... and ...". */
      readonly pattern: string;
    }
  | {
      /** A chip responds, but norbridge cannot operate it, or not safely. */
      readonly kind: "unknown";
      /** The ID as lower-case hex: three bytes, or two if the chip has an ID only for 90h. */
      readonly jedecId: string;
      /** Why it cannot be used: "it is not in the catalogue and has no SFDP area". */
      readonly reason: string;
      /** The kind of reason, for advice; left out: it is a flash chip without a description. */
      readonly cause?: UnknownCause | undefined;
    }
  | {
      /** The responses fit several parts that differ in something that a job uses. */
      readonly kind: "ambiguous";
      /** The three bytes of the ID as lower-case hex. */
      readonly jedecId: string;
      /** Names of these parts. One of them can be specified as `IdentifyOptions.chip`. */
      readonly names: readonly string[];
      /** The first difference, with both values and the parts that have them. */
      readonly difference: string;
    };
