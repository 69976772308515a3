/** `norbridge resume [ID]`, `norbridge undo [ID]`, `norbridge jobs`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { fileOption, journalOption, textOption, unprotectFlag } from "../options/options.ts";

const imageOption = fileOption("image", "The image file, if it was moved", "input");
const discardOption = textOption("discard", "Delete the journal with this ID, and the bytes saved in it", "an ID", {
  placeholder: "ID",
  offers: "jobs",
});

export const resumeCommand: Command = {
  name: "resume",
  summary: "Resume an interrupted write or erase",
  positionals: ["[ID]"],
  offers: ["jobs"],
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
  summary: "Restore the bytes that a write or erase with --keep-old replaced",
  positionals: ["[ID]"],
  offers: ["jobs"],
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
  summary: "List interrupted jobs and jobs that can be undone",
  positionals: [],
  examples: ["norbridge jobs", "norbridge jobs --discard 3f2a9c01"],
  options: [journalOption, discardOption],
  connects: false,
  prepare(args) {
    const request = { folder: args.value(journalOption), discard: args.value(discardOption) };
    return async (session) => (await import("../actions/jobs.ts")).jobs(request, session);
  },
};
