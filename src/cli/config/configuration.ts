/**
 * What holds for a command beside what was typed: typed options win over environment variables, these over the profile, the
 * profile over the rest of the files, and the file in the working folder over the user's own.
 */
import { printable } from "../../bytes.ts";
import { fileIsThere } from "../../disk/folder.ts";
import { configurableOptions, conflictsOf, environmentNameOf } from "./configurable.ts";
import { type Option, usageError } from "../arguments/option.ts";
import { noConfigFlag, profileOption } from "../options/options.ts";
import type { Configuration, Owner, Setting, Source } from "./setting.ts";
import type { ConfigFile, FileSettings } from "./config-file.ts";
import { CONFIG_NAME, configPlaces } from "./config-places.ts";

/** The process around the command line. */
export interface ConfigWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

type Layer = ReadonlyMap<string, Setting>;

/**
 * What holds for a command with these options, when `typed` was typed. Throws FILE_INVALID for a file that is not right, USAGE
 * for a profile that does not exist or a variable that is not an answer.
 */
export async function configurationFor(
  options: readonly Option[],
  typed: ReadonlyMap<string, unknown>,
  world: ConfigWorld,
): Promise<Configuration> {
  const environment = environmentLayer(world.env);
  const isOff = typed.get(noConfigFlag.name) === true || environment.get(noConfigFlag.name)?.value === true;
  const named = nameOfProfile(typed, environment);
  if (isOff && named !== undefined) throw usageError(`${named.by} and --${noConfigFlag.name} cannot be used together`);
  const places = isOff ? [] : configPlaces(world.cwd, world.env);
  const files = await readAll(places);
  const chosen = chooseProfile(files, named, places);
  const layers = [
    environment,
    ...(chosen === undefined ? [] : [fileLayer(chosen.settings, chosen.owner, chosen.name)]),
    ...files.map(({ defaults, owner }) => fileLayer(defaults, owner)),
  ];
  return {
    settings: settle(options, typed, layers),
    files: places.map(({ path, owner }) => {
      const file = files.find((one) => one.path === path);
      return { path, owner, isThere: file !== undefined, profiles: [...(file?.profiles.keys() ?? [])] };
    }),
    profile: chosen?.name,
  };
}

/** The highest layer that says anything about an option decides, also on what contradicts it. */
function settle(options: readonly Option[], typed: ReadonlyMap<string, unknown>, layers: readonly Layer[]): Layer {
  const settings = new Map<string, Setting>();
  const decided = new Set(
    [...typed].filter(([, value]) => value !== undefined && value !== false).map(([name]) => name),
  );
  for (const layer of layers) {
    const own = configurableOptions.filter((option) => {
      const isOver = decided.has(option.name) || conflictsOf(option).some(({ name }) => decided.has(name));
      return layer.has(option.name) && !isOver;
    });
    for (const option of own) {
      const setting = layer.get(option.name);
      decided.add(option.name);
      if (setting === undefined || setting.value === false || !options.includes(option)) continue;
      settings.set(option.name, setting);
    }
  }
  return settings;
}

async function readAll(
  places: readonly { readonly path: string; readonly owner: Owner }[],
): Promise<readonly ConfigFile[]> {
  const there = places.filter(({ path }) => isThere(path));
  if (there.length === 0) return [];
  const { readConfigFile } = await import("./config-file.ts");
  const files: ConfigFile[] = [];
  for (const { path, owner } of there) {
    const file = await readConfigFile(path, owner);
    if (file !== undefined) files.push(file);
  }
  return files;
}

function isThere(path: string): boolean {
  try {
    return fileIsThere(path);
  } catch {
    // A folder that may not be looked into holds no settings for us.
    return false;
  }
}

interface NamedProfile {
  readonly name: string;
  /** "--profile" or its variable. */
  readonly by: string;
}

function nameOfProfile(typed: ReadonlyMap<string, unknown>, environment: Layer): NamedProfile | undefined {
  const word = typed.get(profileOption.name);
  if (typeof word === "string" && word !== "") return { name: word, by: `--${profileOption.name}` };
  const setting = environment.get(profileOption.name);
  return typeof setting?.value === "string" ? { name: setting.value, by: setting.source.where } : undefined;
}

interface ChosenProfile {
  readonly name: string;
  readonly owner: Owner;
  readonly settings: FileSettings;
}

function chooseProfile(
  files: readonly ConfigFile[],
  named: NamedProfile | undefined,
  places: readonly { readonly path: string }[],
): ChosenProfile | undefined {
  for (const { owner, profiles, profile } of files) {
    const name = named?.name ?? profile?.value;
    const settings = typeof name === "string" ? profiles.get(name) : undefined;
    if (typeof name === "string" && settings !== undefined) return { name, owner, settings };
  }
  if (named === undefined) return undefined;
  const known = [...new Set(files.flatMap(({ profiles }) => [...profiles.keys()]))];
  throw usageError(
    `${named.by} ${printable(named.name)}: there is no such profile`,
    files.length === 0
      ? `There is no ${CONFIG_NAME}. Searched: ${places.map(({ path }) => printable(path)).join(", ")}.`
      : known.length === 0
        ? `No ${CONFIG_NAME} has profiles.`
        : `Available: ${known.join(", ")}.`,
  );
}

function fileLayer(settings: FileSettings, owner: Owner, profile?: string): Layer {
  const source = (where: string): Source => ({
    kind: "file",
    where,
    owner,
    profile,
  });
  return new Map([...settings].map(([name, { value, where }]) => [name, { value, source: source(where) }]));
}

const YES = new Set(["1", "true", "yes", "on"]);
const NO = new Set(["0", "false", "no", "off"]);

function environmentLayer(env: ConfigWorld["env"]): Layer {
  const layer = new Map<string, Setting>();
  for (const option of configurableOptions) {
    const where = environmentNameOf(option) ?? "";
    const text = env[where];
    if (text === undefined || text === "") continue;
    const source: Source = { kind: "environment", where };
    if (option.kind === "value") layer.set(option.name, { value: text, source });
    else if (YES.has(text.toLowerCase()) || NO.has(text.toLowerCase())) {
      layer.set(option.name, { value: YES.has(text.toLowerCase()), source });
    } else throw usageError(`${where} ${printable(text)} is not valid: it takes 1 or 0`);
  }
  return layer;
}

/** What has to be said of a configuration before a port is opened; undefined if nothing has. */
export function folderNote({ settings, profile }: Configuration): string | undefined {
  const names = [...settings].filter(([, { source }]) => source.kind === "file" && source.owner === "folder");
  if (names.length === 0) return undefined;
  const shown = names.map(([name, { value }]) => (value === true ? name : `${name} ${printable(String(value))}`));
  const isProfile = names.some(([, { source }]) => source.kind === "file" && source.profile !== undefined);
  return `${CONFIG_NAME} in this folder sets ${shown.join(", ")}${isProfile ? ` (profile ${profile ?? ""})` : ""}`;
}

/** Every setting with its source, in a line each. */
export function sourceLines({ settings }: Configuration): readonly string[] {
  return [...settings].map(
    ([name, { value, source }]) => `--${name} ${printable(String(value))}: ${sourceText(source)}`,
  );
}

/** A source as people read it. */
export function sourceText(source: Source): string {
  const profile = source.kind === "file" && source.profile !== undefined ? `, profile ${source.profile}` : "";
  return `${printable(source.where)}${profile}`;
}
