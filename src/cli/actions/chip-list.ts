/** The list of all chips, and searches in it by name, maker, ID or size. */
import type { ListedPart } from "../../../drivers/catalog/all-parts.ts";
import type { ChipDescriptor } from "../../../drivers/chip-descriptor.ts";
import { formatSize, parseSize, printable } from "../../bytes.ts";
import { alignedRows } from "../output/table.ts";

/** An ID has three bytes; four digits are the least that says more than a number. */
const ID_DIGITS = /^[0-9a-f]{4,}$/;

/** Parts whose name contains the text, or whose maker begins with it, whose ID does, or whose size it is. */
export function partsMatching(parts: readonly ListedPart[], text: string): readonly ListedPart[] {
  const wanted = text.toLowerCase().replaceAll(/\s+/g, " ").trim();
  const sizeBytes = /[a-z]/.test(wanted) ? parseSize(wanted.replace(" ", "").replace(/ib$/, "")) : undefined;
  const asId = wanted.replaceAll(" ", "");
  return parts.filter(
    ({ name, vendor, id, capacityBytes }) =>
      name.toLowerCase().includes(wanted) ||
      vendor.toLowerCase().startsWith(wanted) ||
      (ID_DIGITS.test(asId) && id.startsWith(asId)) ||
      (sizeBytes !== undefined && capacityBytes === sizeBytes),
  );
}

/** A line for each part; parts that cannot be operated say why. */
export function partTable(parts: readonly ListedPart[]): string {
  const rows = parts.map(({ name, vendor, id, capacityBytes, descriptor, refusal }) => [
    printable(name),
    vendor,
    id === "" ? "none" : id,
    capacityBytes === undefined ? "-" : formatSize(capacityBytes),
    descriptor === undefined ? "-" : pagesOf(descriptor),
    ...(refusal === undefined ? [] : [`not by name: ${refusal.reason}`]),
  ]);
  return alignedRows([["name", "vendor", "ID", "size", "page"], ...rows]);
}

/** The page of a part, or both pages of an AT45, bytes. */
export function pagesOf(part: ChipDescriptor): string {
  return part.family === "at45"
    ? `${part.binaryPageBytes} or ${part.standardPageBytes}`
    : String(part.geometry.pageBytes);
}
