/** The JSON schema of norbridge.config.json, for editors; made of the table of options. */
import { fileOptions, mayComeWithFolder } from "./configurable.ts";
import type { Option } from "../arguments/option.ts";
import { optionText } from "../help/option-text.ts";

type Schema = Readonly<Record<string, unknown>>;

/** The schema as the text of its file. */
export function configSchemaText(): string {
  const settings = Object.fromEntries(fileOptions.map((option) => [option.name, schemaOf(option)]));
  const schema: Schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "norbridge.config.json",
    description: "Connection settings of norbridge, and profiles. A key is the name of an option.",
    type: "object",
    properties: {
      $schema: { type: "string", description: "Address of this schema, for editors" },
      ...settings,
      profile: { type: "string", description: "Profile that is used if none is named with --profile" },
      profiles: {
        type: "object",
        description: "Named sets of settings. --profile NAME selects one",
        propertyNames: { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" },
        additionalProperties: { $ref: "#/definitions/profile" },
      },
    },
    additionalProperties: false,
    definitions: { profile: { type: "object", properties: settings, additionalProperties: false } },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function schemaOf(option: Option): Schema {
  const where = mayComeWithFolder(option) ? "" : ". Only in your own file, not in one in the working folder";
  const description = `${optionText(option)}${where}`;
  if (option.kind === "flag") return { type: "boolean", description };
  if (option.values !== undefined) return { enum: [...option.values], description };
  return { type: option.takesNumber === true ? ["string", "integer"] : "string", minLength: 1, description };
}
