/** The lines of `index.jsonl`: which dump came from which unit, and where its records are. */

/** A range of the chip that was stored as a dump. */
export interface DumpLine {
  readonly address: number;
  readonly lengthBytes: number;
  readonly sha256: string;
  /** Smallest erase block in it, bytes. */
  readonly eraseBytes: number;
}

/** One unit was read: its dumps are on the disk when this line is. */
export interface ExtractionLine {
  readonly type: "extraction";
  /** Time and chance: `20261130T230500Z-1a2b3c4d`. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly serial: string;
  /** "" if it was not specified. */
  readonly product: string;
  readonly chip: {
    readonly vendor: string;
    readonly name: string;
    readonly jedecId: string;
    /** Lower-case hex; "" if the chip has none that can be read. */
    readonly uniqueId: string;
  };
  readonly flash: { readonly capacityBytes: number; readonly pageBytes: number; readonly erasedByte: number };
  readonly dumps: readonly DumpLine[];
}

/** One log of a decode. */
export interface DecodedLog {
  readonly address: number;
  readonly lengthBytes: number;
  readonly layout: string;
  readonly records: number;
  readonly unconfirmed: number;
  readonly damaged: number;
  /** Records that are shorter than the struct. */
  readonly short: number;
  /** First and last time of a record, ISO 8601; "" if no record has one. */
  readonly firstTime: string;
  readonly lastTime: string;
  /** Why the order of the records is not certain; "" if it is. */
  readonly orderDoubt: string;
}

/** The dumps of one extraction were decoded. Replaces what was decoded by a struct of the same name before. */
export interface DecodeLine {
  readonly type: "decode";
  readonly time: string;
  readonly extraction: string;
  /** Name of the struct, as in the folder. */
  readonly struct: string;
  /** SHA-256 of the struct file; "" for records that norbridge knows by itself. */
  readonly structSha256: string;
  /** Version of the decoding program code, see DECODER_VERSION. */
  readonly decoder: number;
  /** Length of all records of a FlashDB TSDB, as the user specified it, bytes; 0 if it was not. */
  readonly recordBytes: number;
  readonly logs: readonly DecodedLog[];
  /** The Parquet file, relative to the store, with slashes; "" if there was no record. */
  readonly file: string;
}

/** Files were joined: those extractions of this struct are in this file now. */
export interface CompactLine {
  readonly type: "compact";
  readonly time: string;
  readonly struct: string;
  readonly file: string;
  readonly extractions: readonly string[];
}

/** A line of the index, without its number. */
export type StoreLine = ExtractionLine | DecodeLine | CompactLine;
