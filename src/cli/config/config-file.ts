/**
 * A configuration file: settings for every command, and profiles with settings of their own.
 *
 *   { "port": "usb:1209:0001", "profiles": { "bench": { "port": "/dev/ttyACM0", "spi-clock": "8MHz" } } }
 *
 * A key is the name of an option, a value what is typed for it. The whole file is checked before anything of it is used.
 */
import { printable } from "../../bytes.ts";
import { fileInvalid } from "../../disk/file-problem.ts";
import { FILE_USES } from "../../disk/file-uses.ts";
import { readWholeIfThere } from "../../disk/read-whole.ts";
import { NorbridgeError } from "../../errors.ts";
import { parsePortSpec } from "../../transport/port-spec.ts";
import { conflictsOf, fileOptions, mayComeWithFolder } from "./configurable.ts";
import type { Owner } from "./setting.ts";
import { nearestName } from "../arguments/nearest-name.ts";
import type { Option } from "../arguments/option.ts";
import { portOption } from "../options/options.ts";
import { isRealPort } from "../untrusted/real-port.ts";
import { type JsonMember, type JsonNode, JsonSyntaxError, type Place, readJson } from "./json-document.ts";

/** A setting, and where it stands: "norbridge.config.json:3:11". */
export interface FileSetting {
  readonly value: string | boolean;
  readonly where: string;
}

/** By the name of the option. */
export type FileSettings = ReadonlyMap<string, FileSetting>;

export interface ConfigFile {
  readonly path: string;
  readonly owner: Owner;
  readonly defaults: FileSettings;
  readonly profiles: ReadonlyMap<string, FileSettings>;
  /** The profile that is used if none is named. */
  readonly profile: FileSetting | undefined;
}

/** Keys beside the options. */
const SCHEMA_KEY = "$schema";
const PROFILES_KEY = "profiles";
const PROFILE_KEY = "profile";
const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Reads and checks a file; undefined if there is none. Throws FILE_INVALID with line and column, ECANCELED. */
export async function readConfigFile(path: string, owner: Owner): Promise<ConfigFile | undefined> {
  const bytes = await readWholeIfThere(path, FILE_USES.config);
  if (bytes === undefined) return undefined;
  const checker = new Checker(path, owner);
  return checker.file(checker.parse(decode(path, bytes)));
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw fileInvalid(path, "is not UTF-8 text", { cause: error });
  }
}

class Checker {
  readonly #path: string;
  readonly #owner: Owner;

  constructor(path: string, owner: Owner) {
    this.#path = path;
    this.#owner = owner;
  }

  parse(text: string): JsonNode {
    try {
      return readJson(text);
    } catch (error) {
      if (error instanceof JsonSyntaxError) throw this.#wrong(error.place, printable(error.message));
      throw error;
    }
  }

  file(root: JsonNode): ConfigFile {
    const own: JsonMember[] = [];
    let profiles: ConfigFile["profiles"] = new Map();
    let profile: FileSetting | undefined;
    for (const member of this.#membersOf(root, "a configuration file")) {
      if (member.key === PROFILES_KEY) profiles = this.#profiles(member.value);
      else if (member.key === PROFILE_KEY) profile = this.#text(member.value, "the name of a profile");
      else if (member.key === SCHEMA_KEY) this.#text(member.value, "the address of the schema");
      else own.push(member);
    }
    if (typeof profile?.value === "string" && !profiles.has(profile.value)) {
      throw fileInvalid(profile.where, noProfile(profile.value, [...profiles.keys()]));
    }
    return { path: this.#path, owner: this.#owner, defaults: this.#settings(own, true), profiles, profile };
  }

  #profiles(node: JsonNode): ConfigFile["profiles"] {
    const profiles = new Map<string, FileSettings>();
    for (const { key, keyPlace, value } of this.#membersOf(node, '"profiles"')) {
      if (!PROFILE_NAME.test(key)) {
        throw this.#wrong(
          keyPlace,
          `${quoted(key)} is not a profile name: letters, digits, ".", "_" and "-", at most 64`,
        );
      }
      profiles.set(key, this.#settings(this.#membersOf(value, `the profile "${key}"`), false));
    }
    return profiles;
  }

