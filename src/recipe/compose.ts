/**
 * A unit's image: what its chip shall hold, made in memory by the code that writes chips. The same recipe, files,
 * serial and values give the same bytes, whenever and wherever: nothing here asks a clock or for chance.
 */
import type { ByteRange } from "../../drivers/geometry.ts";
import { printable, toHex } from "../bytes.ts";
import { throwIfAborted } from "../disk/or-canceled.ts";
import { NorbridgeError } from "../errors.ts";
import { type ImageSource, memoryImage } from "../files/image-source.ts";
import { newHash } from "../node-hashes.ts";
import type { CheckedRecipe } from "./load-recipe.ts";
import { MemoryChip } from "./memory-chip.ts";
import type { PlannedStep } from "./plan.ts";
import { openStoreStep } from "./store-steps.ts";
import { bytesOfContent, type UnitValues } from "./unit-values.ts";

/** The image of one unit. */
export interface ComposedUnit {
  /** All bytes that the chip shall hold; the rest of the chip is not of the image. */
  readonly image: ImageSource;
  /**
   * SHA-256 of the image, 64 hex digits: for each segment its address and its length, each as 8 bytes with the highest
   * first, and its bytes.
   */
  readonly sha256: string;
}

/**
 * Makes the image of a unit.
 *
 * @throws NorbridgeError EINVAL for a value that does not fit its place; ENOSPC, EINVAL or LAYOUT_MISMATCH of a store
 * that cannot hold what the recipe sets, with the step; ECANCELED.
 */
export async function composeUnit(
  checked: CheckedRecipe,
  values: UnitValues,
  signal?: AbortSignal,
): Promise<ComposedUnit> {
  const chip = new MemoryChip(checked.geometry);
  for (const step of checked.steps) {
    throwIfAborted(signal, "composing the image");
    await inStep(checked, step, () => applyStep(chip, checked, step, values));
  }
  const parts = chip.segments.map((range) => ({ address: range.address, data: chip.bytes(range) }));
  const name = `unit ${printable(values.serial)}`;
  return { image: memoryImage(name, parts), sha256: hashOfParts(parts) };
}

async function applyStep(
  chip: MemoryChip,
  checked: CheckedRecipe,
  step: PlannedStep,
  values: UnitValues,
): Promise<void> {
  switch (step.kind) {
    case "image": {
      const image = checked.images.get(step.step);
      if (image !== undefined) await chip.load(image);
      return;
    }
    case "patch":
      chip.put(
        step.range.address,
        padded(bytesOfContent(checked, step.value.content, values), step.range, step.padByte),
      );
      return;
    case "settings":
    case "safe":
    case "log": {
      const store = await openStoreStep(chip.device, step);
      await store.fill((content) => bytesOfContent(checked, content, values));
      chip.claim(step.range);
    }
  }
}

function padded(bytes: Uint8Array, { lengthBytes }: ByteRange, padByte: number | undefined): Uint8Array {
  if (bytes.length === lengthBytes) return bytes;
  const isLong = bytes.length > lengthBytes;
  if (isLong || padByte === undefined) {
    const more = isLong ? `there is room for ${lengthBytes}` : `the place has ${lengthBytes}, and no pad is specified`;
    throw new NorbridgeError("EINVAL", `the value has ${bytes.length} bytes, and ${more}`, { operation: "compose" });
  }
  const filled = new Uint8Array(lengthBytes).fill(padByte);
  filled.set(bytes);
  return filled;
}

/** An error of a step says which. */
async function inStep<T>({ recipe }: CheckedRecipe, step: PlannedStep, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof NorbridgeError) || error.code === "ECANCELED" || error.code === "BUG") throw error;
    const { line, column, file } = recipe.complain(step.step.path, "");
    const where = `${printable(file)}:${line}:${column}: step ${Number(step.step.path[1]) + 1} (${step.kind})`;
    const { code, message, operation, range, advice: hint } = error;
    throw new NorbridgeError(code, `${where}: ${message}`, { operation, range, hint, cause: error });
  }
}

function hashOfParts(parts: readonly { readonly address: number; readonly data: Uint8Array }[]): string {
  const hash = newHash("sha256");
  for (const { address, data } of parts) {
    const head = new DataView(new ArrayBuffer(16));
    head.setBigUint64(0, BigInt(address));
    head.setBigUint64(8, BigInt(data.length));
    hash.update(new Uint8Array(head.buffer));
    hash.update(data);
  }
  return toHex(hash.digest());
}
