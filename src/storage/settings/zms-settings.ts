/**
 * Zephyr settings on ZMS: a name item, a value item and a node of a linked list for each setting. Reads all of them at
 * the start, and writes in the order of `settings_zms.c`, so that a cut leaves the old value or the new one.
 */
import { NorbridgeError } from "../../errors.ts";
import type { KeyValueStore } from "../key-value-store.ts";
import { nameText } from "./line.ts";
import { ItemSettings, OPERATION } from "./item-settings.ts";
import {
  collisionBitsOf,
  collisionOf,
  decodeNode,
  encodeNode,
  isNameKey,
  LIST_HEAD,
  type ListNode,
  murmur3,
  nameKey,
  nameOfNode,
  nodeKey,
  valueKey,
} from "./zms-ids.ts";

/** Options of the settings. */
export interface ZmsSettingsOptions {
  /** SETTINGS_ZMS_MAX_COLLISIONS_BITS; left out: as the keys of the names show, 4 if they do not. */
  readonly collisionBits?: number | undefined;
}

/** A setting; `key` is that of its name. */
interface Setting {
  readonly key: number;
  readonly name: Uint8Array;
  readonly value: Uint8Array;
  readonly isLinked: boolean;
}

/** What was read. */
interface Loaded {
  /** Settings by text of their name, in the order of the list; those that no node leads to come last. */
  readonly settings: Map<string, Setting>;
  /** All items of the settings by key. */
  readonly items: Map<number, Uint8Array>;
  /** Keys of the nodes in order, without the head. */
  readonly list: number[];
}

/** Settings on a ZMS; `load` opens them. Calls that change them run one after the other. */
export class ZmsSettings extends ItemSettings<Loaded> {
  readonly #told: number | undefined;

  private constructor(store: KeyValueStore, loaded: Loaded, collisionBits: number | undefined) {
    super(store, loaded);
    this.#told = collisionBits;
  }

  /** Reads all settings; changes nothing. */
  static async load(store: KeyValueStore, { collisionBits }: ZmsSettingsOptions = {}): Promise<ZmsSettings> {
    return new ZmsSettings(store, await readAll(store), collisionBits);
  }

  /** Names that have a value, in the order of the list. */
  names(): string[] {
    return [...this.loaded.settings.keys()];
  }

  /** Names that no device finds, because the list that leads to them is broken. Saving them puts them back into it. */
  get unlinkedNames(): readonly string[] {
    return [...this.loaded.settings].flatMap(([text, { isLinked }]) => (isLinked ? [] : [text]));
  }

  /** The value, or undefined. */
  get(name: string): Uint8Array | undefined {
    return this.loaded.settings.get(name)?.value.slice();
  }

  isUnconfirmed(name: string): boolean {
    const key = this.loaded.settings.get(name)?.key;
    return key !== undefined && (this.store.isUnconfirmed(key) || this.store.isUnconfirmed(valueKey(key)));
  }

  protected read(): Promise<Loaded> {
    return readAll(this.store);
  }

  protected async save(text: string, name: Uint8Array, value: Uint8Array): Promise<boolean> {
    const bits = this.#collisionBits();
    await this.restore();
    const known = this.loaded.settings.get(text);
    if (known?.isLinked === true) {
      if (!(await this.write(valueKey(known.key), value))) return false;
      this.loaded.settings.set(text, { ...known, value });
      return true;
    }
    const key = known?.key ?? this.#freeKey(name, bits);
    const last = this.loaded.list.at(-1) ?? LIST_HEAD;
    const node = nodeKey(key);
    await this.write(valueKey(key), value);
    await this.write(node, encodeNode({ previous: last, next: 0 }));
    await this.#link(last, { next: node });
    await this.write(key, name);
    this.loaded.list.push(node);
    this.loaded.settings.delete(text);
    this.loaded.settings.set(text, { key, name, value, isLinked: true });
    return true;
  }

