/**
 * One setting as it stands in an entry: `name`, `=`, value, all as they are. The name ends at the first `=`; an empty value
 * means deleted. Pure. Source: zephyr `subsys/settings/src/settings_line.c` 8d5147cb, `settings_fcb.c` 6cc298b1.
 */
import { concatBytes } from "../../bytes.ts";

/** Magic of the sectors of a settings area in FCB form, as Zephyr and Mynewt have it by default. */
export const SETTINGS_MAGIC = 0xc0ffeeee;

const EQUALS = 0x3d;
/** Devices copy lines through a buffer of this size; it decides how they cut their programs. */
const BLOCK_BYTES = 16;

export interface SettingLine {
  readonly name: Uint8Array;
  /** Empty: deleted. */
  readonly value: Uint8Array;
}

/** Reads an entry; undefined for one without `=`, which devices pass over. */
export function decodeLine(entry: Uint8Array): SettingLine | undefined {
  const end = entry.indexOf(EQUALS);
  return end < 0 ? undefined : { name: entry.slice(0, end), value: entry.slice(end + 1) };
}

/** The bytes of an entry. */
export function encodeLine({ name, value }: SettingLine): Uint8Array {
  return concatBytes([name, Uint8Array.of(EQUALS), value]);
}

/**
 * A line cut into the programs that a device makes when it saves: the whole write blocks of the name, then what is left of
 * it with the value in blocks of 16 bytes, the last padded with 00.
 */
export function savedPieces(line: SettingLine, alignBytes: number): readonly Uint8Array[] {
  const aligned = line.name.length - (line.name.length % alignBytes);
  return [line.name.subarray(0, aligned), ...blocksOf(encodeLine(line).subarray(aligned), alignBytes)];
}

/** A line cut into the programs that a device makes when it copies; the padding is ours, devices forget it. */
export function copiedPieces(line: SettingLine, alignBytes: number): readonly Uint8Array[] {
  return blocksOf(encodeLine(line), alignBytes);
}

function blocksOf(bytes: Uint8Array, alignBytes: number): readonly Uint8Array[] {
  const blockBytes = Math.max(BLOCK_BYTES, alignBytes);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    const padded = new Uint8Array(Math.ceil(block.length / alignBytes) * alignBytes);
    padded.set(block);
    blocks.push(padded);
  }
  return blocks;
}

/** A name as text: UTF-8 where it is, else byte by byte, so that every name has one text. */
export function nameText(name: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(name);
  } catch {
    return String.fromCharCode(...name);
  }
}
