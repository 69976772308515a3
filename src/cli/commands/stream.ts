/** `norbridge stream FILE`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { readJournalRequest, streamJournalOptions } from "../journal-request.ts";
import { type ValueOption, usageError } from "../option.ts";
import {
  choiceOption,
  fileOption,
  flagOption,
  rangeOption,
  readRange,
  sizeOption,
  textOption,
  unprotectFlag,
} from "../options.ts";
import type { ByteRange } from "../../../drivers/geometry.ts";

const bufferSizeOption = sizeOption("buffer-size", "Buffer of the stream: bytes in one program [default: 512]");
const writeBlockOption = sizeOption("write-block", "Write block of the device [default: 1]");
const keyOption = textOption(
  "progress-key",
  "Keep the progress in the chip's settings under this name, for norbridge or the device to go on",
  "the name of a setting, such as dfu/progress",
);
const settingsRangeOption: ValueOption<ByteRange> = {
  kind: "value",
  name: "settings-range",
  describe: "Where the settings are, with --progress-key",
  accepts: "START,LENGTH, such as 0x7c000,16k",
  read: readRange,
};
const progressFileOption = fileOption("progress-file", "Keep the progress in this file instead", "state");
const sizeTOption = choiceOption("size-t", "Bytes of the device's size_t in the stored progress [default: 4]", [
  "4",
  "8",
] as const);
const restartFlag = flagOption("restart", "Begin anew, whatever progress was kept");

export const streamCommand: Command = {
  name: "stream",
  summary: "Write a file as Zephyr's Stream Flash does; can go on where it or the device stopped",
  positionals: ["FILE"],
  file: "input",
  examples: [
    "norbridge stream app.bin --range 0x20000,128k --progress-file app.progress",
    "norbridge stream app.bin --range 0x20000,128k --progress-key dfu/progress --settings-range 0x7c000,16k",
  ],
  options: [
    rangeOption,
    bufferSizeOption,
    writeBlockOption,
    keyOption,
    settingsRangeOption,
    sizeTOption,
    progressFileOption,
    restartFlag,
    unprotectFlag,
    ...streamJournalOptions,
  ],
  connects: true,
  prepare(args) {
    const key = args.value(keyOption);
    const settingsRange = args.value(settingsRangeOption);
    const progressFile = args.value(progressFileOption);
    if ((key === undefined) !== (settingsRange === undefined)) {
      throw usageError("--progress-key and --settings-range go together", "The range says where the settings are.");
    }
    if (key !== undefined && progressFile !== undefined) {
      throw usageError("--progress-key and --progress-file do not go together");
    }
    const request = {
      connection: readConnection(args),
      file: args.positional(0),
      range: args.value(rangeOption),
      bufferBytes: args.value(bufferSizeOption) ?? 512,
      writeBlockBytes: args.value(writeBlockOption) ?? 1,
      settings:
        key === undefined || settingsRange === undefined
          ? undefined
          : { key, range: settingsRange, sizeTBytes: args.value(sizeTOption) === "8" ? (8 as const) : (4 as const) },
      progressFile,
      isRestart: args.flag(restartFlag),
      journal: { ...readJournalRequest(args), keepsOld: false },
    };
    return async (session) => (await import("../actions/stream.ts")).stream(request, session);
  },
};
