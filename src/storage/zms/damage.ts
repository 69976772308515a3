/** What is neither free nor part of a ZMS. Pure. */
import type { KeyValueDamage } from "../key-value-store.ts";
import type { Mounted } from "./mount.ts";

/** Pieces that are passed over, in order of place. */
export function damageOf({ geometry, ring }: Mounted): readonly KeyValueDamage[] {
  const { sectorBytes, ateBytes, closeAt } = geometry;
  return ring.tables.flatMap((table): KeyValueDamage[] => {
    const { sector } = table;
    const base = sector * sectorBytes;
    const found: KeyValueDamage[] = [];
    if (table.kind === "garbage") {
      const reason = "the sector has no valid header, and is not erased";
      return [{ sector, offset: base, lengthBytes: sectorBytes, reason }];
    }
    if (table.hasTornData) {
      const lengthBytes = Math.max(0, table.atePlace + ateBytes - table.dataEnd);
      const reason = "data was written there, but its allocation table entry is missing";
      found.push({ sector, offset: base + table.dataEnd, lengthBytes, reason });
    }
    for (const at of table.invalidPlaces.toReversed()) {
      const reason = "an allocation table entry is not valid";
      found.push({ sector, offset: base + at, lengthBytes: ateBytes, reason });
    }
    if (table.kind === "torn") {
      const reason = "the entry that closes the sector is not valid";
      found.push({ sector, offset: base + closeAt, lengthBytes: ateBytes, reason });
    }
    return found;
  });
}
