/** Where a stream's progress is kept between runs. */

/** Which image a stream is of: nothing else may continue it. */
export interface ImageIdentity {
  /** Length of the image, bytes. */
  readonly lengthBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** How far a stream has come. */
export interface SavedProgress {
  /** Bytes that are on the flash for sure, counted from the start of the stream. */
  readonly bytesWritten: number;
  /** Absent if a device kept the progress: it stores the bare number. */
  readonly image?: ImageIdentity | undefined;
}

/** Keeps the progress of one stream: in a file, or in a settings area on the chip. */
export interface ProgressStore {
  /** Undefined: none is kept. */
  load(): Promise<SavedProgress | undefined>;
  /** Replaces what is kept. Resolves when it is durable. */
  save(progress: SavedProgress): Promise<void>;
  /** Forgets what is kept; no error if there is nothing. */
  clear(): Promise<void>;
}
