/**
 * Bytes outside of the file that were read before an erase and could not be put back: the only copy is in memory. They are
 * saved in the first folder that takes them, and the command that puts them back is said in full. Where none does, every byte
 * is printed.
 */
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { printable, toHex } from "../bytes.ts";
import { createAppendFile } from "../disk/append-file.ts";
import { systemErrorCode, systemReason } from "../disk/file-problem.ts";
import { makeFolder, removeFile } from "../disk/folder.ts";
import { quietly } from "../disk/quietly.ts";
import { journalFolder } from "../journal/journal-folder.ts";
import type { CliIo } from "./cli-io.ts";
import { shellWords } from "./shell-words.ts";

export interface RescuePiece {
  readonly address: number;
  readonly data: Uint8Array;
}

/** More names than this taken means somebody else makes them. */
const MAX_NUMBER = 1000;

/** Where rescued bytes may go, best place first: beside the user, our own state, home, temporary files. */
export function rescueFolders({ cwd, env }: Pick<CliIo, "cwd" | "env">): readonly string[] {
  return [cwd, dirname(journalFolder(env)), homedir(), tmpdir()];
}

/**
 * Saves every piece in the first of `folders` that takes it, and answers sentences that say where, and what to type; a file
 * beside the user is named without its folder. Never overwrites a file; never throws: a piece that no folder takes is told as
 * hex, all of it.
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
    sentences.push(`Bytes outside of the file were saved; put them back with: ${commands.join(" && ")}`);
  }
  if (lost.length > 0) {
    sentences.push(`No folder takes these bytes, here they are in hex, copy them: ${lost.join("; ")}`);
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
  return { kind: "lost", reason: "every name is taken" };
}

/** Whole and on the disk, or not at all. */
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
