/**
 * What is known of a chip's erase commands while it is open: whether each was seen to erase at all, and the most that each could
 * erase. It starts with what the descriptor leaves open and shrinks with every erase that shows more.
 *
 * An erase clears an aligned block. If one of 4 KiB could clear 64 KiB, it could as well clear 8, 16 or 32 KiB. Each of these
 * sizes has a part of its own that the smaller ones do not reach. As long as that part is blank, it shows nothing.
 */
import type { At25EraseCommand, ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import { type ByteRange, type EraseBlock, eraseBlockAt, type FlashGeometry, rangeEnd } from "../../drivers/geometry.ts";

/** What an erase of this size would clear beside the block and beside all smaller sizes. */
export interface Ring {
  /** The size of the erase, bytes. */
  readonly sizeBytes: number;
  /** One or two ranges, in order of address. */
  readonly ranges: readonly ByteRange[];
}

/** After this many erases of blocks whose samples were blank, a command counts as one that erases. */
const MAX_UNSEEN = 4;

interface Known {
  readonly command: At25EraseCommand;
  /** The most that it could erase, as a multiple of its block. */
  factor: number;
  /** Erases that could not show that the command erases; undefined once one did. */
  unseen: number | undefined;
  /** It was seen to erase. */
  isSeen: boolean;
}

export class EraseTrust {
  readonly #capacityBytes: number;
  readonly #known = new Map<string, Known>();

  constructor(descriptor: ChipDescriptor, geometry: FlashGeometry) {
    this.#capacityBytes = geometry.capacityBytes;
    // An AT45 has no command whose size is in doubt.
    if (descriptor.family !== "at25") return;
    for (const command of descriptor.eraseCommands) {
      const unit = geometry.eraseUnits.find(({ name }) => name === command.unitName);
      const blockBytes = unit === undefined ? 0 : (eraseBlockAt(unit, 0)?.lengthBytes ?? 0);
      if (blockBytes === 0) continue;
      const factor = Math.max(1, (command.unprovedBytes ?? blockBytes) / blockBytes);
      this.#known.set(command.unitName, {
        command,
        factor: 2 ** Math.ceil(Math.log2(factor)),
        unseen: 0,
        isSeen: false,
      });
    }
  }

  /** Whether the erase of this block has something to show. */
  isOpen({ unit }: EraseBlock): boolean {
    const known = this.#known.get(unit.name);
    return known !== undefined && (known.factor > 1 || known.unseen !== undefined);
  }

  /** Whether the command was seen to erase a block. */
  wasSeen({ unit }: EraseBlock): boolean {
    return this.#known.get(unit.name)?.isSeen ?? true;
  }

  /** "20h"; "" for families whose commands are not listed. */
  commandOf({ unit }: EraseBlock): string {
    const opcode = this.#known.get(unit.name)?.command.opcode;
    return opcode === undefined ? "" : `${opcode.toString(16).toUpperCase().padStart(2, "0")}h`;
  }

  /** All that the erase of this block might reach. */
  reachOf({ address, lengthBytes, unit }: EraseBlock): ByteRange {
    return alignedBlock(address, lengthBytes * (this.#known.get(unit.name)?.factor ?? 1), this.#capacityBytes);
  }

  /** The sizes that the erase of this block might have, the smallest first. */
  ringsOf(block: EraseBlock): readonly Ring[] {
    const rings: Ring[] = [];
    const factor = this.#known.get(block.unit.name)?.factor ?? 1;
    let inner: ByteRange = block;
    for (let times = 2; times <= factor; times *= 2) {
      const sizeBytes = block.lengthBytes * times;
      const outer = alignedBlock(block.address, sizeBytes, this.#capacityBytes);
      const before = { address: outer.address, lengthBytes: inner.address - outer.address };
      const after = { address: rangeEnd(inner), lengthBytes: rangeEnd(outer) - rangeEnd(inner) };
      const ranges = [before, after].filter(({ lengthBytes }) => lengthBytes > 0);
      if (ranges.length > 0) rings.push({ sizeBytes, ranges });
      inner = outer;
    }
    return rings;
  }

  /** The command was seen to erase. */
  noteErased({ unit }: EraseBlock): void {
    const known = this.#known.get(unit.name);
    if (known === undefined) return;
    known.unseen = undefined;
    known.isSeen = true;
  }

  /** Nothing showed whether it erased: the block was blank where it was looked at. */
  noteUnseen({ unit }: EraseBlock): void {
    const known = this.#known.get(unit.name);
    if (known?.unseen === undefined) return;
    known.unseen = known.unseen + 1 >= MAX_UNSEEN ? undefined : known.unseen + 1;
  }

  /** An erase of the block left what one of `sizeBytes` would have cleared. */
  noteSmallerThan(block: EraseBlock, sizeBytes: number): void {
    const known = this.#known.get(block.unit.name);
    if (known !== undefined) known.factor = Math.min(known.factor, sizeBytes / 2 / block.lengthBytes);
  }
}

/** The aligned block of this size around an address, as far as the chip reaches. */
export function alignedBlock(address: number, sizeBytes: number, capacityBytes: number): ByteRange {
  const start = Math.floor(address / sizeBytes) * sizeBytes;
  return { address: start, lengthBytes: Math.min(sizeBytes, capacityBytes - start) };
}
