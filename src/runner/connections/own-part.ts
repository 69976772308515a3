/** A part that the user describes in a file. */
import type { ChipDescriptor } from "../../../drivers/chip-descriptor.ts";

/** The part of a chip file. Throws FILE_INVALID with the place. */
export async function ownPart(path: string | undefined, signal: AbortSignal): Promise<ChipDescriptor | undefined> {
  if (path === undefined) return undefined;
  const [{ parseChipFile }, { readWhole }, { FILE_USES }, { fileInvalid }, { jsonFault, notJson }] = await Promise.all([
    import("../../../drivers/chip-file.ts"),
    import("../../disk/read-whole.ts"),
    import("../../disk/file-uses.ts"),
    import("../../disk/file-problem.ts"),
    import("../../json-fault.ts"),
  ]);
  const text = new TextDecoder().decode(await readWhole(path, { ...FILE_USES.chipFile, signal }));
  const parsed = parseChipFile(text);
  if (parsed.ok) return parsed.value;
  throw fileInvalid(path, `is not a chip file: ${jsonFault(text) === undefined ? parsed.reason : notJson(text)}`);
}
