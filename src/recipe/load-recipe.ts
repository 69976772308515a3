/**
 * Reads a recipe with all its files and checks all of it, before a port is opened: the schema, references, widths,
 * pools, ranges, hashes, tables, and that every store of it can be opened on the composed images.
 */
import type { FlashGeometry } from "../../drivers/geometry.ts";
import { formatRange, formatSize, printable, toHex } from "../bytes.ts";
import { FILE_USES, type FileUse } from "../disk/file-uses.ts";
import { readWhole } from "../disk/read-whole.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { NorbridgeError } from "../errors.ts";
import type { ImageSource } from "../files/image-source.ts";
import { closeAll } from "../files/join-images.ts";
import { openImages } from "../files/open-images.ts";
import { hashOf } from "../node-hashes.ts";
import { geometryOf } from "./accepted-chips.ts";
import { type Complaint, complaintError, sortedComplaints } from "./complaint.ts";
import { type CsvTable, readCsv, isSpreadsheetNumber } from "./csv-table.ts";
import { hashFile, hashOfInputs, pathOfInput, RECIPE_INPUT, type RecipeInput } from "./inputs.ts";
import { MemoryChip } from "./memory-chip.ts";
import { type Footprint, overlapComplaints } from "./overlaps.ts";
import { contentFiles, type PlannedStep, planOf } from "./plan.ts";
import { type Recipe, readRecipe, type StepOf } from "./recipe.ts";
import { openStoreStep } from "./store-steps.ts";
import { type PoolRange, shapesOf, type ValueShape } from "./value-shapes.ts";
import type { YamlPath } from "./yaml-text.ts";

/** An image step with its file open. */
export interface OpenedImage {
  readonly step: StepOf<"image">;
  readonly image: ImageSource;
}

/** A recipe without fault, its files read; the images are open until `close`. */
export interface CheckedRecipe {
  readonly recipe: Recipe;
  readonly geometry: FlashGeometry;
  readonly pools: ReadonlyMap<string, PoolRange>;
  readonly shapes: ReadonlyMap<string, ValueShape>;
  /** Name of the value that is the serial number. */
  readonly serialName: string;
  readonly steps: readonly PlannedStep[];
  readonly images: ReadonlyMap<StepOf<"image">, ImageSource>;
  readonly tables: ReadonlyMap<string, CsvTable>;
  /** Files that contents name. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Every file that it is made of. */
  readonly inputs: readonly RecipeInput[];
  /** One SHA-256 for all inputs. */
  readonly sha256: string;
  close(): Promise<void>;
}

/** A checked recipe, or what is wrong with it. Close it. */
export type LoadedRecipe = { readonly checked: CheckedRecipe; readonly complaints: readonly [] } | Faulty;

interface Faulty {
  readonly checked: undefined;
  readonly complaints: readonly Complaint[];
}

/**
 * Reads and checks a recipe. What is wrong with it is returned; only a recipe file that cannot be read is thrown, as
 * FILE_INVALID, and ECANCELED.
 */
export async function loadRecipe(file: string, signal?: AbortSignal): Promise<LoadedRecipe> {
  const bytes = await readWhole(file, { ...FILE_USES.recipe, signal });
  const { recipe, complaints } = readRecipe(file, textOf(file, bytes));
  if (recipe === undefined) return { checked: undefined, complaints: sortedComplaints(complaints) };
  const loader = new Loader(recipe, signal);
  loader.note(RECIPE_INPUT, bytes);
  return loader.load();
}

/** The same for a caller who goes on only without fault. Throws FILE_INVALID with the first fault and its place. */
export async function loadValidRecipe(file: string, signal?: AbortSignal): Promise<CheckedRecipe> {
  const { checked, complaints } = await loadRecipe(file, signal);
  if (checked === undefined) throw complaintError(complaints);
  return checked;
}

function textOf(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fileInvalid(file, "is not UTF-8 text");
  }
}

class Loader {
  readonly #recipe: Recipe;
  readonly #signal: AbortSignal | undefined;
  readonly #complaints: Complaint[] = [];
  readonly #inputs = new Map<string, RecipeInput>();
  readonly #images: OpenedImage[] = [];
  readonly #tables = new Map<string, CsvTable>();
  readonly #contents = new Map<string, Uint8Array>();

