/** How an option is shown in help, in the man page and in the documents. */
import type { Option } from "../arguments/option.ts";

/** `-p, --port PORT`, with room for the letter if there is none. */
export function optionName(option: Option): string {
  const letter = option.alias === undefined ? "    " : `-${option.alias}, `;
  return `${letter}--${option.name}${option.kind === "value" ? ` ${option.placeholder}` : ""}`;
}

/** What it does, its values and its default. */
export function optionText(option: Option): string {
  if (option.kind === "flag") return option.describe;
  const { describe, values, byDefault } = option;
  const text = values === undefined ? describe : `${describe}: ${listed(values)}`;
  return byDefault === undefined ? text : `${text} [default: ${byDefault}]`;
}

/** `a`, `a or b`, `a, b or c`. */
function listed(values: readonly string[]): string {
  const last = values.at(-1) ?? "";
  return values.length < 2 ? last : `${values.slice(0, -1).join(", ")} or ${last}`;
}
