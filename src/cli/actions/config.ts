/** `norbridge config`: the connection settings in use, and the source of each. */
import { printable } from "../../bytes.ts";
import { configurableOptions, environmentNameOf, fileOptions } from "../config/configurable.ts";
import { CONFIG_NAME } from "../config/config-places.ts";
import { sourceText } from "../config/configuration.ts";
import { nearestName } from "../arguments/nearest-name.ts";
import type { Arguments, Option } from "../arguments/option.ts";
import type { Outcome } from "../program/outcome.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";
import type { Setting } from "../config/setting.ts";

interface Row {
  readonly name: string;
  readonly value: string | boolean | null;
  readonly kind: "typed" | "environment" | "file" | "default";
  readonly source: string;
}

/** Opens nothing. */
export function config(args: Arguments, { report, io }: Session): Promise<Outcome> {
  const configuration = args.configuration;
  const rows = fileOptions.map((option) => rowOf(option, args, configuration?.settings.get(option.name)));
  report.text(alignedRows(rows.map(({ name, value, source }) => [name, shown(value), source].map(printable))));
  const files = (configuration?.files ?? []).map(({ path, owner, isThere, profiles }) => ({
    path,
    owner,
    isThere,
    profiles: [...profiles],
  }));
  for (const { path, isThere, profiles } of files) {
    const has = profiles.length === 0 ? "" : `, profiles: ${profiles.join(", ")}`;
    report.text(`${printable(path)}: ${isThere ? `read${has}` : "not found"}\n`);
  }
  if (files.length === 0) report.text(`no ${CONFIG_NAME} was searched for\n`);
  noteOddVariables(Object.keys(io.env), report);
  const profile = configuration?.profile ?? null;
  return Promise.resolve({ kind: "done", fields: { settings: rows.map((row) => ({ ...row })), profile, files } });
}

function rowOf(option: Option, args: Arguments, setting: Setting | undefined): Row {
  const { name } = option;
  if (setting !== undefined) {
    return { name, value: setting.value, kind: setting.source.kind, source: sourceText(setting.source) };
  }
  const typed = option.kind === "flag" ? args.flag(option) : args.text(option);
  if (typed !== undefined && typed !== false) return { name, value: typed, kind: "typed", source: "typed" };
  const byDefault = option.kind === "value" ? option.byDefault : "no";
  return { name, value: null, kind: "default", source: byDefault === undefined ? "not set" : `default: ${byDefault}` };
}

function shown(value: Row["value"]): string {
  return value === null ? "-" : value === true ? "yes" : String(value);
}

/** A variable with a misspelled name has no effect, which is easily overlooked. */
function noteOddVariables(names: readonly string[], report: Session["report"]): void {
  const known = configurableOptions.flatMap((option) => environmentNameOf(option) ?? []);
  for (const name of names) {
    if (!name.startsWith("NORBRIDGE_") || known.includes(name)) continue;
    const nearest = nearestName(name, known);
    if (nearest !== undefined)
      report.note(`${printable(name)} is not a variable of norbridge; did you mean ${nearest}?`);
  }
}
