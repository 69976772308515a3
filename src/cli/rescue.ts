/**
 * Bytes outside of the file that were read before an erase and could not be put back: the only copy is in memory. They
 * are saved beside the user, and the command that puts them back is said in full.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { printable, toHex } from "../bytes.ts";
import { shellWords } from "./shell-words.ts";

export interface RescuePiece {
  readonly address: number;
  readonly data: Uint8Array;
}

/** More names than this taken means somebody else makes them. */
const MAX_NUMBER = 1000;

/**
 * Saves every piece in `folder` and answers one sentence that says where, and what to type. Never overwrites a file;
 * never throws: a piece that cannot be saved is told as hex as far as that is sane.
 */
export function saveRescueFiles(
  folder: string,
  pieces: readonly RescuePiece[],
  connectionWords: readonly string[],
): string {
  const commands: string[] = [];
  const lost: string[] = [];
  for (const piece of pieces) {
    const address = `0x${piece.address.toString(16)}`;
    const saved = saveOne(folder, address, piece.data);
    if (saved.kind === "saved") {
      commands.push(shellWords(["norbridge", "write", saved.name, "--offset", address, ...connectionWords]));
    } else {
      lost.push(`${address} (${printable(saved.reason)}): ${toHex(piece.data.subarray(0, 64))}`);
    }
  }
  const sentences: string[] = [];
  if (commands.length > 0) {
    sentences.push(`Bytes outside of the file were saved here; put them back with: ${commands.join(" && ")}`);
  }
  if (lost.length > 0) sentences.push(`These could not be saved: ${lost.join("; ")}`);
  return sentences.join(" ");
}

type Saved = { readonly kind: "saved"; readonly name: string } | { readonly kind: "lost"; readonly reason: string };

function saveOne(folder: string, address: string, data: Uint8Array): Saved {
  for (let number = 1; number <= MAX_NUMBER; number++) {
    const name = `norbridge-rescue-${address}-${number}.bin`;
    try {
      writeFileSync(join(folder, name), data, { flag: "wx" });
      return { kind: "saved", name };
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!isTaken) return { kind: "lost", reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return { kind: "lost", reason: "every name is taken" };
}
