/** The steps of a recipe with their contents read and their references found: second pass over `steps`. */
import { type ByteRange, type FlashGeometry, rangeContains } from "../../drivers/geometry.ts";
import { formatRange, formatSize, printable } from "../bytes.ts";
import type { Complaint } from "./complaint.ts";
import { type Content, parseContent, valuesIn } from "./content.ts";
import type { Recipe, RecipeStep, StepOf } from "./recipe.ts";
import type { ValueShape } from "./value-shapes.ts";
import type { YamlPath } from "./yaml-text.ts";

/** A content, and where it stands. */
export interface PlacedContent {
  readonly content: Content;
  readonly path: YamlPath;
}

/** A step that can be composed. */
export type PlannedStep =
  | { readonly kind: "image"; readonly step: StepOf<"image"> }
  | {
      readonly kind: "patch";
      readonly step: StepOf<"patch">;
      readonly range: ByteRange;
      readonly padByte: number | undefined;
      readonly value: PlacedContent;
    }
  | {
      readonly kind: "settings";
      readonly step: StepOf<"settings">;
      readonly range: ByteRange;
      readonly set: ReadonlyMap<string, PlacedContent>;
    }
  | {
      readonly kind: "safe";
      readonly step: StepOf<"safe">;
      readonly range: ByteRange;
      readonly set: ReadonlyMap<number, PlacedContent>;
    }
  | {
      readonly kind: "log";
      readonly step: StepOf<"log">;
      readonly range: ByteRange;
      readonly append: readonly PlacedContent[];
    };

/** All steps, and what is wrong with them. */
export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** Files of contents (`@FILE`), each with the first place that names it. */
  readonly files: ReadonlyMap<string, YamlPath>;
  readonly complaints: readonly Complaint[];
}

/** Length of a file of a content, bytes; undefined if it could not be read, which has its own complaint. */
export type FileLength = (path: string) => number | undefined;

/** Finds contents, references and places of all steps. */
export function planOf(
  recipe: Recipe,
  shapes: ReadonlyMap<string, ValueShape>,
  geometry: FlashGeometry,
  fileLength: FileLength,
): Plan {
  const planner = new Planner(recipe, shapes, geometry, fileLength);
  const steps = recipe.steps.flatMap((step) => planner.plan(step) ?? []);
  return { steps, files: planner.files, complaints: planner.complaints };
}

/** Every content of a step as it is written, with its place. */
export function contentTexts(step: RecipeStep): readonly { readonly text: string; readonly path: YamlPath }[] {
  switch (step.kind) {
    case "image":
      return [];
    case "patch":
      return [{ text: step.body.value, path: [...step.path, "value"] }];
    case "settings":
    case "safe":
      return Object.entries(step.body.set).map(([key, text]) => ({ text, path: [...step.path, "set", key] }));
    case "log":
      return (step.body.append ?? []).map((text, index) => ({ text, path: [...step.path, "append", index] }));
  }
}

/** The files that contents name, each with the first place that names it. */
export function contentFiles(recipe: Recipe): ReadonlyMap<string, YamlPath> {
  const files = new Map<string, YamlPath>();
  for (const { text, path } of recipe.steps.flatMap(contentTexts)) {
    const content = parseContent(text);
    if (typeof content !== "string" && content.kind === "file" && !files.has(content.path))
      files.set(content.path, path);
  }
  return files;
}

/** Keys that a layout needs, and keys of the other one. */
const LOG_KEYS = {
  fcb: [
    ["magic", "align"],
    ["record-size", "page-size"],
  ],
  "px-log-fs": [
    ["version", "record-size"],
    ["magic", "align", "sector-size"],
  ],
} as const;

const LAST_KEY = 0xffff_ffff;

class Planner {
  readonly complaints: Complaint[] = [];
  readonly files: ReadonlyMap<string, YamlPath>;
  readonly #recipe: Recipe;
  readonly #shapes: ReadonlyMap<string, ValueShape>;
  readonly #geometry: FlashGeometry;
  readonly #fileLength: FileLength;

