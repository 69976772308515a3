/** The catalogue of chips as the documents show it. */
import { CATALOG } from "../../drivers/catalog/catalog.ts";
import type { ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import { formatSize, toHex } from "../bytes.ts";
import { markdownTable } from "./markdown.ts";

/** Every part that is known by name. */
export function chipTable(): string {
  return markdownTable(
    ["Name", "Maker", "ID", "Size", "Page, bytes", "Erase sizes", "SPI clock", "Supply"],
    CATALOG.map((part) => [
      part.name,
      part.vendor,
      toHex(Uint8Array.from([...part.jedecId, ...(part.extendedId ?? [])])),
      formatSize(part.geometry.capacityBytes),
      part.family === "at45" ? `${part.binaryPageBytes} or ${part.standardPageBytes}` : String(part.geometry.pageBytes),
      eraseSizes(part),
      `${part.maxSpiClockHz / 1e6} MHz`,
      `${part.supplyMv.minimum / 1000} to ${part.supplyMv.maximum / 1000} V`,
    ]),
  );
}

/** How many there are, and of how many makers. */
export function chipCount(): { readonly parts: number; readonly makers: number } {
  return { parts: CATALOG.length, makers: new Set(CATALOG.map(({ vendor }) => vendor)).size };
}

function eraseSizes({ geometry }: ChipDescriptor): string {
  return geometry.eraseUnits.map(({ name }) => name.replace(/ (sector|block|page|subsector)$/, "")).join(", ");
}
