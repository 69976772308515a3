/** Finds the maps that a flash has of itself: FMAP, by its signature, and the descriptor of Intel chipsets, at the start. */
import { decodeDescriptor, DESCRIPTOR_BYTES } from "../../layouts/intel-descriptor.ts";
import { firstOverlap, type LayoutRegion } from "../../layouts/layout.ts";
import { type Fmap, fmapAt, namesOwnPlace, placesOf } from "../../layouts/fmap.ts";
import type { ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";

/** Maps that are remembered. */
const MAX_PLACES = 256;
/** Names that are shown. */
const MAX_NAMES = 12;

/** A sniffer for both. */
export function flashMapSniffer(): Sniffer {
  return new FlashMapSniffer();
}

class FlashMapSniffer implements Sniffer {
  readonly #places: number[] = [];

  look(offset: number, block: Uint8Array): void {
    for (const at of placesOf(block)) if (this.#places.length < MAX_PLACES) this.#places.push(offset + at);
  }

  async conclude(region: ReadableRegion): Promise<readonly RegionFinding[]> {
    const found: RegionFinding[] = [];
    if (region.lengthBytes >= DESCRIPTOR_BYTES) {
      const layout = decodeDescriptor(await region.read(0, DESCRIPTOR_BYTES));
      if (layout !== undefined) found.push(descriptorFinding(layout.regions));
    }
    for (const place of this.#places) {
      const fmap = await fmapAt(region, place);
      if (fmap !== undefined) found.push(fmapFinding(fmap));
    }
    return found;
  }
}

/** The signature and regions that fit together: nothing else on the flash proves it. */
function descriptorFinding(regions: readonly LayoutRegion[]): RegionFinding {
  const isPlausible = firstOverlap(regions) === undefined;
  return {
    layout: "ifd",
    offset: 0,
    lengthBytes: DESCRIPTOR_BYTES,
    certainty: isPlausible ? "likely" : "possible",
    why: `signature, ${regions.length} regions (${namesOf(regions)})${isPlausible ? "" : ", of which some overlap"}`,
    proofs: 4,
    facts: { regions: regions.length },
  };
}

/** A map that names the place where it stands is not a copy, and no part of a program that looks for one. */
function fmapFinding(fmap: Fmap): RegionFinding {
  const { offset, lengthBytes, areas, name } = fmap;
  const isNamed = namesOwnPlace(fmap) === true;
  return {
    layout: "fmap",
    offset,
    lengthBytes,
    certainty: isNamed ? "certain" : "likely",
    why: `signature, ${areas.length} areas (${namesOf(areas)})${isNamed ? ", and the map names its own place" : ""}`,
    proofs: 8,
    facts: { name, regions: areas.length },
  };
}

function namesOf(regions: readonly LayoutRegion[]): string {
  const names = regions.slice(0, MAX_NAMES).map(({ name }) => name);
  return `${names.join(", ")}${regions.length > MAX_NAMES ? ", ..." : ""}`;
}
