/**
 * Cuts one flash operation into the pieces that a driver compiles: pages, erase blocks, reads of bounded size. Pure; says
 * by an error what of an operation makes no sense on this chip.
 */
import { type ByteRange, type EraseBlock, eraseBlockAt, type FlashGeometry, rangeEnd } from "../../drivers/geometry.ts";
import { formatRange, formatSize } from "../bytes.ts";
import { checkBytes, checkChoice, checkObject, checkSignal, checkStream, shown } from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashOp } from "./flash-device.ts";

/** Longest read that is one program of the driver, so that its answers do not pile up. */
const READ_PIECE_BYTES = 64 * 1024;

/** What of the chip an operation touches. */
export function rangeOfOp(op: FlashOp): ByteRange {
  return { address: op.address, lengthBytes: op.kind === "program" ? op.data.length : op.lengthBytes };
}

/** Throws EINVAL for what cannot be run. */
export function checkRun(ops: unknown, options: unknown): void {
  checkStream(ops, "the operations", "run");
  checkSignal(checkObject(options, "options", "run")["signal"], "signal", "run");
}

const KINDS = ["identify", "read", "erase", "digest", "program"] as const;

/** Throws EINVAL for an operation that is none, ERANGE for one outside of the chip. Nothing is sent before this. */
export function checkOp(geometry: FlashGeometry, op: FlashOp): void {
  const kind = checkChoice(checkObject(op, "an operation", "run")["kind"], "an operation's kind", "run", KINDS);
  if (op.kind === "program") checkBytes(op.data, "data", kind);
  checkRange(geometry, rangeOfOp(op), kind);
}

/** Throws ERANGE if the range does not lie in the chip, EINVAL if it is not a range. */
export function checkRange(geometry: FlashGeometry, range: ByteRange, operation: string): void {
  const { address, lengthBytes } = range;
  if (!Number.isSafeInteger(address) || !Number.isSafeInteger(lengthBytes) || lengthBytes < 0) {
    const [at, length] = [address, lengthBytes].map(shown);
    const message = `${operation}: address ${at} and length ${length} must be whole numbers, the length not negative`;
    throw new NorbridgeError("EINVAL", message, { operation });
  }
  if (address >= 0 && rangeEnd(range) <= geometry.capacityBytes) return;
  const message = `${operation}: ${formatRange(range)} is outside the chip, which has ${formatSize(geometry.capacityBytes)}`;
  throw new NorbridgeError("ERANGE", message, { operation, range });
}

/** Pieces of a read, one driver program each. */
export function* readPieces(range: ByteRange): Generator<ByteRange> {
  for (let address = range.address; address < rangeEnd(range); address += READ_PIECE_BYTES) {
    yield { address, lengthBytes: Math.min(READ_PIECE_BYTES, rangeEnd(range) - address) };
  }
}

/** The fewest blocks that make up an erase range, largest first at each place. Throws EINVAL if it does not tile. */
export function erasePieces(geometry: FlashGeometry, range: ByteRange): readonly EraseBlock[] {
  const blocks: EraseBlock[] = [];
  for (let address = range.address; address < rangeEnd(range); ) {
    const block = largestBlock(geometry, address, rangeEnd(range));
    if (block === undefined) {
      throw new NorbridgeError(
        "EINVAL",
        `erase: ${formatRange(range)} does not start and end on erase block boundaries`,
        {
          operation: "erase",
          range,
          hint: "Start and end at multiples of the smallest erase block of the chip.",
        },
      );
    }
    blocks.push(block);
    address = rangeEnd(block);
  }
  return blocks;
}

function largestBlock(geometry: FlashGeometry, address: number, end: number): EraseBlock | undefined {
  for (const unit of geometry.eraseUnits.toReversed()) {
    const block = eraseBlockAt(unit, address);
    if (block !== undefined && block.address === address && rangeEnd(block) <= end) return block;
  }
  return undefined;
}
