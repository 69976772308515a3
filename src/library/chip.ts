/** A chip that a program has opened in Node.js: also with files. */
import { checkText } from "../checks.ts";
import { createImageWriter } from "../files/image-writer.ts";
import type { ReadReport } from "../jobs/read-flash.ts";
import { type ImageTarget, readIntoImage } from "../runner/read-into-image.ts";
import { ChipBase } from "./chip-base.ts";
import type { ReadToOptions } from "./chip-options.ts";
import { checkImageOptions } from "./image-input.ts";

/** An open chip, made by `openChip`. */
export class Chip extends ChipBase {
  /**
   * Reads a range into an image file, by default the whole chip. An older file is replaced when the new one is complete. If
   * repeated reads differ, the error is EIO, and what was read is in a file of this name with `.unsure` at its end.
   *
   * @throws NorbridgeError EINVAL, ERANGE; FILE_EXISTS if the file cannot be written; EIO, EBUSY, ECANCELED, link errors.
   */
  async readTo(file: string, options: ReadToOptions = {}): Promise<ReadReport> {
    checkText(file, "file", "read", 1);
    checkImageOptions(options, "read");
    const { format, base = 0 } = options;
    const range = this.session.range(options.range, "read");
    const fast = this.isFast(options);
    const { signal, onEvent } = options;
    const target: ImageTarget = { file, unsureFile: undefined };
    return this.session.run("read", options, { willChange: false, mayReconnect: true }, async ({ device, clock }) => {
      const writer = await createImageWriter(file, format, { baseAddress: base, range });
      const sink = (address: number, data: Uint8Array): Promise<void> => writer.write(address, data);
      const how = { range, fast, sink };
      return readIntoImage(device, writer, target, how, { clock, signal, onEvent });
    });
  }
}
