/**
 * Zephyr settings on NVS: two items for each setting, its name and its value, and the largest id of a name. Reads all
 * of them at the start, and writes in the order of `settings_nvs.c`, so that a cut leaves the old value or the new one.
 */
import { NorbridgeError } from "../../errors.ts";
import type { KeyValueStore } from "../key-value-store.ts";
import { nameText } from "./line.ts";
import { ItemSettings, OPERATION } from "./item-settings.ts";

/** Key of the largest key of a name; names follow from here. */
const LARGEST_KEY = 0x8000;
const FIRST_NAME_KEY = 0x8001;
/** No name has this key or a larger one. */
const END_OF_NAMES = 0xc000;
/** From the key of a name to that of its value. */
const VALUE_STEP = 0x4000;

interface Setting {
  readonly key: number;
  readonly value: Uint8Array;
}

interface Loaded {
  /** Items of the settings by key. */
  readonly items: Map<number, Uint8Array>;
  /** Keys whose data is damaged: they are neither read nor used again. */
  readonly damaged: ReadonlySet<number>;
}

/** Settings on an NVS; `load` opens them. Calls that change them run one after the other. */
export class NvsSettings extends ItemSettings<Loaded> {
  /** Reads all settings; changes nothing. */
  static async load(store: KeyValueStore): Promise<NvsSettings> {
    return new NvsSettings(store, await readAll(store));
  }

  names(): string[] {
    return [...this.#settings().keys()];
  }

  get(name: string): Uint8Array | undefined {
    return this.#settings().get(name)?.value.slice();
  }

  isUnconfirmed(name: string): boolean {
    const key = this.#settings().get(name)?.key;
    return key !== undefined && (this.store.isUnconfirmed(key) || this.store.isUnconfirmed(key + VALUE_STEP));
  }

  /** What a device does when it loads: a name without value, or a value without name, is deleted. False if there is none. */
  protected async restore(): Promise<boolean> {
    let hasChanged = await this.store.recover();
    for (let key = this.#largest; key >= FIRST_NAME_KEY; key--) {
      const [hasName, hasValue] = [this.#has(key), this.#has(key + VALUE_STEP)];
      if (hasName === hasValue) continue;
      await this.remove(hasName ? key : key + VALUE_STEP);
      if (key === this.#largest) await this.#setLargest(key - 1);
      hasChanged = true;
    }
    return hasChanged;
  }

  protected read(): Promise<Loaded> {
    return readAll(this.store);
  }

  /** Settings by name, in the order in which a device loads them: the newest keys first. */
  #settings(): ReadonlyMap<string, Setting> {
    const found = new Map<string, Setting>();
    for (let key = this.#largest; key >= FIRST_NAME_KEY; key--) {
      const [name, value] = [this.loaded.items.get(key), this.loaded.items.get(key + VALUE_STEP)];
      if (name !== undefined && value !== undefined) found.set(nameText(name), { key, value });
    }
    return found;
  }

  get #largest(): number {
    const bytes = this.loaded.items.get(LARGEST_KEY);
    const key = bytes?.length === 2 ? (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8) : LARGEST_KEY;
    return Math.min(Math.max(key, LARGEST_KEY), END_OF_NAMES - 1);
  }

  #has(key: number): boolean {
    return this.loaded.items.has(key) || this.loaded.damaged.has(key);
  }

  protected async save(text: string, name: Uint8Array, value: Uint8Array): Promise<boolean> {
    const known = this.#keyOf(text);
    if (known !== undefined) return this.write(known + VALUE_STEP, value);
    const largest = this.#largest;
    const key = this.#freeKey();
    await this.write(key + VALUE_STEP, value);
    await this.write(key, name);
    if (key > largest) await this.#setLargest(key);
    return true;
  }

  /** Key of a name, also of one that has no value yet. */
  #keyOf(text: string): number | undefined {
    let found: number | undefined;
    for (let key = this.#largest; key >= FIRST_NAME_KEY; key--) {
      const name = this.loaded.items.get(key);
      if (name !== undefined && nameText(name) === text) found = key;
    }
    return found;
  }

  /** The lowest key without a name, or the one after the largest. */
  #freeKey(): number {
    const end = this.#largest + 1;
    for (let key = FIRST_NAME_KEY; key < end; key++) {
      if (!this.#has(key) && !this.loaded.damaged.has(key + VALUE_STEP)) return key;
    }
    if (end < END_OF_NAMES) return end;
    throw new NorbridgeError("ENOSPC", "these settings have no key for another name", {
      operation: OPERATION,
      hint: "Nothing was changed. Delete settings that you do not need.",
    });
  }

  protected async deleteName(text: string): Promise<boolean> {
    const key = this.#keyOf(text);
    if (key === undefined) return false;
    if (key === this.#largest) await this.#setLargest(key - 1);
    await this.remove(key);
    await this.remove(key + VALUE_STEP);
    return true;
  }

  #setLargest(key: number): Promise<boolean> {
    return this.write(LARGEST_KEY, Uint8Array.of(key & 0xff, key >> 8));
  }
}

async function readAll(store: KeyValueStore): Promise<Loaded> {
  const items = new Map<number, Uint8Array>();
  const damaged = new Set<number>();
  for (const { key, data, damage } of await store.getMany(store.keys().filter((key) => key >= LARGEST_KEY))) {
    if (damage === undefined) items.set(key, data);
    else damaged.add(key);
  }
  return { items, damaged };
}
