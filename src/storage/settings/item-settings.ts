/**
 * What settings on bare items have in common: what a caller asks for, one change after the other, and what is read
 * again after one that failed.
 */
import { NorbridgeError } from "../../errors.ts";
import { Turns } from "../../turns.ts";
import type { KeyValueStore } from "../key-value-store.ts";
import type { NamedSettings } from "./named-settings.ts";

/** Devices read names into a buffer of this size. */
const MAX_NAME_BYTES = 73;
/** For messages. */
export const OPERATION = "save setting";

/** Settings of one form; `Loaded` is what it read of them, with the items by key. */
export abstract class ItemSettings<Loaded extends { readonly items: Map<number, Uint8Array> }>
  implements NamedSettings
{
  protected readonly store: KeyValueStore;
  protected loaded: Loaded;
  readonly #turns = new Turns();

  protected constructor(store: KeyValueStore, loaded: Loaded) {
    this.store = store;
    this.loaded = loaded;
  }

  /** Names that have a value, in the order in which a device loads them. */
  abstract names(): string[];
  /** The value, or undefined. */
  abstract get(name: string): Uint8Array | undefined;
  /** Reads all settings. */
  protected abstract read(): Promise<Loaded>;
  protected abstract save(text: string, name: Uint8Array, value: Uint8Array): Promise<boolean>;
  protected abstract deleteName(text: string): Promise<boolean>;
  protected abstract restore(): Promise<boolean>;

  /**
   * Saves a value; no data means deleted. False if nothing was written: the name has this value already, or has none.
   * Throws EINVAL for a name that devices cannot hold, ENOSPC if there is no room, LAYOUT_MISMATCH if the keys of the
   * names were made with another hash.
   */
  set(name: string, value: Uint8Array): Promise<boolean> {
    // The caller may use the array again while this waits for its turn.
    const own = value.slice();
    return this.#run(async () => {
      const bytes = checkedName(name);
      return own.length === 0 ? this.deleteName(name) : this.save(name, bytes, own);
    });
  }

  /** Deletes a setting; false if there is none. */
  delete(name: string): Promise<boolean> {
    return this.#run(() => this.deleteName(name));
  }

  /** What a device does at its start, with what a cut save or delete left. False if there was nothing to do. */
  recover(): Promise<boolean> {
    return this.#run(() => this.restore());
  }

  protected async write(key: number, data: Uint8Array): Promise<boolean> {
    const isWritten = await this.store.set(key, data);
    this.loaded.items.set(key, data);
    return isWritten;
  }

  protected async remove(key: number): Promise<void> {
    await this.store.delete(key);
    this.loaded.items.delete(key);
  }

  #run<T>(call: () => Promise<T>): Promise<T> {
    return this.#turns.run(async () => {
      try {
        return await call();
      } catch (error) {
        // What is on the flash now is read again; if that fails as well, the first error counts.
        this.loaded = await this.read().catch(() => this.loaded);
        throw error;
      }
    });
  }
}

function checkedName(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length > 0 && bytes.length <= MAX_NAME_BYTES && !bytes.includes(0)) return bytes;
  const message =
    bytes.length > MAX_NAME_BYTES
      ? `a name of ${bytes.length} bytes is too long: devices read ${MAX_NAME_BYTES}`
      : "a name has at least one byte, and none of them is 00";
  throw new NorbridgeError("EINVAL", message, { operation: OPERATION });
}
