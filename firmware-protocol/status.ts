/**
 * STATUS: what one side has received and what it grants. Never acknowledged itself; the newest one counts.
 *
 *   offset  bytes  field
 *   0       4      consumed: B: stream bytes of steps that were run and whose room is free again, counted from the start
 *                  of the session mod 2^32. H: 0
 *   4       1      flags: bit 0 a step is under way; bit 1 send again (a frame was damaged or one is missing);
 *                  bit 2 the run was cancelled
 *   5       1      H: shift 0..3, how many bytes before a unit boundary the bridge's frames begin at the host: the bridge
 *                  sends (4 - shift) mod 4 bytes 55h once, so that units and frames fall together again. B: 0
 *   6       1      H: largest frame the bridge should send from now on, units; 0: no change. B: 0
 *   7       1      number of stretches that follow, 0..4
 *   8       4 x n  stretches received beyond `ack`: first offset, offset after the last, 16 bits each
 *
 * A stretch that is listed need not be sent again; it may be forgotten only when the session ends.
 */
import { readU32, writeU32 } from "./frame.ts";

/** Maximum number of received ranges in a STATUS (PROTOCOL.md section 4). */
export const MAX_STRETCHES = 4;
const FIXED_BYTES = 8;

/** A range of a stream that was received beyond `ack` and need not be sent again. */
export interface Stretch {
  /** Offset of the first byte, mod 65,536. */
  readonly start: number;
  /** Offset of the first byte after the range, mod 65,536. */
  readonly end: number;
}

/** The payload of a STATUS frame (PROTOCOL.md section 4). The newest one is valid; STATUS is never acknowledged. */
export interface LinkStatus {
  /**
   * From a bridge: bytes of the step stream that have run and whose buffer space is free, since the start of the
   * session, mod 2^32. From a host: 0.
   */
  readonly consumed: number;
  /** A step is in progress. */
  readonly busy: boolean;
  /** A frame was damaged or is missing: the other side sends the first unacknowledged piece again. */
  readonly sendAgain: boolean;
  /** The run was cancelled. */
  readonly cancelled: boolean;
  /**
   * From a host: 0 to 3, the number of bytes by which frames of the bridge are off its unit boundaries. The bridge then
   * sends (4 - shift) mod 4 bytes 55h once. From a bridge: 0.
   */
  readonly shift: number;
  /** From a host: largest frame that the bridge sends from now on, in units; 0: no change. From a bridge: 0. */
  readonly maxFrameUnits: number;
  /** Ranges received beyond `ack`; at most four are sent. */
  readonly stretches: readonly Stretch[];
}

/** Encodes the payload of a STATUS. Ranges after the fourth are left out. */
export function encodeStatus(status: LinkStatus): Uint8Array {
  const stretches = status.stretches.slice(0, MAX_STRETCHES);
  const bytes = new Uint8Array(FIXED_BYTES + 4 * stretches.length);
  writeU32(bytes, 0, status.consumed);
  bytes[4] = (status.busy ? 1 : 0) | (status.sendAgain ? 2 : 0) | (status.cancelled ? 4 : 0);
  bytes[5] = status.shift;
  bytes[6] = status.maxFrameUnits;
  bytes[7] = stretches.length;
  stretches.forEach(({ start, end }, index) => {
    writeU32(bytes, FIXED_BYTES + 4 * index, (start & 0xffff) | ((end & 0xffff) << 16));
  });
  return bytes;
}

/** Decodes the payload of a STATUS. Returns undefined if it is shorter than its number of ranges requires. */
export function decodeStatus(payload: Uint8Array): LinkStatus | undefined {
  const count = payload[7];
  if (count === undefined || count > MAX_STRETCHES || payload.length < FIXED_BYTES + 4 * count) return undefined;
  const flags = payload[4] ?? 0;
  return {
    consumed: readU32(payload, 0),
    busy: (flags & 1) !== 0,
    sendAgain: (flags & 2) !== 0,
    cancelled: (flags & 4) !== 0,
    shift: (payload[5] ?? 0) & 3,
    maxFrameUnits: payload[6] ?? 0,
    stretches: Array.from({ length: count }, (_, index) => {
      const pair = readU32(payload, FIXED_BYTES + 4 * index);
      return { start: pair & 0xffff, end: pair >>> 16 };
    }),
  };
}
