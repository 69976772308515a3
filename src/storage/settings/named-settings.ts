/** What Zephyr's three forms of settings have in common: names and values, on FCB, NVS or ZMS. */

/** Names and values. */
export interface NamedSettings {
  /** Names that have a value. */
  names(): string[];
  /** The value that counts, or undefined. */
  get(name: string): Uint8Array | undefined;
  /**
   * Saves a value; false if it is saved already, then nothing is written. Throws EINVAL for a name or a value that the
   * format cannot hold, ENOSPC if there is no room, LAYOUT_MISMATCH before other data would be erased, EIO if the flash
   * did not take it.
   */
  set(name: string, value: Uint8Array): Promise<boolean>;
  /** Deletes a setting; false if nothing was written. Throws as `set`. */
  delete(name: string): Promise<boolean>;
  /**
   * As `get`, but of the last value that no power cut can have left in doubt; left out by formats in which there is no
   * such doubt.
   */
  getConfirmed?(name: string): Uint8Array | undefined;
  /** Whether the value is in doubt, see `getConfirmed`. */
  isUnconfirmed?(name: string): boolean;
}
