/** What the chip of a unit holds, as a map. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { ChipMap, mapStateIndex } from "../panel/index.ts";
import type { Unit } from "./records.ts";

export function UnitMap({ map }: { readonly map: Unit["map"] }): JSX.Element {
  const unitBytes = Math.max(1, Math.min(...map.map(({ lengthBytes }) => lengthBytes)));
  const states = useMemo(() => {
    const end = Math.max(...map.map(({ address, lengthBytes }) => address + lengthBytes));
    const cells = new Uint8Array(Math.ceil(end / unitBytes));
    for (const { address, lengthBytes, state } of map) {
      const first = Math.floor(address / unitBytes);
      cells.fill(mapStateIndex(state), first, first + Math.ceil(lengthBytes / unitBytes));
    }
    return cells;
  }, [map, unitBytes]);
  return (
    <ChipMap
      label="Sectors of the chip"
      states={states}
      version={0}
      placeOf={(sector) => ({ address: sector * unitBytes, lengthBytes: unitBytes })}
      heightPx={240}
    />
  );
}
