/** The catalogue of chips as the documents show it. */
import { type ListedPart, listedParts } from "../../drivers/catalog/all-parts.ts";
import { CATALOG } from "../../drivers/catalog/whole-catalog.ts";
import type { ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import { formatSize, toHex } from "../bytes.ts";
import { markdownTable } from "./markdown.ts";

/** The parts that the catalogue describes in full. */
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

/** How many parts there are by name, how many of them can be used, how many are described in full, and their makers. */
export function chipCount(): {
  readonly parts: number;
  readonly usable: number;
  readonly described: number;
  readonly makers: number;
} {
  const parts = listedParts();
  return {
    parts: parts.length,
    usable: parts.filter(({ descriptor }) => descriptor !== undefined).length,
    described: CATALOG.length,
    makers: new Set(parts.map(({ vendor }) => vendor)).size,
  };
}

/** All parts by maker: how many there are, how many can be used by name, and their sizes. */
export function makerTable(): string {
  const makers = new Map<string, ListedPart[]>();
  for (const part of listedParts()) makers.set(part.vendor, [...(makers.get(part.vendor) ?? []), part]);
  return markdownTable(
    ["Maker", "Parts", "Usable by name", "Sizes"],
    [...makers.entries()]
      .toSorted(([a], [b]) => a.localeCompare(b, "en"))
      .map(([maker, parts]) => [
        maker,
        String(parts.length),
        String(parts.filter(({ descriptor }) => descriptor !== undefined).length),
        sizeRange(parts.flatMap(({ capacityBytes }) => capacityBytes ?? [])),
      ]),
  );
}

function sizeRange(sizes: readonly number[]): string {
  if (sizes.length === 0) return "-";
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return least === most ? formatSize(least) : `${formatSize(least)} to ${formatSize(most)}`;
}

function eraseSizes({ geometry }: ChipDescriptor): string {
  return geometry.eraseUnits.map(({ name }) => name.replace(/ (sector|block|page|subsector)$/, "")).join(", ");
}
