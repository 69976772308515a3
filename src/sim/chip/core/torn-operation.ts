/**
 * What a power cut leaves of a program or erase under way. The states are those of the fault model: an erase first
 * programs all cells to 0, then pulses, then soft-programs (Infineon KBA223960), so that a block may read 00, FF, anything,
 * or FF with bits that waver; a broken program may touch a neighbour in the sector (Microchip SST26VF016B FAQ).
 */
import { rangeEnd, type ByteRange } from "../../../../drivers/geometry.ts";
import type { Random } from "../../random.ts";
import type { CellArray } from "./cell-array.ts";
import { TORN_ERASES, TORN_PROGRAMS, type TornState } from "./chip-model.ts";

/** The cells as they were before the operation, within its range. */
export type OldCells = Pick<CellArray, "peek">;

/** How far away the disturbed neighbour of a torn program may lie: within its 4 KiB. */
const NEIGHBOURHOOD_BYTES = 4096;

/** Leaves a page in one of the torn states. `cells` holds the finished program, `before` what was there. */
export function tearProgram(
  cells: CellArray,
  before: OldCells,
  page: ByteRange,
  random: Random,
  torn?: TornState,
): void {
  const state = TORN_PROGRAMS.find((name) => name === torn) ?? random.pick(TORN_PROGRAMS);
  const old = before.peek(page.address, page.lengthBytes);
  const wish = cells.peek(page.address, page.lengthBytes);
  if (state === "none") cells.load(page.address, old);
  if (state === "prefix") {
    const cut = random.intBelow(page.lengthBytes);
    cells.load(page.address + cut, old.subarray(cut));
  }
  if (state === "random-bits") {
    cells.load(
      page.address,
      old.map((byte, i) => byte & ((wish[i] ?? 0) | random.intBelow(256))),
    );
  }
  if (state === "all-and-a-neighbour") disturbNeighbour(cells, page, random);
}

function disturbNeighbour(cells: CellArray, page: ByteRange, random: Random): void {
  // A chip with fewer cells than it claims may have been found with a suspended program above its end.
  const own = { address: page.address % cells.capacityBytes, lengthBytes: page.lengthBytes };
  const start = Math.floor(own.address / NEIGHBOURHOOD_BYTES) * NEIGHBOURHOOD_BYTES;
  const end = Math.min(start + NEIGHBOURHOOD_BYTES, cells.capacityBytes);
  const address = start + random.intBelow(end - start);
  if (address >= own.address && address < rangeEnd(own)) return;
  cells.program(address, Uint8Array.of((cells.peek(address, 1)[0] ?? 0) & ~(1 << random.intBelow(8))));
}

/** Leaves a block in one of the torn states. */
export function tearErase(
  cells: CellArray,
  before: OldCells,
  block: ByteRange,
  random: Random,
  torn?: TornState,
): void {
  const state = TORN_ERASES.find((name) => name === torn) ?? random.pick(TORN_ERASES);
  const old = before.peek(block.address, block.lengthBytes);
  if (state === "untouched") cells.load(block.address, old);
  if (state === "partly-zero") {
    cells.load(
      block.address,
      old.map((byte) => (random.chance(0.5) ? 0 : byte)),
    );
  }
  if (state === "random") cells.load(block.address, random.bytes(block.lengthBytes));
  if (state === "marginal") cells.makeMarginal(block);
}
