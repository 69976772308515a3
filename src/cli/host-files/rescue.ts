/**
 * Bytes outside the file that were read before an erase and could not be restored: the only copy is in memory. They are saved
 * in the first folder that accepts them, and the complete command that restores them is reported. If no folder accepts them,
 * every byte is printed.
 */
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { printable, toHex } from "../../bytes.ts";
import { createAppendFile } from "../../disk/append-file.ts";
import { systemErrorCode, systemReason } from "../../disk/file-problem.ts";
import { makeFolder, removeFile } from "../../disk/folder.ts";
import { quietly } from "../../disk/quietly.ts";
import { journalFolder } from "../../journal/journal-folder.ts";
import type { CliIo } from "../program/cli-io.ts";
import { shellWords } from "../output/shell-words.ts";

export interface RescuePiece {
  readonly address: number;
  readonly data: Uint8Array;
}

/** If more names than this are in use, another program creates them. */
const MAX_NUMBER = 1000;

/** Folders for rescued bytes, the best first: working folder, state folder, home folder, temporary files. */
export function rescueFolders({ cwd, env }: Pick<CliIo, "cwd" | "env">): readonly string[] {
  return [cwd, dirname(journalFolder(env)), homedir(), tmpdir()];
}

/**
 * Saves every piece in the first of `folders` that accepts it. Returns sentences with the place and the command to type; a
 * file in the working folder is named without its folder. Never overwrites a file and never throws: a piece that no folder
 * accepts is returned as hex, completely.
 */
export function saveRescueFiles(
  folders: readonly string[],
  pieces: readonly RescuePiece[],
  connectionWords: readonly string[],
): string {
  const commands: string[] = [];
  const lost: string[] = [];
  for (const piece of pieces) {
    const address = `0x${piece.address.toString(16)}`;
    const saved = saveSomewhere(folders, address, piece.data);
    if (saved.kind === "saved") {
      commands.push(shellWords(["norbridge", "write", saved.name, "--offset", address, ...connectionWords]));
    } else {
      lost.push(`${address} (${saved.reason}): ${toHex(piece.data)}`);
    }
  }
  const sentences: string[] = [];
  if (commands.length > 0) {
    sentences.push(`Bytes outside the file were saved. Restore them with: ${commands.join(" && ")}`);
  }
  if (lost.length > 0) {
    sentences.push(`These bytes could not be saved in any folder. Copy them, in hex: ${lost.join("; ")}`);
  }
  return sentences.join(" ");
}

type Saved = { readonly kind: "saved"; readonly name: string } | { readonly kind: "lost"; readonly reason: string };

function saveSomewhere(folders: readonly string[], address: string, data: Uint8Array): Saved {
  const reasons: string[] = [];
  for (const [index, folder] of folders.entries()) {
    const saved = saveOne(folder, address, data);
    if (saved.kind === "saved") return index === 0 ? saved : { kind: "saved", name: join(resolve(folder), saved.name) };
    reasons.push(`${printable(folder)}: ${saved.reason}`);
  }
  return { kind: "lost", reason: reasons.join(", ") };
}

function saveOne(folder: string, address: string, data: Uint8Array): Saved {
  try {
    makeFolder(folder);
  } catch (error) {
    return { kind: "lost", reason: systemReason(error) };
  }
  for (let number = 1; number <= MAX_NUMBER; number++) {
    const name = `norbridge-rescue-${address}-${number}.bin`;
    try {
      writeNew(join(folder, name), data);
      return { kind: "saved", name };
    } catch (error) {
      if (systemErrorCode(error) !== "EEXIST") return { kind: "lost", reason: systemReason(error) };
    }
  }
  return { kind: "lost", reason: "all file names are in use" };
}

/** Complete and on the disk, or not at all. */
function writeNew(path: string, data: Uint8Array): void {
  const file = createAppendFile(path);
  try {
    file.append(data, true);
    file.close();
  } catch (error) {
    quietly(() => {
      removeFile(path);
    });
    throw error;
  }
}
