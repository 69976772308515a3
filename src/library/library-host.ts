/** What jobs are given when a program runs them by the library in Node.js. */
import { resolve } from "node:path";
import { openImage, pathOfImage } from "../files/open-image.ts";
import { openImages } from "../files/open-images.ts";
import { folderShelf } from "../journal/folder-shelf.ts";
import type { JournalShelf } from "../journal/journal-shelf.ts";
import { newHash } from "../node-hashes.ts";
import type { ConnectionRequest } from "../runner/connection-request.ts";
import { connectDevice } from "../runner/connections/connect-device.ts";
import type { Connection } from "../runner/connections/connection.ts";
import type { RunHost } from "../runner/run-host.ts";
import type { ImageFiles } from "./image-input.ts";
import { ProgramHost } from "./program-host.ts";

/** Image files on the disk. */
export const IMAGE_FILES: ImageFiles = {
  pathOf: pathOfImage,
  async open(path, { base, ...how }) {
    const image = await openImage(path, { ...how, relocate: base });
    const named = { file: resolve(path), base, format: how.format };
    return { image, named, close: () => image.close() };
  },
  async openAll(files, options) {
    return (await openImages(files, options)).image;
  },
};

export class LibraryHost extends ProgramHost {
  override readonly newHash = newHash;
  readonly files = IMAGE_FILES;

  /** The port is always named by the program, never by the environment; the user's folders are. */
  get env(): RunHost["env"] {
    return { ...process.env, NORBRIDGE_PORT: undefined };
  }

  connect(request: ConnectionRequest, options: { readonly willChange: boolean }): Promise<Connection> {
    return connectDevice(this, request, options);
  }

  journals(folder: string | undefined): JournalShelf {
    return folderShelf(folder, this);
  }
}
