/** The options of commands that keep or use a store of extractions. */
import { fileAt } from "../values/file-at.ts";
import { type Arguments, usageError, type ValueOption } from "../arguments/option.ts";
import { fileOption, sizeOption } from "./options.ts";

export const storeOption = fileOption("store", "Folder that `extract` has made", "state", "a folder", {
  placeholder: "FOLDER",
});
export const newStoreOption: typeof storeOption = {
  ...storeOption,
  describe: "Folder for dumps and records; it is made if it is not there",
};

export const structsOption = fileOption(
  "struct",
  "JSON file that describes the fields of a record. FILE@ADDRESS is for the log at this address. Can be given more than once",
  "input",
);

export const tsdbRecordSizeOption = sizeOption(
  "record-size",
  "Length of all records of a FlashDB TSDB, if it is not on the flash",
);

/** A serial, a product: one line of text. */
export function nameOption(name: string, describe: string): ValueOption<string> {
  return {
    kind: "value",
    name,
    placeholder: "TEXT",
    describe,
    accepts: "text of 1 to 200 characters, without control characters",
    read: (text) => (/^[^\p{C}]{1,200}$/u.test(text) && text.trim() === text ? text : undefined),
  };
}

export const serialOption = nameOption("serial", "Serial number of the unit");
export const productOption = nameOption("product", "Product that the unit is");

/** Struct files of a command line, not read yet. */
export interface StructWords {
  readonly general: string | undefined;
  readonly byAddress: ReadonlyMap<number, string>;
}

/** Throws USAGE if two are for the same logs. */
export function readStructWords(args: Arguments): StructWords {
  let general: string | undefined;
  const byAddress = new Map<number, string>();
  for (const word of args.values(structsOption)) {
    const { file, place } = fileAt(word);
    if (place === undefined ? general !== undefined : byAddress.has(place)) {
      const which = place === undefined ? "for all logs" : "for the same address";
      throw usageError(`--struct is given twice ${which}`, "FILE@ADDRESS is for the log at this address only.");
    }
    if (place === undefined) general = file;
    else byAddress.set(place, file);
  }
  return { general, byAddress };
}
