/**
 * Raw binary: the bytes and nothing else. Where they belong is not in the file, so the caller says it.
 *
 *   offset  length
 *   0       all      byte at address `baseAddress + offset`
 *
 *   vector: `01 02 03` with base 0x1000 has 01 at 0x1000, 02 at 0x1001, 03 at 0x1002
 */
import { formatAddress, formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import type { ImageEncoder } from "./image-encoder.ts";
import { collectPieces, type DecodedImage } from "./segment-builder.ts";

/** What 32-bit addresses reach: no flash holds more. */
const MAX_BYTES = 2 ** 32;

/** One segment from `baseAddress` on. Throws FILE_INVALID for an empty file, and for one that no flash holds. */
export function decodeBin(file: ByteSource, baseAddress = 0): DecodedImage {
  if (file.lengthBytes === 0) throw fileInvalid(file.name, "the file is empty");
  if (file.lengthBytes > MAX_BYTES) {
    throw fileInvalid(file.name, `the file is larger than any flash chip: ${formatSize(file.lengthBytes)}`);
  }
  if (!Number.isSafeInteger(baseAddress + file.lengthBytes)) {
    throw fileInvalid(file.name, `does not fit after address ${formatAddress(baseAddress)}`);
  }
  const origin = { name: file.name, describe: () => "the file" };
  const pieces = collectPieces(origin, (add) => add(baseAddress, 0, file.lengthBytes, 0));
  return { pieces, bytes: file, notes: [] };
}

/** Writes bytes as they come. A raw file has no holes, so a gap between two calls is EINVAL. */
export function binEncoder(): ImageEncoder {
  let nextAddress: number | undefined;
  return {
    data(address, bytes) {
      if (nextAddress !== undefined && address !== nextAddress) {
        throw new NorbridgeError("EINVAL", `a raw file cannot leave out the bytes before ${formatAddress(address)}`, {
          operation: "write image",
          hint: "Use the format hex or srec to keep the gap.",
        });
      }
      nextAddress = address + bytes.length;
      return bytes;
    },
    end: () => new Uint8Array(0),
  };
}