  #settings(members: readonly JsonMember[], isTop: boolean): FileSettings {
    const settings = new Map<string, FileSetting>();
    for (const { key, keyPlace, value } of members) {
      const option = fileOptions.find(({ name }) => name === key);
      if (option === undefined) throw this.#unknownKey(key, keyPlace, isTop);
      this.#refuseForeign(option, keyPlace, value);
      for (const other of conflictsOf(option)) {
        if (isSet(settings.get(other.name)) && !isFalse(value)) {
          throw this.#wrong(keyPlace, `"${key}" and "${other.name}" cannot be used together`);
        }
      }
      settings.set(key, this.#setting(option, value));
    }
    return settings;
  }

  #setting(option: Option, node: JsonNode): FileSetting {
    const where = this.#at(node.place);
    const raw = node.kind === "scalar" ? node.value : undefined;
    if (option.kind === "flag") {
      if (typeof raw !== "boolean") throw fileInvalid(where, `"${option.name}" must be true or false`);
      return { value: raw, where };
    }
    const text = typeof raw === "number" && option.takesNumber === true ? String(raw) : raw;
    if (typeof text === "string" && text !== "" && option.read(text) !== undefined) {
      if (option === portOption) this.#checkPort(text, where);
      return { value: text, where };
    }
    const shown =
      typeof raw === "string"
        ? printable(JSON.stringify(raw))
        : node.kind === "scalar"
          ? String(raw)
          : "a list or object";
    throw fileInvalid(where, `"${option.name}" cannot be ${shown}: it takes ${option.accepts}, in double quotes`);
  }

  #checkPort(text: string, where: string): void {
    try {
      parsePortSpec(text);
    } catch (error) {
      throw fileInvalid(where, error instanceof NorbridgeError ? error.message : "not a port");
    }
  }

  /** A file in a folder may come with the folder, from an unknown source: it may only name a real port and describe a chip. */
  #refuseForeign(option: Option, place: Place, node: JsonNode): void {
    if (this.#owner === "user") return;
    const value = node.kind === "scalar" ? node.value : undefined;
    const isPort = option === portOption && typeof value === "string" && value !== "";
    const isAllowed = mayComeWithFolder(option) && (!isPort || isRealPort(parsePortSpec(value)));
    if (isAllowed || value === false) return;
    const what = isPort ? "a port that is not a real device" : `"${option.name}"`;
    throw fileInvalid(this.#at(place), `${what} is not allowed in a file in the working folder`, {
      hint: `Type it, or move it to your own configuration file. --no-config ignores both.`,
    });
  }

  #unknownKey(key: string, place: Place, isTop: boolean): NorbridgeError {
    const known = [...fileOptions.map(({ name }) => name), ...(isTop ? [PROFILES_KEY, PROFILE_KEY] : [])];
    const nearest = nearestName(
      key.replaceAll("_", "-").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      known,
    );
    return fileInvalid(this.#at(place), `${quoted(key)} is not a setting`, {
      hint: nearest === undefined ? `Available: ${known.join(", ")}.` : `Did you mean "${nearest}"?`,
    });
  }

  #text(node: JsonNode, what: string): FileSetting {
    const where = this.#at(node.place);
    if (node.kind !== "scalar" || typeof node.value !== "string")
      throw fileInvalid(where, `expected ${what} in double quotes`);
    return { value: node.value, where };
  }

  #membersOf(node: JsonNode, what: string): readonly JsonMember[] {
    if (node.kind === "object") return node.members;
    throw this.#wrong(node.place, `${what} must be an object: { ... }`);
  }

  #wrong(place: Place, why: string): NorbridgeError {
    return fileInvalid(this.#at(place), why);
  }

  #at({ line, column }: Place): string {
    return `${this.#path}:${line}:${column}`;
  }
}

function isSet(setting: FileSetting | undefined): boolean {
  return setting !== undefined && setting.value !== false;
}

function isFalse(node: JsonNode): boolean {
  return node.kind === "scalar" && node.value === false;
}

function quoted(key: string): string {
  return printable(JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}...` : key));
}

/** Why a profile cannot be used. */
export function noProfile(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const all = known.length === 0 ? "there are none" : `there are: ${known.join(", ")}`;
  return `there is no profile ${printable(name)}; ${nearest === undefined ? all : `did you mean ${nearest}?`}`;
}
