/** Where on the chip cells failed: a map in which the failed sectors are marked. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { ChipMap, mapStateIndex } from "../panel/index.ts";
import type { Report } from "./records.ts";

/** A map of more sectors is no longer to be read. */
const MOST_SECTORS = 16_384;

export function FailureMap({ places }: { readonly places: Report["places"] }): JSX.Element | null {
  const unitBytes = Math.max(1, Math.min(...places.map(({ lengthBytes }) => lengthBytes)));
  const end = Math.max(...places.map(({ address, lengthBytes }) => address + lengthBytes));
  // A chip has a power of two of sectors, nearly always: the map does not end with the last failure.
  const sectors = 2 ** Math.ceil(Math.log2(Math.max(16, Math.ceil(end / unitBytes))));
  const states = useMemo(() => {
    const map = new Uint8Array(Math.min(sectors, MOST_SECTORS));
    for (const { address, lengthBytes } of places) {
      const first = Math.floor(address / unitBytes);
      map.fill(mapStateIndex("failed"), first, first + Math.ceil(lengthBytes / unitBytes));
    }
    return map;
  }, [places, sectors, unitBytes]);
  if (sectors > MOST_SECTORS) return null;
  return (
    <ChipMap
      label="Sectors that have failed"
      states={states}
      version={0}
      placeOf={(sector) => ({ address: sector * unitBytes, lengthBytes: unitBytes })}
      heightPx={200}
    />
  );
}