  constructor(
    recipe: Recipe,
    shapes: ReadonlyMap<string, ValueShape>,
    geometry: FlashGeometry,
    fileLength: FileLength,
  ) {
    this.#recipe = recipe;
    this.#shapes = shapes;
    this.#geometry = geometry;
    this.#fileLength = fileLength;
    this.files = contentFiles(recipe);
  }

  plan(step: RecipeStep): PlannedStep | undefined {
    switch (step.kind) {
      case "image":
        return { kind: "image", step };
      case "patch":
        return this.#patch(step);
      case "settings":
        return this.#inChip(step) && { kind: "settings", step, range: step.body.range, set: this.#settings(step) };
      case "safe":
        return this.#inChip(step) && { kind: "safe", step, range: step.body.range, set: this.#items(step) };
      case "log":
        this.#checkLog(step);
        return this.#inChip(step) && { kind: "log", step, range: step.body.range, append: this.#records(step) };
    }
  }

  /** What one layout needs, the other has not. */
  #checkLog({ body, path }: StepOf<"log">): void {
    const [needed, foreign] = LOG_KEYS[body.layout];
    for (const key of needed) {
      if (body[key] === undefined)
        this.#complain(path, `the key ${key} is missing: a log of layout ${body.layout} needs it`);
    }
    for (const key of foreign) {
      if (body[key] !== undefined) this.#complain([...path, key], `the layout ${body.layout} has no ${key}`);
    }
    const isPx = body.layout === "px-log-fs" && body.version !== undefined;
    if (isPx && body.version !== 1 && body.version !== 2)
      this.#complain([...path, "version"], "px_log_fs has the versions 1 and 2");
    if (body.clear !== true && body.append === undefined)
      this.#complain(path, "the step changes nothing; specify append or clear");
  }

  #patch(step: StepOf<"patch">): PlannedStep | undefined {
    const { at, length, pad } = step.body;
    const path = [...step.path, "value"];
    const content = this.#content(step.body.value, path);
    if (content === undefined) return undefined;
    const known = this.#lengthOf(content);
    const lengthBytes = length ?? known;
    if (lengthBytes === undefined) {
      // A file that cannot be read has its own complaint.
      if (content.kind === "file") return undefined;
      this.#complain(path, "its length differs from unit to unit; specify the room with length");
      return undefined;
    }
    if (known !== undefined && known > lengthBytes) {
      this.#complain(path, `it has ${formatSize(known)}, and there is room for ${formatSize(lengthBytes)}`);
    } else if (known !== undefined && known < lengthBytes && pad === undefined) {
      this.#complain(
        path,
        `it has ${formatSize(known)}, not ${formatSize(lengthBytes)}; specify what fills the rest with pad`,
      );
    }
    const range = { address: at, lengthBytes };
    if (lengthBytes === 0 || !this.#isInChip(range, [...step.path, "at"])) return undefined;
    return { kind: "patch", step, range, padByte: pad, value: { content, path } };
  }

  /** A place for a store: within the chip, and whole erase blocks. */
  #inChip(step: StepOf<"settings" | "safe" | "log">): true | undefined {
    return this.#isInChip(step.body.range, [...step.path, "range"]) ? true : undefined;
  }

  #isInChip(range: ByteRange, path: YamlPath): boolean {
    const { capacityBytes } = this.#geometry;
    if (rangeContains({ address: 0, lengthBytes: capacityBytes }, range)) return true;
    this.#complain(path, `${formatRange(range)} is outside the chip, which has ${formatSize(capacityBytes)}`);
    return false;
  }

  #settings(step: StepOf<"settings">): ReadonlyMap<string, PlacedContent> {
    const set = new Map<string, PlacedContent>();
    for (const { text, path } of contentTexts(step)) {
      const name = String(path.at(-1));
      const content = this.#content(text, path);
      if (content === undefined) continue;
      if (this.#lengthOf(content) === 0) this.#complain(path, "an empty value means deleted in this format");
      set.set(name, { content, path });
    }
    return set;
  }

  #items(step: StepOf<"safe">): ReadonlyMap<number, PlacedContent> {
    const set = new Map<number, PlacedContent>();
    for (const { text, path } of contentTexts(step)) {
      const word = String(path.at(-1));
      const key = /^(?:0x[0-9a-f]{1,8}|[0-9]{1,10})$/i.test(word) ? Number(word) : Number.NaN;
      if (!(key <= LAST_KEY)) {
        this.#complain(path, `${printable(word)} is not a key: a number of 32 bits`);
        continue;
      }
      if (set.has(key)) this.#complain(path, `the key ${key} stands twice`);
      const content = this.#content(text, path);
      if (content !== undefined) set.set(key, { content, path });
    }
    return set;
  }

  #records(step: StepOf<"log">): readonly PlacedContent[] {
    return contentTexts(step).flatMap(({ text, path }) => {
      const content = this.#content(text, path);
      return content === undefined ? [] : [{ content, path }];
    });
  }

  /** A content whose references are defined and can be used like this. */
  #content(text: string, path: YamlPath): Content | undefined {
    const content = parseContent(text);
    if (typeof content === "string") {
      this.#complain(path, content);
      return undefined;
    }
    const before = this.complaints.length;
    for (const name of new Set(valuesIn(content))) {
      const problem = this.#referenceProblem(name, content);
      if (problem !== undefined) this.#complain(path, problem);
    }
    if (content.kind === "text" && this.complaints.length === before) this.#tryText(content, path);
    return this.complaints.length === before ? content : undefined;
  }

  #referenceProblem(name: string, content: Content): string | undefined {
    const shape = this.#shapes.get(name);
    if (shape === undefined) {
      const value = this.#recipe.values.get(name.split(".")[0] ?? "");
      if (value?.kind === "csv")
        return `name a column of the table: \${${name.split(".")[0] ?? ""}.COLUMN}, one of its columns`;
      return value === undefined
        ? `the value ${name} is not defined`
        : `the value ${name} has no columns or is wrong itself`;
    }
    if (content.kind === "value" && shape.encoding === undefined) {
      return `the value ${name} has no encoding to make bytes of it; add one to it, such as as: ascii:12, or write text:\${${name}}`;
    }
    return undefined;
  }

  /** A text without references is encoded now: what does not fit is seen before a unit is there. */
  #tryText({ pieces, encoding }: Extract<Content, { readonly kind: "text" }>, path: YamlPath): void {
    const [first = { literal: "" }] = pieces;
    if (pieces.length > 1 || !("literal" in first)) return;
    const bytes = encoding.encode(first.literal);
    if (typeof bytes === "string") this.#complain(path, `${printable(first.literal)} does not fit: ${bytes}`);
  }

  /** Length of a content in bytes if every unit has the same. */
  #lengthOf(content: Content): number | undefined {
    switch (content.kind) {
      case "bytes":
        return content.bytes.length;
      case "file":
        return this.#fileLength(content.path);
      case "value": {
        const shape = this.#shapes.get(content.value);
        return shape?.encoding?.lengthBytes ?? shape?.textBytes;
      }
      case "text":
        return content.encoding.lengthBytes ?? this.#textLength(content.pieces);
    }
  }

  #textLength(pieces: Extract<Content, { readonly kind: "text" }>["pieces"]): number | undefined {
    let sum = 0;
    for (const piece of pieces) {
      const length =
        "literal" in piece ? new TextEncoder().encode(piece.literal).length : this.#shapes.get(piece.value)?.textBytes;
      if (length === undefined) return undefined;
      sum += length;
    }
    return sum;
  }

  #complain(path: YamlPath, message: string): void {
    this.complaints.push(this.#recipe.complain(path, message));
  }
}
