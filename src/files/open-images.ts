/** Opens the image files of one job on the disk. */
import { combineImages, type CombineOptions, type OpenedImages, type PlacedFile } from "./combine-images.ts";
import { openImage, type OpenImageOptions } from "./open-image.ts";

export type { OpenedImages, PlacedFile } from "./combine-images.ts";

/** What is taken of the files. */
export interface OpenImagesOptions extends CombineOptions, Pick<OpenImageOptions, "signal" | "standardInput"> {}

/**
 * Opens all files.
 *
 * @throws NorbridgeError as `combineImages`; ECANCELED.
 */
export function openImages(files: readonly PlacedFile[], options: OpenImagesOptions): Promise<OpenedImages> {
  const { signal, standardInput } = options;
  return combineImages(files, options, (file, how) => openImage(file, { ...how, signal, standardInput }));
}
