/**
 * What the commands for files on a chip share: an opened file system, its damage as a person reads it, and the copy of
 * one file.
 */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { formatAddress } from "../../bytes.ts";
import { createImageWriter } from "../../files/image-writer.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { Connected } from "../../runner/with-chip.ts";
import type { LittleFs, LittleFsDamage, LittleFsEntry } from "../../storage/littlefs/littlefs.ts";
import { pathText } from "../values/fs-path.ts";
import type { Session } from "../program/session.ts";

/** A file system, and the way to it. */
export interface OpenedFs {
  readonly fs: LittleFs;
  readonly region: FlashRegion;
  readonly connected: Connected;
}

/** Copies a file; the file on disk appears only if all of it was read. Returns the CRC-32. */
export async function copyFile(
  opened: OpenedFs,
  entry: LittleFsEntry,
  file: string,
  session: Session,
): Promise<number> {
  const writer = await createImageWriter(file, "bin", {
    range: { address: 0, lengthBytes: entry.sizeBytes },
    standardOutput: session.report.outputFile,
  });
  let crc = 0;
  let at = 0;
  try {
    for await (const piece of opened.fs.read(entry)) {
      await writer.write(at, piece);
      at += piece.length;
      crc = crc32(piece, crc);
      await breathe(opened, session);
    }
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return crc;
}

/** Reports what is damaged or was cut; returns how much of it is a loss. */
export function sayDamage({ region }: OpenedFs, damage: readonly LittleFsDamage[], session: Session): number {
  const { report } = session;
  for (const { path, offset, reason, isLoss } of damage) {
    const address = region.address + offset;
    report.record("fs-damage", { path: pathText(path), address, reason, lost: isLoss });
    if (report.json) continue;
    const text = `${pathText(path)} at ${formatAddress(address)}: ${reason}`;
    if (isLoss) report.warn(`damage in ${text}`);
    else report.note(text);
  }
  return damage.filter(({ isLoss }) => isLoss).length;
}

/** Reads of an image file never wait; Ctrl-C and a closed reader must be noticed in between. */
export async function breathe({ connected }: OpenedFs, session: Session): Promise<void> {
  // Not on a simulated bridge: nothing may wait for a reader in simulated time, and its chip is small.
  if (connected.clock === session.io.clock) await session.report.room(session.signal);
  await connected.clock.wait(0);
}
