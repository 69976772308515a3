/**
 * A Zephyr settings area in FCB form: names and values, saved line by line, the last line of a name in force. One pass at the
 * start learns everything, so that a save reads nothing. Programs are those of a device, in its order.
 *
 * What always holds: a sector is only given up when everything in it that is in force stands elsewhere and was compared; a
 * torn sector costs no more than itself.
 */
import { formatSize, sameBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { CircularBuffer, type CircularBufferOptions } from "../circular-buffer/circular-buffer.ts";
import type { LogDamage } from "../record-log.ts";
import { StoreTurns } from "../store-turns.ts";
import type { NamedSettings } from "./named-settings.ts";
import { hasRoomFor, type RingFill } from "./room.ts";
import {
  copiedPieces,
  decodeLine,
  encodeLine,
  nameText,
  savedPieces,
  SETTINGS_MAGIC,
  type SettingLine,
} from "./line.ts";

export { SETTINGS_MAGIC } from "./line.ts";

/** Configuration defaults of Zephyr's settings over FCB. */
const SETTINGS_VERSION = 1;
const SETTINGS_SCRATCH_SECTORS = 1;

/** One entry, where it stands. */
interface Line extends SettingLine {
  readonly text: string;
  readonly sector: number;
  readonly isUnconfirmed: boolean;
}

/** Options of the underlying buffer that differ from those of a Zephyr settings area. */
export type SettingsOptions = {
  readonly [Name in keyof CircularBufferOptions]?: CircularBufferOptions[Name] | undefined;
};

/**
 * A Zephyr settings area in FCB form: names and values; the last value of a name counts. `mount` opens one.
 *
 * Calls that change the flash run one after the other. They throw EIO if the flash did not take the data, and ENOSPC
 * if there is no room.
 */
export class SettingsStore implements NamedSettings {
  readonly #region: FlashRegion;
  readonly #options: CircularBufferOptions;
  readonly #turns: StoreTurns;
  #log: CircularBuffer;
  /** All lines that count, oldest first. */
  #lines: Line[];
  #damage: readonly LogDamage[];
  /** Whether the active sector holds nothing but copies that a cut compression left; it is erased before the next save. */
  #isCopy: boolean;

  private constructor(region: FlashRegion, options: CircularBufferOptions, loaded: Loaded, turns: StoreTurns) {
    this.#region = region;
    this.#options = options;
    this.#turns = turns;
    this.#log = loaded.log;
    this.#lines = [...loaded.lines];
    this.#damage = loaded.damage;
    this.#isCopy = loaded.isCopy;
  }

  /**
   * Opens an area; reads only, one pass. Throws EINVAL for options that make no sense, LAYOUT_MISMATCH for a region that
   * holds something else.
   *
   * Several may be open on an area to read; of those that write, one at a time: when another, or a job, has changed the
   * area since it was opened, every change throws EBUSY until it is opened again.
   */
  static async mount(region: FlashRegion, options: SettingsOptions = {}): Promise<SettingsStore> {
    const all: CircularBufferOptions = {
      ...options,
      sectorBytes: options.sectorBytes ?? region.eraseBytes,
      magic: options.magic ?? SETTINGS_MAGIC,
      version: options.version ?? SETTINGS_VERSION,
      alignBytes: options.alignBytes ?? 1,
      scratchSectors: options.scratchSectors ?? SETTINGS_SCRATCH_SECTORS,
      hasCrc: options.hasCrc ?? true,
    };
    if (all.scratchSectors < 1) {
      throw new NorbridgeError("EINVAL", "settings need a scratch sector for compression", {
        operation: "open settings",
      });
    }
    const turns = StoreTurns.on(region, "a settings area");
    return new SettingsStore(region, all, await load(region, all, turns), turns);
  }

  /** Whether nothing was ever written. */
  get isBlank(): boolean {
    return this.#log.isBlank;
  }

  /** As `CircularBuffer.foreignSectors`. */
  foreignSectors(): Promise<readonly number[]> {
    return this.#log.foreignSectors();
  }

  /** As `CircularBuffer.refuseUnlessOwn`, of the area as it is. */
  refuseUnlessOwn(operation: string): Promise<void> {
    return this.#log.refuseUnlessOwn([], operation);
  }

  /** Size of a sector, bytes. */
  get sectorBytes(): number {
    return this.#options.sectorBytes;
  }

  /** What is neither free nor a line: passed over. */
  get damage(): readonly LogDamage[] {
    return this.#damage;
  }

  /** Names that have a value, in the order in which they were last written. */
  names(): string[] {
    return this.#inForce().map(({ text }) => text);
  }

  /** The value in force, or undefined. */
  get(name: string): Uint8Array | undefined {
    const line = this.#lastOf(name);
    return line === undefined || line.value.length === 0 ? undefined : line.value.slice();
  }

  /** Whether a power cut could have left the line in force: only an 8-bit CRC that fits by chance may vouch for it. */
  isUnconfirmed(name: string): boolean {
    return this.#lastOf(name)?.isUnconfirmed ?? false;
  }

  /** As `get`, but of the last line that is not in doubt: what an earlier save left, where the last may have been cut. */
  getConfirmed(name: string): Uint8Array | undefined {
    const line = this.#lines.findLast(({ text, isUnconfirmed }) => text === name && !isUnconfirmed);
    return line === undefined || line.value.length === 0 ? undefined : line.value.slice();
  }

  /**
   * Saves a value; false if it is in force already, then nothing is written. Throws EINVAL for a name that cannot be one or
   * a line too long, ENOSPC if even compressing makes no room, EIO if the flash did not take it.
   */
  async set(name: string, value: Uint8Array): Promise<boolean> {
    checkName(name);
    // The caller may use his array again while this waits for its turn.
    const own = value.slice();
    return this.#turns.run("save setting", () => this.#set(name, own));
  }

  async #set(name: string, value: Uint8Array): Promise<boolean> {
    const last = this.#lastOf(name);
    if (last !== undefined && sameBytes(last.value, value)) return false;
    const line = { name: last?.name ?? new TextEncoder().encode(name), value, text: name };
    const pieces = savedPieces(line, this.#options.alignBytes);
    if (this.#isCopy) await this.#log.refuseUnlessOwn([], "save setting");
    await this.#dropCopies();
    this.#checkRoom(encodeLine(line).length, value.length === 0);
    for (let tries = 0; ; tries++) {
      try {
        await this.#append(line, pieces);
        return true;
      } catch (error) {
        if (!isFull(error) || tries >= this.#sectorCount - 1 || this.#log.isBlank) throw error;
        await this.#compress();
      }
    }
  }

  /** Saves an empty value, which means deleted. As on a device a name that never was gets a line, too. */
  delete(name: string): Promise<boolean> {
    return this.set(name, new Uint8Array());
  }

  /** Throws ENOSPC if even compressing makes no room; nothing was moved then. */
  #checkRoom(lineBytes: number, isDelete: boolean): void {
    const { sectorsInUse, state, room } = this.#log;
    const entryBytes = this.#log.entryBytes(lineBytes);
    const inForce = this.#inForce();
    if (entryBytes > room.activeBytes && !this.#log.isBlank) this.#log.refuseAssumedRing("save setting");
    const ring: RingFill = {
      sectorCount: this.#sectorCount,
      sectorRoomBytes: room.sectorBytes,
      activeRoomBytes: room.activeBytes,
      freeSectors: state.freeSectors,
      scratchSectors: this.#options.scratchSectors,
      inForceBytes: (sectorsInUse.length === 0 ? [0] : sectorsInUse).map((sector) =>
        inForce.filter((line) => line.sector === sector).map((line) => this.#log.entryBytes(encodeLine(line).length)),
      ),
    };
    if (hasRoomFor(entryBytes, ring)) return;
    const size = formatSize(lineBytes);
    if (entryBytes > room.sectorBytes) {
      const message = `a line of ${size} does not fit a sector of ${formatSize(this.#log.sectorBytes)}`;
      throw new NorbridgeError("ENOSPC", message, { operation: "save setting" });
    }
    throw new NorbridgeError(
      "ENOSPC",
      `the current settings leave no space for a line of ${size}, even after compression`,
      {
        operation: "save setting",
        hint: isDelete
          ? "Deleting needs space as well. Read all settings, erase the area, and write those that you need."
          : "Nothing was changed. Delete settings that you do not need.",
      },
    );
  }

  get #sectorCount(): number {
    return this.#log.ringSectors;
  }

  #lastOf(name: string): Line | undefined {
    return this.#lines.findLast(({ text }) => text === name);
  }

  #inForce(): readonly Line[] {
    return lastLines(this.#lines).filter(({ value }) => value.length > 0);
  }

  async #append(line: SettingLine & { readonly text: string }, pieces: readonly Uint8Array[]): Promise<void> {
    const { sector } = await this.#log.append(encodeLine(line), pieces);
    const { name, value, text } = line;
    this.#lines.push({ name, value, text, sector, isUnconfirmed: false });
  }

  /**
   * Makes room as a device does: what is in force in the oldest sector is copied into the scratch sector, then the oldest is
   * erased. Lines that say "deleted" are not copied: nothing older is left that they could delete.
   */
  async #compress(): Promise<void> {
    const { oldestSector, freeSectors } = this.#log.state;
    if (freeSectors > 0) await this.#log.appendToScratch();
    for (const line of this.#inForce()) {
      if (line.sector === oldestSector) await this.#append(line, copiedPieces(line, this.#options.alignBytes));
    }
    await this.#log.rotate();
    this.#lines = this.#lines.filter(({ sector }) => sector !== oldestSector);
  }

  /** A compression was cut before it erased its source: its copies go, the sources still stand. */
  async #dropCopies(): Promise<void> {
    if (!this.#isCopy) return;
    const { activeSector } = this.#log.state;
    this.#turns.changing();
    await this.#region.erase(activeSector * this.#options.sectorBytes, this.#options.sectorBytes);
    const loaded = await load(this.#region, this.#options, this.#turns);
    this.#log = loaded.log;
    this.#lines = [...loaded.lines];
    this.#damage = loaded.damage;
    this.#isCopy = loaded.isCopy;
  }
}

interface Loaded {
  readonly log: CircularBuffer;
  readonly lines: readonly Line[];
  readonly damage: readonly LogDamage[];
  readonly isCopy: boolean;
}

async function load(region: FlashRegion, options: CircularBufferOptions, turns: StoreTurns): Promise<Loaded> {
  const log = await CircularBuffer.mountWithin(region, options, turns);
  const lines: Line[] = [];
  const damage: LogDamage[] = [];
  for await (const item of log.records()) {
    if (item.kind === "damage") {
      damage.push(item);
      continue;
    }
    const line = decodeLine(item.data);
    if (line === undefined) continue;
    const text = nameText(line.name);
    // If a line is in doubt, a name that no program would choose is garbage that fits by chance.
    if (item.isUnconfirmed && !/^[\x20-\x7e]+$/.test(text)) continue;
    lines.push({ ...line, text, sector: item.sector, isUnconfirmed: item.isUnconfirmed });
  }
  const { activeSector, freeSectors, oldestSector } = log.state;
  const isFull = freeSectors === 0 && oldestSector !== activeSector;
  const before = lines.filter(({ sector }) => sector !== activeSector);
  const isCopy = isFull && areCopies(lines, before, activeSector);
  return { log, lines: isCopy ? before : lines, damage, isCopy };
}

/**
 * With a scratch sector kept free the ring is only full while a compression is under way, and then the active sector holds
 * copies and nothing else. If it holds anything else, it is not given up.
 */
function areCopies(lines: readonly Line[], before: readonly Line[], activeSector: number): boolean {
  const sources = new Map(lastLines(before).map((line) => [line.text, line.value]));
  return lines.every(({ sector, text, value }) => {
    const source = sources.get(text);
    return sector !== activeSector || (source !== undefined && sameBytes(source, value));
  });
}

/** The last line of each name, in the order of the flash. */
function lastLines(lines: readonly Line[]): readonly Line[] {
  const last = new Map<string, Line>(lines.map((line) => [line.text, line]));
  return lines.filter((line) => last.get(line.text) === line);
}

function isFull(error: unknown): boolean {
  return error instanceof NorbridgeError && error.code === "ENOSPC";
}

function checkName(name: string): void {
  if (name !== "" && !name.includes("=")) return;
  const message = name === "" ? "a setting needs a name" : 'the name of a setting must not contain "="';
  throw new NorbridgeError("EINVAL", message, { operation: "save setting" });
}
