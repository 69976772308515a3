/** The options that describe an NVS or ZMS: shared by kv, settings and stream. */
import type { KeyValueHints } from "../../storage/open-key-values.ts";
import { alignOption, sectorSizeOption } from "./layout-options.ts";
import type { Arguments, ValueOption } from "../arguments/option.ts";
import { choiceOption, flagOption, sizeOption } from "./options.ts";

const AS_RECOGNISED = { byDefault: "as recognised" };

/** Options of bare stores; commands that know FCB as well have their own, with the same names. */
export const storeSectorSizeOption = sizeOption("sector-size", "Size of a sector", AS_RECOGNISED);
export const storeAlignOption: ValueOption<number> = {
  ...alignOption,
  describe: "Write block of the device",
  ...AS_RECOGNISED,
};
export const dataCrcFlag = flagOption(
  "data-crc",
  "NVS, ZMS: the device keeps a CRC-32 of each item (NVS_DATA_CRC, ZMS_DATA_CRC)",
);
export const backendOption = choiceOption(
  "backend",
  "Form of Zephyr's settings",
  ["auto", "fcb", "nvs", "zms"] as const,
  { byDefault: "auto" },
);

/** What was specified; a flag that is not given is left to recognition. */
export function readKeyValueHints(args: Arguments): KeyValueHints {
  return {
    sectorBytes: args.value(sectorSizeOption),
    alignBytes: args.value(alignOption),
    hasDataCrc: args.flag(dataCrcFlag) ? true : undefined,
  };
}
