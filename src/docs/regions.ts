/**
 * The parts of the documents that the program writes itself. In a page such a part stands between
 * `<!-- generated NAME -->` and `<!-- /generated -->`.
 */
import { chipCount, chipTable, makerTable } from "./chip-reference.ts";
import {
  commandList,
  commandReference,
  connectionOptionTable,
  outputOptionTable,
  variableTable,
} from "./command-reference.ts";
import { errorReference, exitCodeTable } from "./error-reference.ts";
import { jsonCommonFields, jsonObjects, jsonPromise, jsonRecords, jsonResults } from "./json-reference.ts";
import { simSettingTable } from "./port-reference.ts";

/** Files that parts are made from. */
export interface RegionSources {
  /** The parsed content of schema/norbridge-output-1.schema.json. */
  readonly outputSchema: unknown;
}

const REGIONS: ReadonlyMap<string, (sources: RegionSources) => string> = new Map([
  ["command list", commandList],
  ["commands", commandReference],
  ["connection options", connectionOptionTable],
  ["output options", outputOptionTable],
  ["variables", variableTable],
  ["exit codes", exitCodeTable],
  ["errors", errorReference],
  ["chips", chipTable],
  ["chip makers", makerTable],
  ["json promise", ({ outputSchema }: RegionSources) => jsonPromise(outputSchema)],
  ["json common fields", ({ outputSchema }: RegionSources) => jsonCommonFields(outputSchema)],
  ["json records", ({ outputSchema }: RegionSources) => jsonRecords(outputSchema)],
  ["json results", ({ outputSchema }: RegionSources) => jsonResults(outputSchema)],
  ["json objects", ({ outputSchema }: RegionSources) => jsonObjects(outputSchema)],
  ["chip count", chipSentence],
  ...(["chip", "bridge", "connection", "run", "fault"] as const).map(
    (group) => [`sim ${group}`, () => simSettingTable(group)] as const,
  ),
]);

function chipSentence(): string {
  const { parts, usable, described, makers } = chipCount();
  return `norbridge knows ${parts} parts of ${makers} makers by name. It can use ${usable} of them by name; ${described} are described in full.`;
}

/** The names of all of them. */
export const REGION_NAMES: readonly string[] = [...REGIONS.keys()];

/** The page with its generated parts as they should be. Throws for a name that is not known and for a part without an end. */
export function withRegions(page: string, sources: RegionSources): string {
  const written = page.replace(
    /^<!-- generated (.+?) -->\n(?:[\s\S]*?\n)??<!-- \/generated -->$/gm,
    (_, name: string) => `<!-- generated ${name} -->\n${regionOf(name, sources)}\n<!-- /generated -->`,
  );
  const [begun, ended] = [/^<!-- generated /gm, /^<!-- \/generated -->$/gm].map(
    (form) => page.match(form)?.length ?? 0,
  );
  if (begun !== ended) throw new Error(`${begun ?? 0} generated parts begin and ${ended ?? 0} end`);
  return written;
}

/** The names of the generated parts that a page has. */
export function regionsOf(page: string): string[] {
  return [...page.matchAll(/^<!-- generated (.+?) -->$/gm)].map(([, name = ""]) => name);
}

function regionOf(name: string, sources: RegionSources): string {
  const make = REGIONS.get(name);
  if (make === undefined) throw new Error(`no part of the documents is named "${name}"`);
  return make(sources);
}
