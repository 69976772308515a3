/** A store of extractions that must be there. */
import { fileInvalid } from "../../disk/file-problem.ts";
import { ExtractionStore } from "../../extract/extraction-store.ts";
import type { StoreState } from "../../extract/store-state.ts";
import type { Outcome } from "../program/outcome.ts";
import { packageVersion } from "../program/package-version.ts";

/** Throws FILE_INVALID if there is no store. */
export function openStore(folder: string): ExtractionStore {
  const store = new ExtractionStore(folder, `norbridge ${packageVersion()}`);
  if (store.index.isThere) return store;
  throw fileInvalid(folder, "holds no store of extractions", {
    hint: "Check --store. `norbridge extract` makes a store.",
  });
}

/** The outcome if the store holds nothing of what was asked for. */
export function noExtraction({ extractions }: StoreState): Outcome {
  return {
    kind: "no",
    message: `none of the ${extractions.size} extractions in the store is of this selection`,
    hint: "Omit --serial, --product and --extracted-since, or correct them.",
    fields: { extractions: 0 },
  };
}
