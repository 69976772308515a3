/** What is known around an erase whose size is not proved, and what such an erase turned out to do. */
import type { ByteRange } from "../../drivers/geometry.ts";

/** Bytes of the chip and their place. */
export interface ChipBytes {
  /** Address of the first byte, bytes from the start of the chip. */
  readonly address: number;
  /** The bytes. */
  readonly data: Uint8Array;
}

/**
 * What the sender of an erase knows of the bytes around its block. Used only while the size of the erase is not proved: the
 * command may then erase more than the block, and what it could destroy is read before.
 */
export interface AroundErase {
  /** Parts of a range whose bytes are needed again; sorted, disjoint. The rest is only compared. */
  needed(range: ByteRange): readonly ByteRange[];
  /**
   * Takes the needed bytes that the erase could destroy, and all ranges around the block that it could reach: what is in them is
   * not proved from here on. Returns when that is safe; if it throws, nothing is erased.
   */
  keep(pieces: readonly ChipBytes[], reach: readonly ByteRange[]): void;
  /** The erase left those bytes as they were. */
  release(): void;
  /** The erase reached them, and all of them were restored. If it is left out, they count as not restored. */
  restored?(): void;
}

/** An erase that did not erase its block and nothing else. */
export interface EraseFinding {
  /** The command: "20h". */
  readonly command: string;
  /** The block that was to be erased. */
  readonly block: ByteRange;
  /** What was seen to be erased; its length is 0 if the chip ignored the command. */
  readonly erased: ByteRange;
  /**
   * The most that the command may have erased, around `erased`: parts of it that were blank before do not show how far it went.
   */
  readonly reach: ByteRange;
  /** Bytes around the block that were erased and could not be restored. */
  readonly unrestored: readonly ChipBytes[];
}
