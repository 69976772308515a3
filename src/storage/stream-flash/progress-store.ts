/** Where a stream's progress is kept between runs. */

/** Which image a stream is of: nothing else may go on with it. */
export interface ImageIdentity {
  readonly lengthBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface SavedProgress {
  /** Bytes that are on the flash for sure, counted from the start of the stream. */
  readonly bytesWritten: number;
  /** Absent where a device kept the progress: it stores the bare number. */
  readonly image?: ImageIdentity | undefined;
}

export interface ProgressStore {
  /** Undefined: none is kept. */
  load(): Promise<SavedProgress | undefined>;
  save(progress: SavedProgress): Promise<void>;
  clear(): Promise<void>;
}
