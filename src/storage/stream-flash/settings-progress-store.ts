/**
 * Progress in a Zephyr settings area, under the name a device uses: the bare number as its `size_t`, little-endian, so that a
 * device can continue where the host stopped, and the reverse. The image's identity stands beside it under NAME/image, which a
 * device leaves alone: it loads the exact name only.
 */
import { advice } from "../../advice.ts";
import { fromHex, toHex } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { NamedSettings } from "../settings/named-settings.ts";
import type { ImageIdentity, ProgressStore, SavedProgress } from "./progress-store.ts";

const HASH_BYTES = 32;

/** `sizeTBytes`: 4 on 32-bit devices, 8 on 64-bit ones. */
export function settingsProgressStore(settings: NamedSettings, name: string, sizeTBytes: 4 | 8): ProgressStore {
  const imageName = `${name}/image`;
  const confirmed = (one: string): Uint8Array | undefined =>
    settings.getConfirmed === undefined ? settings.get(one) : settings.getConfirmed(one);
  return {
    load() {
      // A save that was cut may look like a number; the one before it is not more than what is there.
      const value = confirmed(name);
      if (value === undefined) return Promise.resolve(undefined);
      const bytesWritten = decodeNumber(value, name);
      const image = decodeImage(confirmed(imageName));
      return Promise.resolve(image === undefined ? { bytesWritten } : { bytesWritten, image });
    },
    async save({ bytesWritten, image }: SavedProgress) {
      // The identity first: a number without it could be mistaken for a device's own.
      if (image !== undefined) await settings.set(imageName, encodeImage(image));
      await settings.set(name, encodeNumber(bytesWritten, sizeTBytes));
    },
    async clear() {
      for (const one of [name, imageName]) if (settings.get(one) !== undefined) await settings.delete(one);
    },
  };
}

function encodeNumber(value: number, sizeTBytes: 4 | 8): Uint8Array {
  const bytes = new Uint8Array(sizeTBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, value % 2 ** 32, true);
  if (sizeTBytes === 8) view.setUint32(4, Math.floor(value / 2 ** 32), true);
  return bytes;
}

/** A device takes what fills its size_t; a shorter value is refused there as well. */
function decodeNumber(bytes: Uint8Array, name: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return view.getUint32(0, true);
  if (bytes.length === 8) return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  throw new NorbridgeError(
    "LAYOUT_MISMATCH",
    `the setting ${name} holds ${bytes.length} bytes, but a progress has 4 or 8`,
    {
      operation: "load progress",
      hint: advice("Specify the setting in which the device keeps its progress, or start again.", "restart-stream"),
    },
  );
}

function encodeImage({ lengthBytes, sha256 }: ImageIdentity): Uint8Array {
  const bytes = new Uint8Array(4 + HASH_BYTES);
  new DataView(bytes.buffer).setUint32(0, lengthBytes, true);
  bytes.set((fromHex(sha256) ?? new Uint8Array()).subarray(0, HASH_BYTES), 4);
  return bytes;
}

function decodeImage(bytes: Uint8Array | undefined): ImageIdentity | undefined {
  if (bytes?.length !== 4 + HASH_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { lengthBytes: view.getUint32(0, true), sha256: toHex(bytes.subarray(4)) };
}
