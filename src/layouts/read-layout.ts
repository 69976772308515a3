/** Finds out which form a layout has, and reads it: of a file, or from the bytes of a chip. Pure. */
import { fileInvalid } from "../disk/file-problem.ts";
import { looksLikeDeviceTree, parseDeviceTree } from "./dt-partitions.ts";
import { espTableLayout, espTableProblem, findEspTable } from "./esp-binary.ts";
import { looksLikeEspCsv, parseEspCsv } from "./esp-csv.ts";
import { looksLikeFlashrom, parseFlashromLayout } from "./flashrom-layout.ts";
import { findFmaps, type Fmap, fmapLayout, isSameFmap, namesOwnPlace } from "./fmap.ts";
import { descriptorProblem, readDescriptor } from "./intel-descriptor.ts";
import { bytesInMemory, type Layout, type LayoutBytes } from "./layout.ts";
import { LAYOUT_FORMS, textOf } from "./text-lines.ts";

/** Layouts that are in a flash or in its image. */
export type BinaryLayout = "fmap" | "ifd" | "esp-partitions";

/**
 * Reads a binary layout from a flash; undefined if there is none. Throws FILE_INVALID for a damaged one; `name` is for
 * messages.
 */
type BinaryReader = (bytes: LayoutBytes, name: string) => Promise<Layout | undefined>;

const BINARY: Readonly<Record<BinaryLayout, BinaryReader>> = {
  ifd: (bytes) => readDescriptor(bytes),
  fmap: async (bytes, name) => {
    const [first, ...others] = inPlace(await findFmaps(bytes), bytes, name);
    const other = first === undefined ? undefined : others.find((one) => !isSameFmap(one, first));
    if (first === undefined || other === undefined) return first === undefined ? undefined : fmapLayout(first);
    const places = [first, other].map(({ offset }) => `0x${offset.toString(16)}`).join(" and ");
    throw fileInvalid(name, `has FMAPs at ${places} that differ`, { hint: "Use a layout file instead." });
  },
  "esp-partitions": async (bytes, name) => {
    const found = await findEspTable(bytes);
    if (found === undefined) return undefined;
    const problem = espTableProblem(found.table);
    if (problem === undefined) return espTableLayout(found.table);
    throw fileInvalid(name, `0x${found.offset.toString(16)}: ${problem}`);
  },
};

/**
 * The maps that stand where they say. A map in the image of a flash that says that it stands elsewhere counts from
 * another start: its ranges would be wrong ones. A map alone has no place.
 */
function inPlace(fmaps: readonly Fmap[], { lengthBytes }: LayoutBytes, name: string): readonly Fmap[] {
  const [own, unplaced] = [true, undefined].map((wanted) => fmaps.filter((one) => namesOwnPlace(one) === wanted));
  if (own !== undefined && own.length > 0) return own;
  const [first] = fmaps;
  if (first === undefined || lengthBytes < first.flashBytes) return fmaps;
  if (unplaced !== undefined && unplaced.length > 0) return unplaced;
  const place = `0x${first.offset.toString(16)}`;
  throw fileInvalid(name, `has an FMAP at ${place} which says that it is elsewhere, so its flash does not start at 0`, {
    hint: "Use a layout file instead.",
  });
}

/** Texts, by how they begin; the first that fits reads it. */
const TEXTS: readonly {
  readonly fits: (text: string) => boolean;
  readonly parse: (text: string, name: string) => Layout;
}[] = [
  { fits: looksLikeDeviceTree, parse: parseDeviceTree },
  { fits: looksLikeFlashrom, parse: parseFlashromLayout },
  { fits: looksLikeEspCsv, parse: parseEspCsv },
];

/** A layout of a flash; undefined if the flash has none of this form. */
export function readBinaryLayout(form: BinaryLayout, bytes: LayoutBytes, name: string): Promise<Layout | undefined> {
  return BINARY[form](bytes, name);
}

/**
 * The layout in a file, whatever its form. Throws FILE_INVALID with the place, also for an image with several layouts
 * that differ.
 */
export async function readLayoutFile(content: Uint8Array, name: string): Promise<Layout> {
  const bytes = bytesInMemory(content);
  const found: [BinaryLayout, Layout][] = [];
  for (const form of ["ifd", "fmap", "esp-partitions"] as const) {
    const layout = await BINARY[form](bytes, name);
    if (layout !== undefined) found.push([form, layout]);
  }
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only[1];
  if (only !== undefined) {
    const hint = `Choose one by its form: ${found.map(([form]) => `${form}:FILE`).join(" or ")}.`;
    throw fileInvalid(name, `has several layouts: ${found.map(([form]) => form).join(", ")}`, { hint });
  }
  refuseDamagedDescriptor(content, name);
  const text = textOf(content, name);
  const reader = TEXTS.find(({ fits }) => fits(text));
  if (reader === undefined) throw fileInvalid(name, "has no layout that can be read", { hint: LAYOUT_FORMS });
  return reader.parse(text, name);
}

/** Throws FILE_INVALID. */
function refuseDamagedDescriptor(content: Uint8Array, name: string): void {
  const problem = descriptorProblem(content);
  if (problem !== undefined) throw fileInvalid(name, problem, { hint: "Use another copy of it, or a layout file." });
}

/** The layout of this form in a file that may hold others. Throws FILE_INVALID if there is none. */
export async function readLayoutOfForm(form: BinaryLayout, content: Uint8Array, name: string): Promise<Layout> {
  const layout = await BINARY[form](bytesInMemory(content), name);
  if (layout === undefined && form === "ifd") refuseDamagedDescriptor(content, name);
  if (layout === undefined) throw fileInvalid(name, `has no ${form} layout`, { hint: LAYOUT_FORMS });
  return layout;
}
