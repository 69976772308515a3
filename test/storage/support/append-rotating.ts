/** Appends to an FCB as a device does that keeps the newest entries. */
import { NorbridgeError } from "../../../src/errors.ts";
import type { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";

/** Appends; a full buffer loses its oldest sector first. */
export async function appendRotating(log: CircularBuffer, data: Uint8Array): Promise<void> {
  try {
    await log.append(data);
  } catch (error) {
    if (!(error instanceof NorbridgeError) || error.code !== "ENOSPC") throw error;
    await log.rotate();
    await log.append(data);
  }
}
