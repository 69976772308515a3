/** Several changes to a safe as one commit: everything else is carried over. */
import { sameBytes } from "../../bytes.ts";
import type { FlashSafe } from "./flash-safe.ts";

/**
 * Writes and (where the data is undefined) removes items, in one commit; returns how many changed. Nothing is written where
 * all is as asked for. Throws what a transaction throws; the last commit stays in force then. Calls at the same time are carried
 * out one after the other.
 */
export async function updateSafe(
  safe: FlashSafe,
  changes: ReadonlyMap<number, Uint8Array | undefined>,
): Promise<number> {
  // The caller may use his arrays again while this waits for its turn.
  const own = new Map([...changes].map(([key, data]) => [key, data?.slice()]));
  return safe.inTurn(() => updateNow(safe, own));
}

async function updateNow(safe: FlashSafe, changes: ReadonlyMap<number, Uint8Array | undefined>): Promise<number> {
  const items = new Map<number, Uint8Array>();
  for (const key of safe.keys()) {
    const data = safe.read(key);
    if (data !== undefined) items.set(key, data);
  }
  let changed = 0;
  for (const [key, data] of changes) {
    const old = items.get(key);
    if (data === undefined ? old === undefined : old !== undefined && sameBytes(old, data)) continue;
    changed++;
    if (data === undefined) items.delete(key);
    else items.set(key, data);
  }
  if (changed === 0) return 0;
  const transaction = await safe.open();
  try {
    for (const [key, data] of items) await transaction.write(key, data);
    await transaction.commit();
  } finally {
    transaction.abandon();
  }
  return changed;
}
