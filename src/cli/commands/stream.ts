/** `norbridge stream FILE`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { backendOption } from "../options/key-value-options.ts";
import { readJournalRequest, streamJournalOptions } from "../options/journal-request.ts";
import { type ValueOption, usageError } from "../arguments/option.ts";
import {
  choiceOption,
  fileOption,
  flagOption,
  inputFormatOption,
  readRange,
  sizeOption,
  textOption,
  unprotectFlag,
} from "../options/options.ts";
import { overwriteOption } from "../options/layout-options.ts";
import { rangeOptions, readClosedRange } from "../options/range-options.ts";
import type { ByteRange } from "../../../drivers/geometry.ts";

const bufferSizeOption = sizeOption("buffer-size", "Buffer of the stream: bytes per program operation", {
  byDefault: "512",
});
const writeBlockOption = sizeOption("write-block", "Write block of the device", { byDefault: "1" });
const erasePageOption = sizeOption(
  "erase-page",
  "Erase the page that contains this offset of the range first, such as the trailer of a boot loader",
  { placeholder: "OFFSET" },
);
const keyOption = textOption(
  "progress-key",
  "Save the progress in the chip's settings under this name, so that norbridge or the device can resume",
  "the name of a setting, such as dfu/progress",
);
const settingsRangeOption: ValueOption<ByteRange> = {
  kind: "value",
  name: "settings-range",
  placeholder: "START,LENGTH",
  describe: "Range of the settings area, with --progress-key",
  accepts: "START,LENGTH, such as 0x7c000,16k",
  read: readRange,
};
const progressFileOption = fileOption("progress-file", "Save the progress in this file instead", "state");
const sizeTOption = choiceOption(
  "size-t",
  "Size of the device's size_t in the saved progress, in bytes",
  ["4", "8"] as const,
  {
    placeholder: "BYTES",
    byDefault: "4",
  },
);
const restartFlag = flagOption("restart", "Start from the beginning, whatever progress was saved");

export const streamCommand: Command = {
  name: "stream",
  summary: "Write a file as Zephyr's Stream Flash does. It can resume where it or the device stopped",
  positionals: ["FILE"],
  file: "input",
  examples: [
    "norbridge stream app.bin --range 0x20000,128k --progress-file app.progress",
    "norbridge stream app.bin --range 0x20000,128k --progress-key dfu/progress --settings-range 0x7c000,16k",
  ],
  options: [
    ...rangeOptions,
    inputFormatOption,
    bufferSizeOption,
    writeBlockOption,
    erasePageOption,
    keyOption,
    settingsRangeOption,
    backendOption,
    sizeTOption,
    progressFileOption,
    restartFlag,
    overwriteOption,
    unprotectFlag,
    ...streamJournalOptions,
  ],
  connects: true,
  prepare(args) {
    const key = args.value(keyOption);
    const settingsRange = args.value(settingsRangeOption);
    const progressFile = args.value(progressFileOption);
    if ((key === undefined) !== (settingsRange === undefined)) {
      throw usageError(
        "--progress-key and --settings-range must be used together",
        "The range is that of the settings area.",
      );
    }
    if (key !== undefined && progressFile !== undefined) {
      throw usageError("--progress-key and --progress-file cannot be used together");
    }
    const request = {
      connection: readConnection(args),
      file: args.positional(0),
      format: args.value(inputFormatOption),
      range: readClosedRange(args),
      bufferBytes: args.value(bufferSizeOption) ?? 512,
      writeBlockBytes: args.value(writeBlockOption) ?? 1,
      erasePage: args.value(erasePageOption),
      settings:
        key === undefined || settingsRange === undefined
          ? undefined
          : {
              key,
              range: settingsRange,
              sizeTBytes: args.value(sizeTOption) === "8" ? (8 as const) : (4 as const),
              backend: args.value(backendOption) ?? "auto",
            },
      progressFile,
      isRestart: args.flag(restartFlag),
      overwrite: args.values(overwriteOption),
      journal: { ...readJournalRequest(args), keepsOld: false },
    };
    return async (session) => (await import("../actions/stream.ts")).stream(request, session);
  },
};