  constructor(recipe: Recipe, signal: AbortSignal | undefined) {
    this.#recipe = recipe;
    this.#signal = signal;
  }

  /** An input whose bytes are there. */
  note(name: string, bytes: Uint8Array): void {
    this.#inputs.set(name, { name, sha256: toHex(hashOf("sha256", bytes)) });
  }

  async load(): Promise<LoadedRecipe> {
    try {
      const checked = await this.#check();
      if (checked !== undefined) return { checked, complaints: [] };
    } catch (error) {
      await this.#close();
      throw error;
    }
    await this.#close();
    return { checked: undefined, complaints: sortedComplaints(this.#complaints) };
  }

  async #check(): Promise<CheckedRecipe | undefined> {
    const recipe = this.#recipe;
    const { head } = recipe;
    const geometry = geometryOf(recipe, this.#complaints);
    const { pools, shapes, complaints } = shapesOf(recipe);
    this.#complaints.push(...complaints);
    const serialName = head.unit?.serial ?? "serial";
    this.#checkSerial(serialName);
    await this.#readContents();
    await this.#readTables(shapes);
    for (const step of recipe.steps) if (step.kind === "image") await this.#openImage(step);
    if (geometry === undefined) return undefined;
    const plan = planOf(recipe, shapes, geometry, (path) => this.#contents.get(path)?.length);
    this.#complaints.push(...plan.complaints);
    this.#checkImages(geometry);
    this.#checkStored(geometry);
    this.#complaints.push(
      ...overlapComplaints(
        recipe,
        plan.steps.map((step) => this.#footprint(step)),
      ),
    );
    const images = new Map(this.#images.map(({ step, image }) => [step, image]));
    if (this.#complaints.length === 0) await this.#tryStores(geometry, plan.steps, images);
    if (this.#complaints.length > 0) return undefined;
    const inputs = [...this.#inputs.values()];
    return {
      recipe,
      geometry,
      pools,
      shapes,
      serialName,
      steps: plan.steps,
      images,
      tables: this.#tables,
      contents: this.#contents,
      inputs,
      sha256: hashOfInputs(inputs),
      close: () => this.#close(),
    };
  }

  #checkSerial(name: string): void {
    const value = this.#recipe.values.get(name);
    const path: YamlPath = this.#recipe.head.unit?.serial === undefined ? ["values"] : ["unit", "serial"];
    if (value === undefined) this.#complain(path, `the serial number, the value ${name}, is not defined under values`);
    else if (value.kind !== "pool" && value.kind !== "scan")
      this.#complain(path, `the serial number ${name} comes from a pool or a scan`);
  }

  async #readContents(): Promise<void> {
    for (const [name, path] of contentFiles(this.#recipe)) {
      const bytes = await this.#input(name, path, FILE_USES.value);
      if (bytes !== undefined) this.#contents.set(name, bytes);
    }
  }

  async #readTables(shapes: ReadonlyMap<string, ValueShape>): Promise<void> {
    for (const [name, value] of this.#recipe.values) {
      if (value.kind !== "csv") continue;
      const { csv, key, column = key, columns } = value.body;
      const bytes = await this.#input(csv, [...value.path, "csv"], FILE_USES.table);
      // Without its key the name of the column is not known.
      const isKeyKnown = value.body.column !== undefined || this.#recipe.values.has(key);
      if (bytes === undefined || !isKeyKnown) continue;
      const file = pathOfInput(this.#recipe.file, csv);
      const text = await this.#orComplain([...value.path, "csv"], () => textOf(file, bytes));
      if (text === undefined) continue;
      const { table, complaints } = readCsv(file, text, { key: column, columns: Object.keys(columns) });
      this.#complaints.push(...complaints, ...cellComplaints(name, table, shapes));
      this.#tables.set(name, table);
    }
  }

  async #openImage(step: StepOf<"image">): Promise<void> {
    const { file: name, sha256, format, at, base } = step.body;
    const path = pathOfInput(this.#recipe.file, name);
    const place = [...step.path, "file"];
    const found = await this.#orComplain(place, () => hashFile(path, this.#signal));
    if (found === undefined) return;
    this.#inputs.set(name, { name, sha256: found });
    if (sha256 !== undefined && sha256.toLowerCase() !== found) {
      this.#complain([...step.path, "sha256"], `${printable(name)} has the SHA-256 ${found}`);
      return;
    }
    const opened = await this.#orComplain(place, () =>
      openImages([{ file: path, place: at }], { format, base, signal: this.#signal }),
    );
    if (opened !== undefined) this.#images.push({ step, image: opened.image });
  }

  #checkImages({ capacityBytes }: FlashGeometry): void {
    for (const { step, image } of this.#images) {
      const outside = image.segments.find(({ address, lengthBytes }) => address + lengthBytes > capacityBytes);
      if (outside === undefined) continue;
      const problem = `${formatRange(outside)} of the image is outside the chip, which has ${formatSize(capacityBytes)}`;
      this.#complain([...step.path, "file"], problem);
    }
  }

  #checkStored({ capacityBytes }: FlashGeometry): void {
    const stored = this.#recipe.head.unit?.stored;
    if (stored === undefined || (stored.length > 0 && stored.at + stored.length <= capacityBytes)) return;
    this.#complain(["unit", "stored"], `the stored serial number is outside the chip (${formatSize(capacityBytes)})`);
  }

  #footprint(planned: PlannedStep): Footprint {
    const { kind, step } = planned;
    const number = Number(step.path[1]) + 1;
    if (planned.kind === "image") {
      const opened = this.#images.find((one) => one.step === planned.step);
      return { kind, number, ranges: opened?.image.segments ?? [], path: [...step.path, "file"] };
    }
    return { kind, number, ranges: [planned.range], path: [...step.path, kind === "patch" ? "at" : "range"] };
  }

  /** What the code of the stores says to their sizes and to what an image holds there. */
  async #tryStores(
    geometry: FlashGeometry,
    steps: readonly PlannedStep[],
    images: ReadonlyMap<StepOf<"image">, ImageSource>,
  ): Promise<void> {
    const chip = new MemoryChip(geometry);
    for (const planned of steps) {
      if (planned.kind === "patch") continue;
      if (planned.kind === "image") {
        const image = images.get(planned.step);
        if (image !== undefined) await chip.load(image);
        continue;
      }
      await this.#orComplain([...planned.step.path, "range"], () => openStoreStep(chip.device, planned));
    }
  }

  async #input(name: string, place: YamlPath, use: FileUse): Promise<Uint8Array | undefined> {
    const path = pathOfInput(this.#recipe.file, name);
    const bytes = await this.#orComplain(place, () => readWhole(path, { ...use, signal: this.#signal }));
    if (bytes !== undefined) this.note(name, bytes);
    return bytes;
  }

  /** An error about a file or a store becomes a complaint at the place that names it. */
  async #orComplain<T>(place: YamlPath, act: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof NorbridgeError) || error.code === "ECANCELED" || error.code === "BUG") throw error;
      this.#complain(place, error.message);
      return undefined;
    }
  }

  #complain(path: YamlPath, message: string): void {
    this.#complaints.push(this.#recipe.complain(path, message));
  }

  async #close(): Promise<void> {
    await closeAll(this.#images.map(({ image }) => image));
  }
}

/** Every cell is tried now: a value that does not fit is seen before the shift, not at its unit. */
function cellComplaints(
  name: string,
  { file, rows }: CsvTable,
  shapes: ReadonlyMap<string, ValueShape>,
): readonly Complaint[] {
  return [...rows.values()].flatMap((row) =>
    [...row].flatMap(([column, { text, line, column: at }]) => {
      const encoding = shapes.get(`${name}.${column}`)?.encoding;
      const value = `${printable(column)} ${JSON.stringify(printable(text))}`;
      const place = { file, line, column: at };
      if (encoding !== undefined && !encoding.isNumber && isSpreadsheetNumber(text)) {
        const message = `${value} is a number that a spreadsheet has rounded; format the column as text`;
        return [{ ...place, message }];
      }
      const bytes = encoding?.encode(text);
      return typeof bytes === "string" ? [{ ...place, message: `${value} does not fit: ${bytes}` }] : [];
    }),
  );
}