  /** The lowest free collision number below the largest in use, or the one after that. */
  #freeKey(name: Uint8Array, bits: number): number {
    const hash = murmur3(name);
    const largest = Math.max(0, ...this.loaded.list.map((node) => collisionOf(node, bits)));
    for (let collision = 0; collision <= largest + 1 && collision < 1 << bits; collision++) {
      const key = nameKey(hash, collision, bits);
      const isHead = key === LIST_HEAD;
      if (!isHead && !this.loaded.items.has(key)) return key;
    }
    const message = `${1 << bits} names with the same hash exist already, and keys for more are not defined`;
    throw new NorbridgeError("ENOSPC", message, {
      operation: OPERATION,
      hint: "Nothing was changed. Choose another name.",
    });
  }

  protected async deleteName(text: string): Promise<boolean> {
    const known = this.loaded.settings.get(text);
    if (known === undefined) return false;
    await this.restore();
    await this.#drop(known.key);
    this.loaded.settings.delete(text);
    return true;
  }

  /** Name, value, and the node between its neighbours. */
  async #drop(key: number): Promise<void> {
    const { items, list } = this.loaded;
    const node = nodeKey(key);
    for (const one of [key, valueKey(key)]) if (items.has(one)) await this.remove(one);
    const at = list.indexOf(node);
    if (at < 0) {
      if (items.has(node)) await this.remove(node);
      return;
    }
    const previous = list[at - 1] ?? LIST_HEAD;
    const next = list[at + 1];
    await this.#link(previous, { next: next ?? 0 });
    await this.remove(node);
    if (next !== undefined) await this.#link(next, { previous });
    list.splice(at, 1);
  }

  protected async restore(): Promise<boolean> {
    let hasChanged = await this.store.recover();
    const { items, list } = this.loaded;
    if (!items.has(LIST_HEAD)) {
      await this.write(LIST_HEAD, encodeNode({ previous: 0, next: 0 }));
      hasChanged = true;
    }
    for (const node of [...list]) {
      const key = nameOfNode(node);
      if (items.has(key) && items.has(valueKey(key))) continue;
      await this.#drop(key);
      hasChanged = true;
    }
    return (await this.#mendLinks()) || hasChanged;
  }

  /** Each node names its neighbours; the last one has no next. */
  async #mendLinks(): Promise<boolean> {
    const { list } = this.loaded;
    let hasChanged = false;
    for (const [index, node] of [LIST_HEAD, ...list].entries()) {
      const next = list[index] ?? 0;
      const previous = index === 0 ? 0 : (list[index - 2] ?? LIST_HEAD);
      const { items } = this.loaded;
      const stored = decodeNode(items.get(node) ?? new Uint8Array());
      if (stored?.next === next && stored.previous === previous) continue;
      // A node that was linked past, but not deleted: its setting is gone.
      const stray = stored?.previous;
      if (stray !== undefined && stray !== previous && !list.includes(stray) && this.#isGone(stray))
        await this.remove(stray);
      await this.write(node, encodeNode({ previous, next }));
      hasChanged = true;
    }
    return hasChanged;
  }

  #isGone(node: number): boolean {
    const { items } = this.loaded;
    return node !== LIST_HEAD && items.has(node) && !items.has(nameOfNode(node));
  }

  async #link(node: number, change: Partial<ListNode>): Promise<void> {
    const stored = decodeNode(this.loaded.items.get(node) ?? new Uint8Array()) ?? { previous: 0, next: 0 };
    await this.write(node, encodeNode({ ...stored, ...change }));
  }

  #collisionBits(): number {
    const bits = this.#told ?? collisionBitsOf([...this.loaded.settings.values()].map(({ key, name }) => [key, name]));
    if (bits !== undefined) return bits;
    throw new NorbridgeError("LAYOUT_MISMATCH", "the keys of these settings were made with another hash function", {
      operation: OPERATION,
      hint: "Nothing was changed. The settings can be read, but a device would not find what is saved here.",
    });
  }
}

async function readAll(store: KeyValueStore): Promise<Loaded> {
  const keys = store.keys().filter((key) => key >= LIST_HEAD && key < 2 * LIST_HEAD);
  const items = new Map<number, Uint8Array>();
  // Data with a wrong CRC is none, as on a device.
  for (const { key, data, damage } of await store.getMany(keys)) if (damage === undefined) items.set(key, data);
  const list = listOf(items);
  const linked = new Set(list);
  const settings = new Map<string, Setting>();
  const others = [...items.keys()].filter((key) => isNameKey(key) && !linked.has(nodeKey(key)));
  for (const key of [...list.map(nameOfNode), ...others]) {
    const [name, value] = [items.get(key), items.get(valueKey(key))];
    if (name === undefined || value === undefined) continue;
    const text = nameText(name);
    if (!settings.has(text)) settings.set(text, { key, name, value, isLinked: linked.has(nodeKey(key)) });
  }
  return { settings, items, list };
}

/** Follows the list from its head; ends at a missing node, and at one that was met before. */
function listOf(items: ReadonlyMap<number, Uint8Array>): number[] {
  const list: number[] = [];
  const met = new Set<number>([LIST_HEAD]);
  let node = decodeNode(items.get(LIST_HEAD) ?? new Uint8Array())?.next ?? 0;
  while (node !== 0 && !met.has(node)) {
    const stored = decodeNode(items.get(node) ?? new Uint8Array());
    if (stored === undefined) break;
    met.add(node);
    list.push(node);
    node = stored.next;
  }
  return list;
}
