/** Options that say which unit it is, and what its values are. */
import { type Arguments, usageError, type ValueOption } from "../arguments/option.ts";
import { textOption } from "./options.ts";

export const unitOption = textOption("unit", "Serial number of the unit", "a serial number", { placeholder: "SERIAL" });

/** May be given more than once. */
export const unitValueOption: ValueOption<readonly [string, string]> = {
  kind: "value",
  name: "value",
  placeholder: "NAME=TEXT",
  describe: "A value of the unit, such as mac=70-B3-D5-12-30-01. Can be given more than once",
  accepts: "the name of a value of the recipe, = and its text",
  read: (text) => {
    const equals = text.indexOf("=");
    return equals > 0 ? [text.slice(0, equals), text.slice(equals + 1)] : undefined;
  },
};

/** The values by name. Throws USAGE for one that is given twice. */
export function readUnitValues(args: Arguments): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, text] of args.values(unitValueOption)) {
    if (values.has(name)) throw usageError(`--value ${name} is given more than once`);
    values.set(name, text);
  }
  return values;
}
