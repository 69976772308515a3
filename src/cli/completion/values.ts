/** Values that the machine has to be asked for: ports, chips, jobs, settings of a simulated chip, profiles. */
import { basename, dirname, resolve } from "node:path";
import type { Clock } from "../../clock.ts";
import type { Offer } from "../arguments/option.ts";
import { suggest, type Suggestion, type Suggestions } from "./suggestions.ts";

/** What completion may ask. */
export interface CompletionWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
}

/** A TAB does not wait longer for the machine, microseconds. */
const PATIENCE_US = 1_000_000;
const MAX_NAMES = 1000;

/** The values of an offer that may become of `current`; `folder` holds the journals if it was named. */
export async function suggestionsFor(
  offer: Offer,
  current: string,
  world: CompletionWorld,
  folder: string | undefined,
): Promise<Suggestions> {
  switch (offer) {
    case "ports":
      return { list: await ports(current, world) };
    case "chips":
      return { list: suggest((await import("../../../drivers/catalog/catalog.ts")).allChipNames()) };
    case "simulated-chips":
      return { list: await simulated(current, "", world) };
    case "jobs":
      return { list: await within(world, [], (signal) => jobs(world, folder, signal)) };
    case "profiles":
      return { list: await within(world, [], () => profiles(world)) };
  }
}

/** Forms of a port that need no device. */
const FORMS: readonly Suggestion[] = [
  { value: "sim:", about: "simulated bridge and chip", isOpen: true },
  { value: "image:", about: "dump, opened as a chip", isOpen: true },
  { value: "tcp://", about: "bridge behind a TCP port", isOpen: true },
  { value: "usb:", about: "bridge with these USB IDs", isOpen: true },
  { value: "replay:", about: "recording", isOpen: true },
];

async function ports(current: string, world: CompletionWorld): Promise<readonly Suggestion[]> {
  const form = /^(?:sim|image|replay|replay-steps):/.exec(current)?.[0];
  if (form === "sim:") return simulated(current.slice(form.length), form, world);
  if (form !== undefined) return fileNames(current.slice(form.length), form, world);
  return [...(await within(world, [], () => serialPorts())), ...FORMS];
}

async function serialPorts(): Promise<readonly Suggestion[]> {
  const { listPorts } = await import("../../transport/list-ports.ts");
  return (await listPorts()).map(({ path, note }) => ({ value: path, about: note }));
}

/** `CHIP?key=value&...` as far as it was typed, with `head` in front. */
async function simulated(current: string, head: string, world: CompletionWorld): Promise<readonly Suggestion[]> {
  const mark = current.indexOf("?");
  if (mark < 0) {
    const { simulatedChipNames } = await import("../../sim/chip/chip-catalog.ts");
    return simulatedChipNames().map((name) => ({ value: head + name }));
  }
  const { SIM_SETTINGS } = await import("../../sim/sim-settings.ts");
  const pairs = current.slice(mark + 1).split("&");
  const last = pairs.pop() ?? "";
  const before = head + current.slice(0, current.length - last.length);
  const equals = last.indexOf("=");
  if (equals < 0) {
    const given = new Set(pairs.map((pair) => pair.split("=")[0]));
    return SIM_SETTINGS.filter(({ name }) => !given.has(name)).map(({ name, accepts }) => ({
      value: `${before}${name}=`,
      about: accepts,
      isOpen: true,
    }));
  }
  const name = last.slice(0, equals);
  const value = `${before}${name}=`;
  if (name === "file") return fileNames(last.slice(equals + 1), value, world);
  const values = SIM_SETTINGS.find((setting) => setting.name === name)?.values ?? [];
  return values.map((one) => ({ value: value + one }));
}

/** Files and folders whose path may become of `current`, with `head` in front: no shell looks past a colon. */
async function fileNames(current: string, head: string, { cwd }: CompletionWorld): Promise<readonly Suggestion[]> {
  const { entriesIn } = await import("../../disk/folder.ts");
  const isFolder = current === "" || current.endsWith("/");
  const folder = isFolder ? current : `${dirname(current)}/`;
  const shown = isFolder || current.includes("/") ? folder : "";
  const start = isFolder ? "" : basename(current);
  try {
    const entries = await entriesIn(resolve(cwd, folder));
    return entries
      .filter(({ name }) => name.startsWith(start) && (start !== "" || !name.startsWith(".")))
      .slice(0, MAX_NAMES)
      .map(({ name, isRegular }) => ({ value: `${head}${shown}${name}${isRegular ? "" : "/"}`, isOpen: !isRegular }));
  } catch {
    return [];
  }
}

async function jobs(
  { env }: CompletionWorld,
  folder: string | undefined,
  signal: AbortSignal,
): Promise<readonly Suggestion[]> {
  const { journalFolders, leftHeads } = await import("../../journal/journal-folder.ts");
  const left = await leftHeads(folder ?? journalFolders(env), signal);
  return left.map(({ id, journal }) => ({
    value: id,
    about: journal instanceof Error ? "damaged" : `${journal.job.command} on ${journal.job.chip.name}`,
  }));
}

async function profiles(world: CompletionWorld): Promise<readonly Suggestion[]> {
  const { configurationFor } = await import("../config/configuration.ts");
  const { files } = await configurationFor([], new Map(), { ...world, env: { ...world.env, NORBRIDGE_PROFILE: "" } });
  return suggest([...new Set(files.flatMap((file) => file.profiles))]);
}

/** What is not known in time, or cannot be, is not suggested. */
async function within<T>(world: CompletionWorld, otherwise: T, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { withDeadline } = await import("../../clock.ts");
  const ended = new AbortController();
  try {
    const found = await withDeadline(world.clock, ask(ended.signal), PATIENCE_US);
    return found === "late" ? otherwise : found;
  } catch {
    return otherwise;
  } finally {
    ended.abort();
  }
}
