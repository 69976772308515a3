/** Values of options that were not typed, and where they come from. */

/** Whose file it is: the user's own, or one that lies in the working folder and may have come with it. */
export type Owner = "user" | "folder";

/** Where a value comes from. `where` names it in messages: "NORBRIDGE_BAUD", "norbridge.config.json:3:11". */
export type Source =
  | { readonly kind: "environment"; readonly where: string }
  | { readonly kind: "file"; readonly where: string; readonly owner: Owner; readonly profile?: string | undefined };

export interface Setting {
  readonly value: string | boolean;
  readonly source: Source;
}

/** A place where a file was looked for. */
export interface LookedAt {
  readonly path: string;
  readonly owner: Owner;
  readonly isThere: boolean;
  /** Names of its profiles. */
  readonly profiles: readonly string[];
}

export interface Configuration {
  /** By the name of the option; only what holds for the command. */
  readonly settings: ReadonlyMap<string, Setting>;
  readonly files: readonly LookedAt[];
  readonly profile: string | undefined;
}
