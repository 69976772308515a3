/** `norbridge resume [ID]`, `norbridge undo [ID]`, `norbridge jobs`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { fileOption, journalOption, textOption, unprotectFlag } from "../options.ts";

const imageOption = fileOption("image", "The image, where it lies elsewhere now", "input");
const discardOption = textOption("discard", "Remove the journal of this ID, and the bytes it holds", "an ID");

export const resumeCommand: Command = {
  name: "resume",
  summary: "Go on with a write or erase that was killed, unplugged or cut off, and put back what it held",
  positionals: ["[ID]"],
  examples: ["norbridge resume", "norbridge resume 3f2a9c01 --port /dev/ttyACM1"],
  options: [journalOption, imageOption, unprotectFlag],
  connects: true,
  isOfThisMachine: true,
  prepare(args) {
    const request = {
      id: args.positional(0),
      connection: readConnection(args),
      folder: args.value(journalOption),
      imageFile: args.value(imageOption),
    };
    return async (session) => (await import("../actions/resume.ts")).resume(request, session);
  },
};

export const undoCommand: Command = {
  name: "undo",
  summary: "Put back what a write or erase with --keep-old has replaced",
  positionals: ["[ID]"],
  examples: ["norbridge undo", "norbridge undo 3f2a9c01"],
  options: [journalOption, unprotectFlag],
  connects: true,
  isOfThisMachine: true,
  prepare(args) {
    const request = {
      id: args.positional(0),
      connection: readConnection(args),
      folder: args.value(journalOption),
    };
    return async (session) => (await import("../actions/resume.ts")).undo(request, session);
  },
};

export const jobsCommand: Command = {
  name: "jobs",
  summary: "List the journals of jobs that never ended, or can be undone",
  positionals: [],
  examples: ["norbridge jobs", "norbridge jobs --discard 3f2a9c01"],
  options: [journalOption, discardOption],
  connects: false,
  prepare(args) {
    const request = { folder: args.value(journalOption), discard: args.value(discardOption) };
    return async (session) => (await import("../actions/jobs.ts")).jobs(request, session);
  },
};
